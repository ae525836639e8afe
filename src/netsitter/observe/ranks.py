"""Do the replicas of a distributed training still agree?

A collective call must happen on every rank or on none. Ranks sample at different moments, so this
probe depends on the number of steps alone, which data-parallel ranks have in common.
"""

from collections.abc import Iterable

import torch
from torch import distributed

FIRST = 2
MAX_PARAMETERS = 16


def is_due(step: int) -> bool:
    """At 2, 4, 8, … steps."""
    return step >= FIRST and step & (step - 1) == 0


def is_replicated(roots: Iterable[torch.nn.Module]) -> bool:
    """Whether the model is wrapped in DistributedDataParallel, which promises equal parameters."""
    if not (distributed.is_available() and distributed.is_initialized()):
        return False
    return any(isinstance(root, torch.nn.parallel.DistributedDataParallel) for root in roots)


def measure_divergence(parameters: list[torch.Tensor]) -> float:
    """Largest relative difference of a parameter's norm between ranks. Price: a gather of 16 numbers."""
    sizes = torch.stack([p.detach().double().norm() for p in parameters[:MAX_PARAMETERS]])
    gathered = [torch.empty_like(sizes) for _ in range(distributed.get_world_size())]
    distributed.all_gather(gathered, sizes)
    every = torch.stack(gathered)
    spread = every.amax(0) - every.amin(0)
    return float((spread / every.amax(0).clamp_min(1e-30)).max())
