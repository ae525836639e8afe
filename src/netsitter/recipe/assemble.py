"""From trained networks to one model: their predictions weighed, their sureness made honest."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netsitter.recipe.context import Context
from netsitter.recipe.ensemble import (
    apply_temperature,
    find_temperature,
    residual_quantiles,
    select_greedily,
)
from netsitter.recipe.model import Member, Model, on_scale, save_model
from netsitter.recipe.problem import Problem
from netsitter.recipe.trial import Trial, load_network_of, load_raw
from netsitter.tables.schema import Task

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


def predictions(context: Context, groups: Sequence[Group]) -> list[tuple[np.ndarray, np.ndarray]]:
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


def weigh(
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
    return weigh(context.problem, groups, predictions(context, groups))


def save_best(context: Context) -> bool:
    """Write the best network so far as the run's model; False if there is none yet."""
    if context.best is None:
        return False
    save_model(build_model(context, single(context, context.best)), context.folder.path / "model")
    return True
