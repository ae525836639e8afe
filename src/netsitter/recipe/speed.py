"""How fast a network trains on this table and machine now: a few steps of a throw-away one."""

import time

from netsitter.recipe.context import Candidate
from netsitter.recipe.fit import fit
from netsitter.recipe.problem import Problem
from netsitter.recipe.trial import Spec, prepare

STEPS = 8
"""Of each round: enough for a clock, few enough for a plan to cost nothing."""


def seconds_per_step(problem: Problem, candidate: Candidate, *, rounds: int = 1) -> float:
    """Of the plain training loop; the best of ``rounds``, since other work only ever makes one slower.

    From the clock, so only to be called inside ``decide``.
    """
    ready = prepare(problem, Spec(name="speed", stage="plan", net=candidate.net, fit=candidate.fit, seed=0))
    rows = ready.fold.train.head(STEPS * candidate.fit.batch_size)
    judges = ready.fold.validation.head(16)
    config = candidate.but({"fit.epochs": 1}).fit
    seconds = []
    for _ in range(1 + rounds):
        started = time.monotonic()
        steps = fit(ready.net, ready.objective, rows, judges, config, seed=0).steps
        seconds.append((time.monotonic() - started) / steps)
    return min(seconds[1:])  # the first one warms up


def seconds_per_epoch(problem: Problem, candidate: Candidate) -> float:
    """Of the plain training loop on the search's training rows. Only to be called inside ``decide``."""
    steps = len(problem.split.train) / candidate.fit.batch_size
    return max(steps, 1) * seconds_per_step(problem, candidate)
