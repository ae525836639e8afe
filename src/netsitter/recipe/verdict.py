"""The test score, once, beside every baseline on the same rows, and what it means in plain words."""

import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from netsitter.recipe.baselines import baselines_for, predict_baselines
from netsitter.recipe.context import Context
from netsitter.recipe.model import Model
from netsitter.recipe.pictures import Shuffled, affordable_rows, pictures, to_shuffle
from netsitter.recipe.problem import Problem
from netsitter.recipe.score import bootstrap, difference
from netsitter.tables.schema import Task

IMPORTANCE = 0.04
"""Share of the budget for asking which columns the model uses."""
VIEWS = 0.4
"""Seconds at the end for the model's files and the pages, which hardly depend on the table."""


def test_once(context: Context, model: Model) -> dict[str, Any]:
    """Score the model and every baseline on the test rows. The only place where they are scored."""
    problem = context.problem
    rows = problem.split.test
    time_for_it = IMPORTANCE * context.budget
    affordable = context.folder.decide("plan/shuffled", lambda: affordable_rows(model, problem, time_for_it))
    # Where time is short, of the columns that tell most alone.
    telling = [name for name, _ in context.folder.run.facts["data"]["alone"]]
    shuffled = to_shuffle(problem, telling, affordable)

    def measure() -> dict[str, Any]:
        prediction = model.predict_scores(problem.frame.iloc[rows])
        known = np.concatenate([problem.split.train, problem.split.validation])
        return score_on_test(problem, prediction, predict_baselines(context, known, rows), model, shuffled)

    return context.folder.once("test", measure)


def seconds_left(context: Context) -> float:
    """For trainings: what is left when the test and the pages have had theirs. Only inside ``decide``."""
    test = context.folder.decide("plan/test", lambda: _seconds_for_test(context))
    return max(context.remaining - test - VIEWS, 0.0)


def _seconds_for_test(context: Context) -> float:
    """What ``test_once`` will take: as the baselines before, and the resampling of as many other rows."""
    problem, split = context.problem, context.problem.split
    known = (len(split.train) + len(split.validation)) / len(split.train)
    rows = np.resize(split.validation, len(split.test))
    target = problem.target[rows]
    names = baselines_for(problem.task)
    (dumb, *_) = names.values()
    started = time.monotonic()
    bootstrap(problem.task, dumb(problem, rows, target, rows), target, seed=0)
    # Of the network and of each baseline, and of its distance to each.
    resampling = (1 + 2 * len(names)) * (time.monotonic() - started)
    return known * context.folder.seconds_of("baselines") + resampling + IMPORTANCE * context.budget


def score_on_test(
    problem: Problem,
    prediction: np.ndarray,
    others: Mapping[str, np.ndarray],
    model: Model,
    shuffled: Shuffled,
) -> dict[str, Any]:
    """Scores with intervals, the paired gain over each baseline, the verdict, and what plots need."""
    target, seed = problem.target[problem.split.test], problem.config.recipe.seed
    gains = {n: difference(problem.metric, prediction, p, target, seed=seed) for n, p in others.items()}
    result: dict[str, Any] = {
        "test": bootstrap(problem.task, prediction, target, seed=seed),
        "baselines": {n: bootstrap(problem.task, p, target, seed=seed) for n, p in others.items()},
        "gains": gains,
        "verdict": verdict(problem, gains),
        "predictions": pictures(problem, model, prediction, shuffled),
    }
    if problem.task is Task.REGRESSION:
        lower, upper = model.bounds(prediction)
        result["coverage"] = float(np.mean((target >= lower) & (target <= upper)))
    return result


def verdict(problem: Problem, gains: Mapping[str, Mapping[str, float]]) -> str:
    """Better than the dumb baseline, the linear model, the trees? By more than chance?"""
    dumb = next(iter(baselines_for(problem.task)))
    parts = [_compare(name, gains[name], problem.metric) for name in (dumb, "linear", "boosted trees")]
    text = "On the test rows the network is " + "; ".join(parts) + "."
    if gains[dumb]["low"] <= 0:
        return text + " It is no better than a constant answer: do not use it."
    rivals = {name: gain for name, gain in gains.items() if gain["high"] < 0}
    if rivals:
        best = min(rivals, key=lambda name: rivals[name]["value"])
        return text + f" Use the {best} baseline instead, or give the network more time or data."
    return text


def _compare(name: str, gain: Mapping[str, float], metric: str) -> str:
    size = f"{metric} by {abs(gain['value']):.4g}, 95 % interval {gain['low']:.4g} to {gain['high']:.4g}"
    if gain["low"] > 0:
        return f"better than the {name} baseline ({size})"
    if gain["high"] < 0:
        return f"worse than the {name} baseline ({size})"
    return f"not to be told apart from the {name} baseline ({size})"


def is_worthless(result: Mapping[str, Any], task: Task) -> bool:
    """Whether the network is no better than the dumb baseline by more than chance."""
    return result["gains"][next(iter(baselines_for(task)))]["low"] <= 0
