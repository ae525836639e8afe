"""Stage 6, squeeze out the juice; then the test score, once.

The best settings are trained again on cross-validation folds, so that every row is learnt from by
most members and judged by the others. A greedy selection over out-of-fold predictions weighs them, a
temperature or residual quantiles make their sureness honest. The test rows then give one score,
beside every baseline's on the same rows.
"""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec
import numpy as np

from netsitter.recipe.assemble import Ensemble, Group, predictions, weigh
from netsitter.recipe.context import Candidate, Context
from netsitter.recipe.ensemble import select_greedily
from netsitter.recipe.problem import Part, Problem
from netsitter.recipe.trial import Spec, Trial
from netsitter.recipe.verdict import VIEWS, seconds_left

MOST_SETTINGS = 16
"""Different settings in the ensemble at most; the gain of more is small (Caruana et al. 2004)."""
CONSIDERED = 48
"""Trials of the search among which they are chosen."""
LONGEST = 3.0
"""How many times the epochs of the search at most, for settings that were still getting better."""
STILL_BETTER = 0.6
"""Share of its epochs after which a training's best must have come for it to be worth going on longer."""
ENOUGH_SETTINGS = 1.5
"""Trainings are made longer while so many settings still fit: one that was cut off is no good member."""
RESERVE = 0.9
"""Share of the time left that is planned for, after what the test will take."""
FIRST_SHARE = 0.5
"""Of that, what the first settings may take by an estimate that nothing has confirmed yet."""


def squeeze(context: Context) -> Ensemble:
    """Train the best few longer, on folds where the rows allow it, and weigh them."""
    best = _promising(context)
    plan = context.folder.decide("plan/squeeze", lambda: _plan(context, best))
    trained: dict[int, Group] = {}
    longer: dict[int, float] = {}
    for number in itertools.count():
        # The time left is looked at before each batch of settings, and what follows is written down.
        may = partial(_affordable, context, plan, best, trained, longer)
        more = context.folder.decide(f"plan/squeeze/{number}", may)
        if not more:
            break
        longer |= {one["setting"]: one["longer"] for one in more}
        candidates = [_longer(context, best[one["setting"]], one["longer"]) for one in more]
        folds = Part(kind="fold", of=plan["folds"])
        groups = _train_on_folds(context, candidates, len(trained), folds, most=plan["folds"])
        trained |= {one["setting"]: group for one, group in zip(more, groups, strict=True)}
    groups = [group for group in trained.values() if all(member.is_usable for member in group)]
    # No time, or rows that must not be rotated: what the search has trained is weighed as it is.
    groups = groups or [(trial,) for trial in context.ranked[:CONSIDERED]]
    return weigh(context.problem, groups, predictions(context, groups))


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


def longest_training(context: Context, tuning: float) -> float:
    """Seconds that a training of the search may take for ``ENOUGH_SETTINGS`` like it to fit here afterwards.

    ``tuning`` seconds are the search's. Only to be called inside ``decide``.
    """
    if not context.problem.may_rotate:
        return context.budget
    left = max(_time_left(context) - RESERVE * tuning, 0.0)
    return left / (ENOUGH_SETTINGS * context.config.recipe.folds * _runs(context))


def _runs(context: Context) -> float:
    """How many trainings of the search a training on a fold costs, its refit included."""
    return (1 + _wants_refit(context)) * _rows_ratio(context.problem)


def _plan(context: Context, best: list[Trial]) -> dict[str, Any]:
    """Into how many folds, and how much longer than in the search."""
    if not context.problem.may_rotate:
        return {"folds": 0, "longer": 1.0}
    runs = _runs(context) * _mean_seconds(best)
    affordable = _time_left(context) / runs
    # No fewer folds than asked for: few settings on a part of the rows are worse than many of the search.
    folds = context.config.recipe.folds if affordable >= context.config.recipe.folds else 0
    longer = affordable / (ENOUGH_SETTINGS * folds) if folds else 1.0
    return {"folds": folds, "longer": round(float(np.clip(longer, 1.0, LONGEST)), 2)}


def _affordable(
    context: Context,
    plan: dict[str, Any],
    best: list[Trial],
    trained: Mapping[int, Group],
    longer: Mapping[int, float],
) -> list[dict[str, float]]:
    """Which ``setting``s of the ``best`` come next, and how many times ``longer`` than in the search.

    As many as fit into the time left, the refit of all included; where one does not fit at the length that
    was planned, but would at a smaller one, at that.
    """
    if not plan["folds"]:
        return []
    times, again = _rows_ratio(context.problem) * plan["folds"], 1 + _wants_refit(context)
    guessed = [max(times * trial.seconds, 1e-6) for trial in best]
    taken = {i: sum(member.seconds for member in group) for i, group in trained.items()}
    known = {best[i].spec.name: (taken[i], longer[i]) for i in trained}
    # What was trained tells how far the guesses are off: the farthest of them, since time must not run out.
    # Too long a guess tells nothing of the others: that network was trained alone before.
    off = max([1.0, *(seconds / (guessed[i] * longer[i]) for i, seconds in taken.items())])
    left = _time_left(context) - (again - 1) * sum(taken.values())
    if not trained:
        # The best at least as in the search, even if nothing else fits.
        left = max(FIRST_SHARE * left, min(again * guessed[0], left))
    chosen: list[dict[str, float]] = []
    for index, trial in enumerate(best):
        if index in trained:
            continue
        one, wanted = off * guessed[index], _times_longer(trial, plan)
        seconds, wanted = known.get(trial.spec.name, (one * wanted, wanted))
        if seconds > left / again and trial.spec.name not in known:
            wanted = math.floor(100 * left / again / one) / 100
            seconds = one * wanted
        if wanted >= 1 and again * seconds <= left:
            chosen.append({"setting": index, "longer": wanted})
            left -= again * seconds
    return chosen if chosen or trained else [{"setting": 0, "longer": 1.0}]


def _refit_folds(context: Context, groups: list[Group]) -> int:
    """How many folds of every group fit into the time left; a single one would be no ensemble."""
    if not _wants_refit(context) or len(groups[0]) < 2:
        return 0
    one_of_each = sum(_mean_seconds(group) for group in groups) * _refit_ratio(context.problem)
    affordable = int(RESERVE * (context.remaining - VIEWS) / max(one_of_each, 1e-3))
    return min(affordable, len(groups[0])) if affordable >= 2 else 0


def _time_left(context: Context) -> float:
    return RESERVE * seconds_left(context)


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
    """The settings to train on folds, ``MOST_SETTINGS`` of them.

    Those that a greedy selection on the hold-out rows picks, because they are good together, by their
    weight; then they again, with other seeds.
    """
    distinct: dict[str, Trial] = {}
    ranked = context.ranked
    for trial in [t for t in ranked if t.stage != "overfit"] or ranked:
        distinct.setdefault(repr((trial.spec.net, trial.spec.fit)), trial)
    considered = list(distinct.values())[:CONSIDERED]
    gathered = predictions(context, [(trial,) for trial in considered])
    target = context.problem.target[gathered[0][0]]
    weights = select_greedily(context.problem.metric, [p for _, p in gathered], target)
    picked = [considered[i] for i in np.argsort(-weights, kind="stable") if weights[i]]
    return list(itertools.islice(itertools.cycle(picked), MOST_SETTINGS))


def _settings(trial: Trial) -> Candidate:
    return Candidate(net=trial.spec.net, fit=trial.spec.fit)


def _longer(context: Context, trial: Trial, times: float) -> Candidate:
    return _settings(trial).but(context.epochs(round(trial.spec.fit.epochs * times)))


def _times_longer(trial: Trial, plan: dict[str, Any]) -> float:
    """How many times its epochs a training of the search is given: those that overfitted get no more."""
    return plan["longer"] if trial.best_epoch + 1 >= STILL_BETTER * trial.epochs else 1.0


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
