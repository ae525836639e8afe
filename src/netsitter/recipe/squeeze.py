"""Stage 6, squeeze out the juice; then the test score, once.

The best settings are trained again on cross-validation folds, so that every row is learnt from by
most members and judged by the others. A greedy selection over out-of-fold predictions weighs them, a
temperature or residual quantiles make their sureness honest. The test rows then give one score,
beside every baseline's on the same rows.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from netsitter.recipe.context import Candidate, Context
from netsitter.recipe.ensemble import (
    apply_temperature,
    find_temperature,
    residual_quantiles,
    select_greedily,
)
from netsitter.recipe.model import Member, Model, on_scale, save_model
from netsitter.recipe.problem import Part, PartKind, Problem
from netsitter.recipe.trial import Trial, load_network_of, load_raw
from netsitter.tables.schema import Task

MOST_SETTINGS = 8
"""Different settings in the ensemble at most; the gain of more is small (Caruana et al. 2004)."""
LONGER = 1.5
"""How many times the epochs of the search, when there is time."""
RESERVE = 0.95
"""Share of the time left that is planned for, after what the baselines will take once more."""
SHORT_OF_TIME = 3
"""Folds when there is no time for all."""


@dataclass(frozen=True, kw_only=True)
class Ensemble:
    """Chosen settings with their weights, and what makes their sureness honest."""

    groups: tuple[tuple[Trial, ...], ...]
    """Trials of the same settings, one for each fold."""
    weights: tuple[float, ...]
    temperature: float
    interval: tuple[float, float] | None
    score: float
    """The primary metric on the rows that chose it."""


def squeeze(context: Context) -> Ensemble:
    """Train the best few longer, on folds where the rows allow it, and weigh them."""
    plan = context.folder.decide("plan/squeeze", lambda: _plan(context))
    chosen = _distinct(context.ranked)[: max(plan["settings"], 1)]
    if plan["folds"]:
        groups = _train_on_folds(context, chosen, plan, kind="fold", stage="squeeze")
    else:
        # No time, or rows that must not be rotated: what the search has trained is weighed as it is.
        groups = tuple((trial,) for trial in _distinct(context.ranked)[: 3 * MOST_SETTINGS])
    return _weigh(context.problem, groups, _predictions(context, groups))


def refit(context: Context, ensemble: Ensemble) -> Ensemble | None:
    """The same ensemble with the test rows among the rows it learns from; None if not to be had."""
    plan = context.folder.decide("plan/squeeze", lambda: _plan(context))
    if not plan["refit"] or not plan["folds"]:
        return None
    used = [group[0] for group, weight in zip(ensemble.groups, ensemble.weights, strict=True) if weight]
    groups = _train_on_folds(context, used, plan, kind="all", stage="refit")
    weights = tuple(weight for weight in ensemble.weights if weight)
    return Ensemble(
        groups=groups,
        weights=weights,
        temperature=ensemble.temperature,
        interval=ensemble.interval,
        score=ensemble.score,
    )


def _plan(context: Context) -> dict[str, Any]:
    """How many settings and folds the time left allows, and whether the refit still fits."""
    best = _distinct(context.ranked)[:MOST_SETTINGS]
    seconds = RESERVE * (context.remaining - 2 * context.folder.seconds_of("baselines"))
    each = float(np.mean([trial.seconds * _rows_ratio(context.problem) for trial in best]))
    wants_refit = context.config.recipe.refit and context.problem.may_refit
    folds = context.config.recipe.folds if context.problem.may_rotate else 0
    while folds:
        for refits in (True, False) if wants_refit else (False,):
            affordable = seconds / (each * folds * (2 if refits else 1))
            if affordable >= 1:
                longer = LONGER if affordable >= LONGER * 4 else 1.0
                settings = int(min(affordable / longer, len(best)))
                return {"settings": settings, "folds": folds, "longer": longer, "refit": refits}
        folds = SHORT_OF_TIME if folds > SHORT_OF_TIME else 0
    return {"settings": len(best), "folds": 0, "longer": 1.0, "refit": False}


def _rows_ratio(problem: Problem) -> float:
    """How many more rows a fold learns from than the search did."""
    split = problem.split
    return (len(split.train) + len(split.validation)) * 0.8 / len(split.train)


def _distinct(ranked: list[Trial]) -> list[Trial]:
    """The best trial of each setting, best first."""
    seen: dict[str, Trial] = {}
    for trial in ranked:
        seen.setdefault(repr((trial.spec.net, trial.spec.fit)), trial)
    return list(seen.values())


def _train_on_folds(
    context: Context, chosen: list[Trial], plan: dict[str, Any], *, kind: PartKind, stage: str
) -> tuple[tuple[Trial, ...], ...]:
    groups = []
    for number, trial in enumerate(chosen):
        candidate = Candidate(net=trial.spec.net, fit=trial.spec.fit)
        if stage == "squeeze":
            epochs = round(trial.spec.fit.epochs * plan["longer"])
            candidate = candidate.but(
                context.allowed({"fit.epochs": epochs, "fit.patience": max(8, epochs // 3)})
            )
        group = tuple(
            context.trial(
                f"{stage}-{number}-{fold}",
                stage,
                candidate,
                seed=1000 * (number + 1) + fold + context.config.recipe.seed,
                part=Part(kind=kind, number=fold, of=plan["folds"]),
            )
            for fold in range(plan["folds"])
        )
        if all(member.is_usable for member in group):
            groups.append(group)
    return tuple(groups)


def _predictions(
    context: Context, groups: tuple[tuple[Trial, ...], ...]
) -> list[tuple[np.ndarray, np.ndarray]]:
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
    problem: Problem, groups: tuple[tuple[Trial, ...], ...], gathered: list[tuple[np.ndarray, np.ndarray]]
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
        groups=groups,
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
