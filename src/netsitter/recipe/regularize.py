"""Stage 4, regularise: give some training loss back for validation loss.

One change at a time from the network that overfits; what helps by itself is then combined.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from netsitter.recipe.amend import amend
from netsitter.recipe.context import Candidate, Context
from netsitter.recipe.speed import seconds_per_epoch
from netsitter.recipe.trial import Spec, Trial
from netsitter.tables.schema import Task

SHARE = 0.15
"""Of the time left."""
LONGEST, SHORTEST = 200, 10
"""Epochs."""
STEPS = 300
"""Fewer of them tell what learns fast, not what generalises: time that is short goes into fewer changes."""
TOGETHER = 1.5
"""How many times cheaper a network is among the few that are trained with it than alone, at least."""

PLAIN = "numbers as they are"
PLAIN_SIZE = {"net.width": 128, "net.depth": 3}
"""At least: without embeddings the layers have to find what those hand to them."""
MOST_TIMES = 4.0
"""How many times the epochs numbers as they are get at most, for as long as they cost less time."""

CHANGES: dict[str, dict[str, Any]] = {
    PLAIN: {"net.numeric_embedding": "none"},
    "batch norm": {"net.norm": "batch-before"},
    "dropout 0.1": {"net.dropout": 0.1},
    "weight decay 1": {"fit.weight_decay": 1.0},
    "weight averaging": {"fit.averaging": 0.995},
    "dropout 0.3": {"net.dropout": 0.3},
    "weight decay 0.1": {"fit.weight_decay": 0.1},
    "label smoothing 0.05": {"fit.label_smoothing": 0.05},
    "periodic numbers": {"net.numeric_embedding": "periodic", "net.frequency_scale": 0.3},
}
"""What each trial changes, the last given up first when time is short. Embeddings of numbers (Gorishniy
et al. 2022) are here because they change what a network generalises to, not what it can fit; to do without
comes first, as it costs least and on some tables (pixels, say) halves the loss."""
FEWEST = 4
"""Changes that are tried however little time there is."""


def regularize(context: Context, overfitted: Candidate) -> Candidate:
    """Choose what holds the network back, on validation rows."""
    possible = _changes(context, overfitted)
    plan = context.folder.decide("plan/regularize", lambda: _plan(context, overfitted, possible))
    changes = dict(list(possible.items())[: plan["changes"]])
    base = overfitted.but(context.epochs(plan["epochs"]))
    if PLAIN in changes:
        changes[PLAIN] |= context.epochs(round(plan["epochs"] * plan["times"]))
    seed = context.config.recipe.seed
    tried = {"early stopping": base, **{name: base.but(change) for name, change in changes.items()}}
    plain, *others = context.run([_spec(name, candidate, seed) for name, candidate in tried.items()])
    trials = dict(zip(changes, others, strict=True))
    helpful = {name: trial for name, trial in trials.items() if _is_better(trial, plain)}
    chosen = min([plain, *helpful.values()], key=_score)
    if len(helpful) > 1:
        combined = base
        for name in sorted(helpful, key=lambda name: -_score(helpful[name])):
            combined = combined.but(changes[name])
        (trial,) = context.run([_spec("combined", combined, seed)])
        chosen = min(chosen, trial, key=_score)
    best, found = amend(context, "regularize", chosen, _score, keep=("fit.epochs", "fit.patience"))
    candidate = Candidate(net=best.spec.net, fit=best.spec.fit)
    context.record("regularize", {"score": best.score or np.nan, "plain": plain.score or np.nan})
    context.conclude(
        "regularize",
        _story(context, plain, chosen, trials, helpful) + found,
        {"chosen": best.spec.name, "helped": sorted(helpful)},
    )
    return candidate


def _spec(name: str, candidate: Candidate, seed: int) -> Spec:
    name = f"regularize-{name.replace(' ', '-')}"
    return Spec(name=name, stage="regularize", net=candidate.net, fit=candidate.fit, seed=seed)


def _changes(context: Context, start: Candidate) -> dict[str, dict[str, Any]]:
    """The changes that apply here: to a class target or not, and to nothing the user pinned."""
    changes = CHANGES | {"half the width": {"net.width": max(8, start.net.width // 2)}}
    if context.problem.task is Task.REGRESSION:
        del changes["label smoothing 0.05"]
    if not any(context.problem.fold().encoder.is_continuous):
        changes = {name: change for name, change in changes.items() if "net.numeric_embedding" not in change}
    if PLAIN in changes:
        sizes = {key: max(least, getattr(start.net, key[4:])) for key, least in PLAIN_SIZE.items()}
        changes[PLAIN] = changes[PLAIN] | context.allowed(sizes)
    return {
        name: change
        for name, change in changes.items()
        if context.allowed(change) == change and start.but(change) != start
    }


def _plan(context: Context, candidate: Candidate, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Epochs of each trial, how many changes can be tried at no fewer than the shortest, and for numbers as
    they are how many ``times`` the epochs take no longer."""
    possible, seconds = len(changes), seconds_per_epoch(context.problem, candidate)
    affordable = SHARE * context.remaining * TOGETHER / seconds
    batches = max(1, round(len(context.problem.split.train) / candidate.fit.batch_size))
    shortest = float(np.clip(STEPS / batches, SHORTEST, LONGEST))
    tried = int(np.clip(affordable / shortest - 2, min(FEWEST, possible), possible))
    times = 1.0
    if PLAIN in changes:
        times = seconds / seconds_per_epoch(context.problem, candidate.but(changes[PLAIN]))
    return {
        "epochs": int(np.clip(affordable / (tried + 2), SHORTEST, LONGEST)),
        "changes": tried,
        "times": round(float(np.clip(times, 1.0, MOST_TIMES)), 2),
    }


def _score(trial: Trial) -> float:
    return trial.score if trial.score is not None else float("inf")


def _is_better(trial: Trial, plain: Trial) -> bool:
    return _score(trial) < _score(plain)


def _story(
    context: Context, plain: Trial, chosen: Trial, trials: dict[str, Trial], helpful: dict[str, Trial]
) -> str:
    metric = context.problem.metric
    gap = (
        f"Left alone, the network was best in epoch {plain.best_epoch + 1} of {plain.epochs} "
        f"(validation {metric} {_score(plain):.4g})"
    )
    if plain.best_epoch + 1 < 0.6 * plain.epochs:
        gap += " and got worse on validation rows while it went on learning the training rows: it overfits"
    if not trials:
        return f"{gap}. Every regularisation is pinned, so nothing was tried."
    helped = ", ".join(
        f"{name} ({_score(trial):.4g})" for name, trial in sorted(helpful.items(), key=lambda i: _score(i[1]))
    )
    useless = ", ".join(sorted(set(trials) - set(helpful)))
    text = f"{gap}. What helped: {helped or 'nothing'}. What did not: {useless or 'nothing'}."
    kept = chosen.spec.name.removeprefix("regularize-").replace("-", " ")
    return f"{text} Kept: {kept} ({_score(chosen):.4g})."
