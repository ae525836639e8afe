"""How many torch threads: chosen by trying, not assumed.

On busy cores two threads can be many times slower than one: they wait for each other at every
operation of a small network.
"""

import torch

from netsitter.recipe.context import Candidate, Context
from netsitter.recipe.speed import seconds_per_step

ROUNDS = 3
WORTH = 1.15
"""More threads must be this many times as fast as one: other work on the machine changes by as much."""


def choose_threads(context: Context) -> int:
    """All that torch may use if they win every round against one on this problem's network, else one."""
    most = torch.get_num_threads()  # as many as there are cores, or as OMP_NUM_THREADS says
    if context.problem.device.type != "cpu" or most == 1:
        return 1
    candidate = Candidate(net=context.config.net, fit=context.config.fit)

    def seconds(threads: int) -> float:
        torch.set_num_threads(threads)
        return seconds_per_step(context.problem, candidate)

    try:
        for _ in range(ROUNDS):
            if seconds(1) < WORTH * seconds(most):
                return 1
    finally:
        torch.set_num_threads(most)
    return most
