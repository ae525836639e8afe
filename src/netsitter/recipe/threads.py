"""How many torch threads: chosen by trying, not assumed.

On busy cores two threads can be many times slower than one: they wait for each other at every
operation of a small network.
"""

import os
import time

import torch

from netsitter.recipe.context import Candidate, Context
from netsitter.recipe.fit import fit
from netsitter.recipe.trial import Spec, prepare

BATCHES = 12
ROUNDS = 3
WORTH = 1.15
"""More threads must be this many times as fast as one: other work on the machine changes by as much."""


def choose_threads(context: Context) -> int:
    """The fastest of one thread and all cores on a few batches of this problem's network."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if cores == 1 or context.problem.device.type != "cpu":
        return 1
    seconds = {1: float("inf"), cores: float("inf")}
    before = torch.get_num_threads()
    try:
        for _ in range(ROUNDS):
            for threads in seconds:
                torch.set_num_threads(threads)
                seconds[threads] = min(seconds[threads], _few_batches(context))
    finally:
        torch.set_num_threads(before)
    return cores if seconds[1] > WORTH * seconds[cores] else 1


def _few_batches(context: Context) -> float:
    candidate = Candidate(net=context.config.net, fit=context.config.fit).but({"fit.epochs": 1})
    spec = Spec(name="threads", stage="plan", net=candidate.net, fit=candidate.fit, seed=0)
    ready = prepare(context.problem, spec)
    rows = ready.fold.train.head(BATCHES * candidate.fit.batch_size)
    started = time.monotonic()
    fit(ready.net, ready.objective, rows, ready.fold.validation.head(16), candidate.fit, seed=0)
    return time.monotonic() - started
