"""The default budget: as long as one good network for tables would train here, measured on this machine."""

import time

import numpy as np

from netsitter.recipe.context import Candidate
from netsitter.recipe.fit import fit
from netsitter.recipe.problem import Problem
from netsitter.recipe.trial import Spec, prepare

LEAST, MOST = 5.0, 600.0
"""Seconds: below, there is hardly time to look at the table; above, the user should say so."""
REFERENCE = {
    "net.width": 256,
    "net.depth": 3,
    "net.activation": "mish",
    "net.numeric_embedding": "pbld",
    "net.dropout": 0.15,
    "fit.batch_size": 256,
    "fit.epochs": 1,
}
EPOCHS = 256
"""RealMLP's defaults (Holzmüller et al. 2024, table A.1): what a single strong network takes."""
LEARNT = 0.8
"""Of the rows; the others tell its early stopping when."""
AROUND = 1.1
"""Its encoding, validation and predictions come on top of the steps."""
STEPS, ROUNDS = 8, 3


def default_budget(problem: Problem) -> float:
    """Seconds for the whole recipe; from the clock, so only to be called inside ``decide``."""
    rows = LEARNT * (len(problem.split.train) + len(problem.split.validation))
    steps = EPOCHS * max(rows / REFERENCE["fit.batch_size"], 1)
    return round(float(np.clip(AROUND * steps * seconds_per_step(problem), LEAST, MOST)), 1)


def seconds_per_step(problem: Problem) -> float:
    """Of the reference network on this table, on one core; the best of a few rounds."""
    config = problem.config
    candidate = Candidate(net=config.net, fit=config.fit).but(REFERENCE)
    ready = prepare(problem, Spec(name="budget", stage="plan", net=candidate.net, fit=candidate.fit, seed=0))
    rows = ready.fold.train.head(STEPS * candidate.fit.batch_size)
    seconds = []
    for _ in range(1 + ROUNDS):
        started = time.monotonic()
        steps = fit(
            ready.net, ready.objective, rows, ready.fold.validation.head(1), candidate.fit, seed=0
        ).steps
        seconds.append((time.monotonic() - started) / steps)
    return min(seconds[1:])  # the first one warms up
