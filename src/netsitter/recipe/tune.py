"""Stage 5, tune: search over architecture, rate and schedule, and regularisation.

Optuna proposes by ask and tell (random first, then model-based), this stage only trains what it
is told to. Settings known to be good on tables are tried first. A trial that is behind the median
of the finished ones at the same point of its training is given up (the median rule of Golovin et
al. 2017, Google Vizier).
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import optuna

from netsitter.recipe.context import Candidate, Context
from netsitter.recipe.trial import Trial
from netsitter.tables.schema import Task

SHARE = 0.45
"""Of the time left."""
STARTUP_TRIALS = 12
"""Random ones before the model-based search begins; Optuna's default is 10."""
PATIENT_TRIALS = 5
"""Trials that are always finished: a median of fewer means little."""
PATIENT_TENTHS = 3
"""No trial is given up before this many tenths of its epochs: warm-up and high rates look bad early."""
LONGEST, SHORTEST = 300, 10
"""Epochs of a trial."""
ENOUGH_TRIALS = 24
"""Epochs are made few enough for about so many trials to fit."""

LEAST_DECAY = 1e-4
"""As good as none: the search is on a log scale, which has no 0."""

Suggest = Callable[[optuna.Trial], Any]


def search_space(context: Context, start: Candidate, epochs: int) -> dict[str, Suggest]:
    """Setting → how it is drawn: architecture, rate and schedule, regularisation, loss.

    ``epochs`` is the longest training; half and a quarter of it let the rate fall to 0 sooner, which
    a table that is quickly overfitted needs.
    """
    lengths = sorted({max(SHORTEST // 2, round(epochs / part)) for part in (1, 2, 4)})
    batch = start.fit.batch_size
    rate = start.fit.lr
    space: dict[str, Suggest] = {
        "net.width": lambda t: t.suggest_categorical(
            "net.width", sorted({64, 128, 256, 384, start.net.width})
        ),
        "net.depth": lambda t: t.suggest_int("net.depth", 1, 4),
        "net.activation": lambda t: t.suggest_categorical("net.activation", ["relu", "silu", "mish", "selu"]),
        "net.norm": lambda t: t.suggest_categorical("net.norm", ["none", "batch-before", "layer"]),
        "net.residual": lambda t: t.suggest_categorical("net.residual", [False, True]),
        "net.dropout": lambda t: t.suggest_float("net.dropout", 0.0, 0.5),
        "fit.lr": lambda t: t.suggest_float("fit.lr", min(3e-4, rate / 3), max(1e-2, rate * 3), log=True),
        "fit.schedule": lambda t: t.suggest_categorical(
            "fit.schedule", ["cosine", "one-cycle", "coslog4", "flat-then-anneal"]
        ),
        "fit.weight_decay": lambda t: t.suggest_float("fit.weight_decay", LEAST_DECAY, 1.0, log=True),
        "fit.batch_size": lambda t: t.suggest_categorical(
            "fit.batch_size", sorted({max(batch // 2, 16), batch, batch * 2})
        ),
        "fit.averaging": lambda t: t.suggest_categorical("fit.averaging", [0.0, 0.995]),
    }
    if len(lengths) > 1:
        space["fit.epochs"] = lambda t: t.suggest_categorical("fit.epochs", lengths)
    if any(context.problem.fold().encoder.is_continuous):
        space["net.numeric_embedding"] = lambda t: t.suggest_categorical(
            "net.numeric_embedding", ["none", "pbld", "periodic", "piecewise-linear"]
        )
        space["net.frequency_scale"] = lambda t: t.suggest_float("net.frequency_scale", 0.05, 3.0, log=True)
    if context.problem.task is not Task.REGRESSION:
        space["fit.label_smoothing"] = lambda t: t.suggest_categorical(
            "fit.label_smoothing", [0.0, 0.05, 0.1]
        )
    elif context.problem.advice["transformation"] != "identity":
        scales = [context.problem.advice["transformation"], "identity"]
        space["fit.transformation"] = lambda t: t.suggest_categorical("fit.transformation", scales)
    return {key: suggest for key, suggest in space.items() if context.is_free(key)}


def known_good(start: Candidate) -> list[dict[str, Any]]:
    """Starting points: what the stage before chose, and what others found to be good on tables."""
    own = {
        **{f"net.{f}": getattr(start.net, f) for f in start.net.__struct_fields__},
        **{f"fit.{f}": getattr(start.fit, f) for f in start.fit.__struct_fields__},
        "fit.weight_decay": max(start.fit.weight_decay, LEAST_DECAY),
    }
    # Bins of every number (Gorishniy et al. 2022), as quick to train as the plain network.
    bins = {"net.numeric_embedding": "piecewise-linear", "net.dropout": 0.1}
    # MLP-PLR of the same paper: periodic embeddings before a plain network.
    periodic = {"net.numeric_embedding": "periodic", "net.frequency_scale": 1.0, "net.dropout": 0.1}
    # RealMLP-TD (Holzmüller et al. 2024): three layers of 256, PBLD embeddings, dropout 0.15.
    realmlp = {
        "net.width": 256,
        "net.depth": 3,
        "net.activation": "mish",
        "net.numeric_embedding": "pbld",
        "net.frequency_scale": 0.1,
        "net.dropout": 0.15,
        "net.norm": "none",
        "fit.schedule": "coslog4",
        "fit.weight_decay": 0.02,
    }
    # A small, heavily regularised network: small and noisy tables.
    small = {
        "net.width": 64,
        "net.depth": 2,
        "net.dropout": 0.4,
        "net.numeric_embedding": "none",
        "fit.weight_decay": 0.3,
        "fit.averaging": 0.995,
    }
    return [own] + [{**own, **point} for point in (bins, periodic, small, realmlp)]


def tune(context: Context, start: Candidate) -> list[Trial]:
    """Search in rounds; each round's number of trials is fixed before it begins."""
    plan = context.folder.decide("plan/tune", lambda: _plan(context))
    space = search_space(context, start, plan["epochs"])
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        direction="minimize",
        sampler=optuna.samplers.TPESampler(
            seed=context.config.recipe.seed, n_startup_trials=STARTUP_TRIALS, multivariate=True
        ),
    )
    base = start.but(
        context.allowed({"fit.epochs": plan["epochs"], "fit.patience": max(8, plan["epochs"] // 3)})
    )
    for point in known_good(base):
        study.enqueue_trial(
            {key: value for key, value in point.items() if key in space and value is not None}
        )
    trials: list[Trial] = []
    while True:
        # The plan of each round is fixed and written before the round begins.
        number = context.folder.decide(f"plan/tune/{len(trials)}", lambda: _round(context, plan, trials))
        if number == 0:
            break
        for _ in range(number):
            trials.append(_ask_and_tell(context, study, space, base, trials))
    _conclude(context, trials)
    return trials


def _ask_and_tell(
    context: Context, study: optuna.Study, space: dict[str, Suggest], base: Candidate, done: list[Trial]
) -> Trial:
    asked = study.ask()
    changes = {key: suggest(asked) for key, suggest in space.items()}
    candidate = base.but(changes)
    trial = context.trial(
        f"tune-{len(done):03d}",
        "tune",
        candidate,
        seed=context.config.recipe.seed + len(done),
        give_up=median_rule(done, candidate.fit.epochs),
    )
    if trial.score is not None:
        study.tell(asked, trial.score)
    else:
        study.tell(asked, state=optuna.trial.TrialState.FAIL)
    return trial


def median_rule(done: list[Trial], epochs: int) -> Callable[[int, float], bool]:
    """Whether a training is behind the median of the finished ones at the same tenth of its epochs."""
    curves = [trial.curve for trial in done if trial.is_usable]

    def give_up(epoch: int, best_score: float) -> bool:
        tenths, rest = divmod((epoch + 1) * 10, epochs)
        if rest >= 10 or tenths < PATIENT_TENTHS or tenths >= 10:
            return False
        reached = [curve[tenths - 1] for curve in curves if len(curve) >= tenths]
        return len(reached) >= PATIENT_TRIALS and best_score > float(np.median(reached))

    return give_up


def _plan(context: Context) -> dict[str, float]:
    """The stage's seconds, and epochs few enough for a fair number of trials."""
    total = SHARE * context.remaining
    earlier = [t for t in context.trials if t.stage == "regularize" and t.epochs]
    per_epoch = float(np.mean([t.seconds / t.epochs for t in earlier]))
    epochs = int(np.clip(total / ENOUGH_TRIALS / per_epoch, SHORTEST, LONGEST))
    return {"seconds": round(total, 1), "epochs": epochs, "until": round(context.folder.spent + total, 1)}


def _round(context: Context, plan: dict[str, float], done: list[Trial]) -> int:
    """Trials of the next round: half of what the time left allows, so that estimates can mend."""
    seconds = plan["until"] - context.folder.spent
    recent = done or [t for t in context.trials if t.stage == "regularize"]
    each = float(np.mean([trial.seconds for trial in recent[-10:]])) or 1e-3
    affordable = seconds / each
    if affordable < 0.5 or len(done) >= context.config.recipe.max_trials:
        return 0
    number = max(1, math.ceil(affordable / 2))
    return min(number, context.config.recipe.max_trials - len(done))


def _conclude(context: Context, trials: list[Trial]) -> None:
    failed = [trial for trial in trials if not trial.is_usable]
    best = context.best
    if not trials or best is None:
        context.conclude("tune", "There was no time for a search.", {"trials": 0})
        return
    context.record("tune", {"trials": len(trials), "best": best.score or math.nan})
    early = sum(trial.epochs < trial.spec.fit.epochs for trial in trials)
    context.conclude(
        "tune",
        f"{len(trials)} settings were tried, random first, then guided by what had worked; {early} ended "
        f"early, {len(failed)} failed. The best so far is {best.spec.name} with a validation "
        f"{context.problem.metric} of {best.score:.4g}.",
        {"trials": len(trials), "best": best.spec.name},
    )
