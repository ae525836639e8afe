"""The default budget: as long as one good network for tables would train here, measured on this machine."""

import numpy as np

from netsitter.recipe.context import Candidate
from netsitter.recipe.problem import Problem
from netsitter.recipe.speed import seconds_per_step

LEAST, MOST = 5.0, 600.0
"""Seconds: below, there is hardly time to look at the table; above, the user should say so."""
REFERENCE = {
    "net.width": 256,
    "net.depth": 3,
    "net.activation": "mish",
    "net.numeric_embedding": "pbld",
    "net.dropout": 0.15,
    "fit.batch_size": 256,
}
EPOCHS = 256
"""RealMLP's defaults (Holzmüller et al. 2024, table A.1): what a single strong network takes."""
LEARNT = 0.8
"""Of the rows; the others tell its early stopping when."""
AROUND = 1.1
"""Its encoding, validation and predictions come on top of the steps."""
ROUNDS = 3
"""Each is timed so often, and the best counts: other work comes and goes."""


def default_budget(problem: Problem) -> float:
    """Seconds for the whole recipe; from the clock, so only to be called inside ``decide``."""
    rows = LEARNT * (len(problem.split.train) + len(problem.split.validation))
    batches = max(int(rows / REFERENCE["fit.batch_size"]), 1)  # it drops what is left of the last one
    candidate = Candidate(net=problem.config.net, fit=problem.config.fit).but(REFERENCE)
    seconds = EPOCHS * batches * seconds_per_step(problem, candidate, rounds=ROUNDS)
    return round(float(np.clip(AROUND * seconds, LEAST, MOST)), 1)
