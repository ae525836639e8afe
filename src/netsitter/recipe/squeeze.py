"""Stage 6, squeeze out the juice; then the test score, once.

The best settings are trained again on cross-validation folds, so that every row is learnt from by
most members and judged by the others. A greedy selection over out-of-fold predictions weighs them, a
temperature or residual quantiles make their sureness honest. The test rows then give one score,
beside every baseline's on the same rows.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import msgspec
import numpy as np

from netsitter.recipe.context import Candidate, Context
from netsitter.recipe.ensemble import (
    apply_temperature,
    find_temperature,
    residual_quantiles,
    select_greedily,
)
from netsitter.recipe.model import Member, Model, on_scale, save_model
from netsitter.recipe.problem import Part, Problem
from netsitter.recipe.trial import Spec, Trial, load_network_of, load_raw
from netsitter.tables.schema import Task

MOST_SETTINGS = 16
"""Different settings in the ensemble at most; the gain of more is small (Caruana et al. 2004)."""
CONSIDERED = 48
"""Trials of the search among which they are chosen."""
LONGER = 1.5
"""How many times the epochs of the search, when there is time."""
RESERVE = 0.9
"""Share of the time left that is planned for, after what the baselines will take once more."""
FIRST_SHARE = 0.5
"""Of that, what the first settings may take by an estimate that nothing has confirmed yet."""
SHORT_OF_TIME = 3
"""Folds when there is no time for all."""


Group = tuple[Trial, ...]
"""Trials of the same settings, one for each fold."""


@dataclass(frozen=True, kw_only=True)
class Ensemble:
    """Chosen settings with their weights, and what makes their sureness honest."""

    groups: tuple[Group, ...]
    weights: tuple[float, ...]
    temperature: float
    interval: tuple[float, float] | None
    score: float
    """The primary metric on the rows that chose it."""


def squeeze(context: Context) -> Ensemble:
    """Train the best few longer, on folds where the rows allow it, and weigh them."""
    best = _promising(context)
    plan = context.folder.decide("plan/squeeze", lambda: _plan(context, best[:MOST_SETTINGS]))
    groups: list[Group] = []
    tried = 0
    for number in itertools.count():
        # The time left is looked at before each batch of settings, and what follows is written down.
        rest = best[tried:MOST_SETTINGS]
        planned = sum(trial.seconds for trial in best[:tried])
        may = partial(_affordable, context, plan, list(groups), rest, planned)
        more = context.folder.decide(f"plan/squeeze/{number}", may)
        if not more:
            break
        candidates = [_longer(context, trial, plan) for trial in rest[:more]]
        folds = Part(kind="fold", of=plan["folds"])
        trained = _train_on_folds(context, candidates, tried, folds, most=plan["folds"])
        groups += [group for group in trained if all(member.is_usable for member in group)]
        tried += more
    # No time, or rows that must not be rotated: what the search has trained is weighed as it is.
    groups = groups or [(trial,) for trial in best[: 3 * MOST_SETTINGS]]
    return _weigh(context.problem, groups, _predictions(context, groups))


def refit(context: Context, ensemble: Ensemble) -> Ensemble | None:
    """The same settings and weights, with the test rows among those learnt from; None for no time."""
    used = [(g, w) for g, w in zip(ensemble.groups, ensemble.weights, strict=True) if w]
    folds = context.folder.decide("plan/refit", lambda: _refit_folds(context, [g for g, _ in used]))
    if not folds:
        return None
    parts = Part(kind="all", of=len(used[0][0]))
    groups = _train_on_folds(context, [_settings(group[0]) for group, _ in used], 0, parts, most=folds)
    if not all(member.is_usable for group in groups for member in group):
        return None
    return replace(ensemble, groups=tuple(groups), weights=tuple(weight for _, weight in used))


def _plan(context: Context, best: list[Trial]) -> dict[str, Any]:
    """Into how many folds, and how much longer than in the search."""
    if not context.problem.may_rotate:
        return {"folds": 0, "longer": 1.0}
    each = _mean_seconds(best) * _rows_ratio(context.problem)
    runs = (2 if _wants_refit(context) else 1) * each
    affordable = _time_left(context) / runs
    folds = next((n for n in (context.config.recipe.folds, SHORT_OF_TIME) if affordable >= n), 0)
    is_ample = affordable >= LONGER * 4 * folds
    return {"folds": folds, "longer": LONGER if is_ample else 1.0}


def _affordable(
    context: Context, plan: dict[str, Any], groups: list[Group], rest: list[Trial], before: float
) -> int:
    """How many of the ``rest`` of the settings fit into the time left, the refit of all included.

    ``before``: seconds that the search took for the settings that make up ``groups``.
    """
    if not plan["folds"]:
        return 0
    done = sum(member.seconds for group in groups for member in group)
    times = 2 if _wants_refit(context) else 1
    left = _time_left(context) - (done if _wants_refit(context) else 0.0)
    ratio = _rows_ratio(context.problem) * plan["longer"] * plan["folds"]
    if groups:  # what was trained tells how far the estimate is off
        ratio *= done / max(before * ratio, 1e-6)
    needed = times * ratio * np.cumsum([trial.seconds for trial in rest])
    affordable = int(np.sum(needed <= (left if groups else FIRST_SHARE * left)))
    return max(affordable, 0 if groups else 1) if rest else 0


def _refit_folds(context: Context, groups: list[Group]) -> int:
    """How many folds of every group fit into the time left; a single one would be no ensemble."""
    if not _wants_refit(context) or len(groups[0]) < 2:
        return 0
    one_of_each = sum(_mean_seconds(group) for group in groups) * _refit_ratio(context.problem)
    affordable = int(RESERVE * context.remaining / max(one_of_each, 1e-3))
    return min(affordable, len(groups[0])) if affordable >= 2 else 0


def _time_left(context: Context) -> float:
    return RESERVE * (context.remaining - 2 * context.folder.seconds_of("baselines"))


def _wants_refit(context: Context) -> bool:
    return context.config.recipe.refit and context.problem.may_refit


def _mean_seconds(trials: Iterable[Trial]) -> float:
    return float(np.mean([trial.seconds for trial in trials]))


def _refit_ratio(problem: Problem) -> float:
    """How many more rows the refit learns from than the folds before it."""
    split = problem.split
    return 1 + len(split.test) / (len(split.train) + len(split.validation))


def _rows_ratio(problem: Problem) -> float:
    """How many more rows a fold learns from than the search did."""
    split = problem.split
    return (len(split.train) + len(split.validation)) * 0.8 / len(split.train)


def _promising(context: Context) -> list[Trial]:
    """One trial of each setting: first those that a greedy selection on the hold-out rows picks, by their
    weight (they are good together), then the others by their score."""
    distinct: dict[str, Trial] = {}
    for trial in context.ranked:
        distinct.setdefault(repr((trial.spec.net, trial.spec.fit)), trial)
    ranked = list(distinct.values())
    considered = ranked[:CONSIDERED]
    gathered = _predictions(context, [(trial,) for trial in considered])
    target = context.problem.target[gathered[0][0]]
    weights = select_greedily(context.problem.metric, [p for _, p in gathered], target)
    order = np.argsort(-weights, kind="stable")
    return [considered[i] for i in order] + ranked[CONSIDERED:]


def _settings(trial: Trial) -> Candidate:
    return Candidate(net=trial.spec.net, fit=trial.spec.fit)


def _longer(context: Context, trial: Trial, plan: dict[str, Any]) -> Candidate:
    epochs = round(trial.spec.fit.epochs * plan["longer"])
    changes = {"fit.epochs": epochs, "fit.patience": max(8, epochs // 3)}
    return _settings(trial).but(context.allowed(changes))


def _train_on_folds(
    context: Context, candidates: Sequence[Candidate], first: int, part: Part, *, most: int
) -> list[Group]:
    """Every one of the settings on the first ``most`` folds of ``part``, all of them together."""
    stage = "squeeze" if part.kind == "fold" else "refit"
    specs = [
        Spec(
            name=f"{stage}-{number}-{fold}",
            stage=stage,
            net=candidate.net,
            fit=candidate.fit,
            seed=1000 * (number + 1) + fold + context.config.recipe.seed,
            part=msgspec.structs.replace(part, number=fold),
        )
        for number, candidate in enumerate(candidates, first)
        for fold in range(most)
    ]
    trials = context.run(specs)
    return [tuple(trials[start : start + most]) for start in range(0, len(trials), most)]


def _predictions(context: Context, groups: Sequence[Group]) -> list[tuple[np.ndarray, np.ndarray]]:
    """(rows, out-of-sample predictions) of each group."""
    gathered = []
    for group in groups:
        rows, parts = [], []
        for trial in group:
            fold = context.problem.fold(trial.spec.part, trial.spec.fit)
            objective = context.problem.objective(fold, trial.spec.fit)
            parts.append(objective.predict(load_raw(context.folder, trial)))
            rows.append(fold.validation_index)
        gathered.append((np.concatenate(rows), np.concatenate(parts)))
    return gathered


def _weigh(
    problem: Problem, groups: Sequence[Group], gathered: list[tuple[np.ndarray, np.ndarray]]
) -> Ensemble:
    rows = gathered[0][0]
    target = problem.target[rows]
    weights = select_greedily(problem.metric, [prediction for _, prediction in gathered], target)
    mean = np.tensordot(weights, np.stack([prediction for _, prediction in gathered]), axes=1)
    temperature, interval = 1.0, None
    if problem.task is Task.REGRESSION:
        scale = problem.target_encoder
        interval = residual_quantiles(on_scale(scale, target) - on_scale(scale, mean))
    else:
        temperature = find_temperature(mean, target)
        mean = apply_temperature(mean, temperature)
    return Ensemble(
        groups=tuple(groups),
        weights=tuple(float(weight) for weight in weights),
        temperature=temperature,
        interval=interval,
        score=problem.score(mean, target),
    )


def build_model(context: Context, ensemble: Ensemble) -> Model:
    """The ensemble as a model that needs neither the table nor the run."""
    problem = context.problem
    members = []
    for group, weight in zip(ensemble.groups, ensemble.weights, strict=True):
        if not weight:
            continue
        for trial in group:
            fold = problem.fold(trial.spec.part, trial.spec.fit)
            loss, settings = problem.loss_of(fold, trial.spec.fit)
            members.append(
                Member(
                    weight=weight / len(group),
                    net=load_network_of(context.folder, problem, trial),
                    encoder=fold.encoder,
                    target_encoder=fold.target_encoder,
                    loss=loss,
                    loss_settings=settings,
                )
            )
    return Model(
        schema=problem.schema,
        classes=problem.classes,
        members=tuple(members),
        temperature=ensemble.temperature,
        interval=ensemble.interval,
        scale=problem.target_encoder if ensemble.interval else None,
    )


def single(context: Context, trial: Trial) -> Ensemble:
    """One network of the search, weighed alone: what an interrupted recipe leaves behind."""
    groups = ((trial,),)
    return _weigh(context.problem, groups, _predictions(context, groups))


def save_best(context: Context) -> bool:
    """Write the best network so far as the run's model; False if there is none yet."""
    if context.best is None:
        return False
    save_model(build_model(context, single(context, context.best)), context.folder.path / "model")
    return True
