"""Stage 6, squeeze out the juice; then the test score, once.

The best settings are trained again on cross-validation folds, so that every row is learnt from by
most members and judged by the others. A greedy selection over out-of-fold predictions weighs them, a
temperature or residual quantiles make their sureness honest. The test rows then give one score,
beside every baseline's on the same rows.
"""

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
    best = _distinct(context.ranked)
    plan = context.folder.decide("plan/squeeze", lambda: _plan(context, best[:MOST_SETTINGS]))
    groups: list[Group] = []
    for number, trial in enumerate(best[:MOST_SETTINGS] if plan["folds"] else ()):
        # The time left is looked at before each of the settings, and what follows is written down.
        may = partial(_has_time, context, plan, list(groups), trial)
        if groups and not context.folder.decide(f"plan/squeeze/{number}", may):
            break
        folds = Part(kind="fold", of=plan["folds"])
        group = _train_on_folds(context, _longer(context, trial, plan), number, folds)
        groups += [group] if all(member.is_usable for member in group) else []
    # No time, or rows that must not be rotated: what the search has trained is weighed as it is.
    groups = groups or [(trial,) for trial in best[: 3 * MOST_SETTINGS]]
    return _weigh(context.problem, groups, _predictions(context, groups))


def refit(context: Context, ensemble: Ensemble) -> Ensemble | None:
    """The same settings and weights, with the test rows among those learnt from; None for no time."""
    used = [(g, w) for g, w in zip(ensemble.groups, ensemble.weights, strict=True) if w]
    folds = context.folder.decide("plan/refit", lambda: _refit_folds(context, [g for g, _ in used]))
    if not folds:
        return None
    groups = tuple(
        _train_on_folds(context, _settings(group[0]), number, Part(kind="all", of=len(group)), most=folds)
        for number, (group, _) in enumerate(used)
    )
    if not all(member.is_usable for group in groups for member in group):
        return None
    return replace(ensemble, groups=groups, weights=tuple(weight for _, weight in used))


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


def _has_time(context: Context, plan: dict[str, Any], groups: list[Group], trial: Trial) -> bool:
    """Whether another of the settings fits, the refit of all included."""
    each = trial.seconds * _rows_ratio(context.problem) * plan["longer"] * plan["folds"]
    done = sum(member.seconds for group in groups for member in group)
    needed = 2 * each + done if _wants_refit(context) else each
    return needed <= _time_left(context)


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


def _distinct(ranked: list[Trial]) -> list[Trial]:
    """The best trial of each setting, best first."""
    seen: dict[str, Trial] = {}
    for trial in ranked:
        seen.setdefault(repr((trial.spec.net, trial.spec.fit)), trial)
    return list(seen.values())


def _settings(trial: Trial) -> Candidate:
    return Candidate(net=trial.spec.net, fit=trial.spec.fit)


def _longer(context: Context, trial: Trial, plan: dict[str, Any]) -> Candidate:
    epochs = round(trial.spec.fit.epochs * plan["longer"])
    changes = {"fit.epochs": epochs, "fit.patience": max(8, epochs // 3)}
    return _settings(trial).but(context.allowed(changes))


def _train_on_folds(
    context: Context, candidate: Candidate, number: int, part: Part, *, most: int | None = None
) -> Group:
    """The settings trained on each fold of ``part``, or on the first ``most`` of them."""
    stage = "squeeze" if part.kind == "fold" else "refit"
    return tuple(
        context.trial(
            f"{stage}-{number}-{fold}",
            stage,
            candidate,
            seed=1000 * (number + 1) + fold + context.config.recipe.seed,
            part=msgspec.structs.replace(part, number=fold),
        )
        for fold in range(most or part.of)
    )


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
