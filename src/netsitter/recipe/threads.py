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

BATCHES = 4
ROUNDS = 3
WORTH = 1.15
"""More threads must be this many times as fast as one: other work on the machine changes by as much."""


def choose_threads(context: Context) -> int:
    """All cores if they win every round against one thread on this problem's network, else one."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if context.problem.device.type != "cpu":
        return 1
    before = torch.get_num_threads()
    try:
        for _ in range(ROUNDS):
            if cores == 1 or _seconds(context, 1) < WORTH * _seconds(context, cores):
                return 1
    finally:
        torch.set_num_threads(before)
    return cores


def _seconds(context: Context, threads: int) -> float:
    torch.set_num_threads(threads)
    candidate = Candidate(net=context.config.net, fit=context.config.fit).but({"fit.epochs": 1})
    spec = Spec(name="threads", stage="plan", net=candidate.net, fit=candidate.fit, seed=0)
    ready = prepare(context.problem, spec)
    rows = ready.fold.train.head(BATCHES * candidate.fit.batch_size)
    started = time.monotonic()
    fit(ready.net, ready.objective, rows, ready.fold.validation.head(16), candidate.fit, seed=0)
    return time.monotonic() - started
