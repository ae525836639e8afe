"""Do the replicas of a distributed training still agree?

Ranks leave their numbers in the process group's store and look at what the others have left. No
collective call: a rank that is not watched, or has run out of data, keeps nobody waiting.
"""

import gc
import json
from typing import Any

import torch
from torch import distributed

MAX_PARAMETERS = 16
MAX_RANKS = 16
"""Of more, each rank looks at the next ones only."""


def next_due(step: int) -> int:
    """The first step after this one at which to compare: 2, 4, 8, … and the two steps after each."""
    power = 1 << max(step.bit_length() - 1, 0)
    return 2 if step < 2 else step + 1 if step < power + 2 else 2 * power


def compare(step: int, parameters: list[torch.Tensor]) -> dict[str, float]:
    """``rank/divergence``: the largest relative difference between a parameter's norms on the ranks.

    Norms are left at 2, 4, 8, … steps, compared one step later and taken away after one more:
    averaging the gradients of a step waits until each rank has ended the step before. Empty at other
    steps, where nothing is replicated and where no other rank has left any. Price: 16 norms, a few
    messages and a look through all objects.
    """
    if not _is_replicated(parameters):
        return {}
    place = f"netsitter/{len(parameters)}/{sum(p.numel() for p in parameters)}"
    try:
        if _is_post(step - 2):
            _store().delete_key(f"{place}/{step - 2}/{distributed.get_rank()}")
        if _is_post(step):
            _leave(f"{place}/{step}", parameters[:MAX_PARAMETERS])
        left = _look(f"{place}/{step - 1}") if _is_post(step - 1) else []
    except (RuntimeError, ValueError):  # a backend without a store, or a rank 0 that is gone
        return {}
    if len(left) < 2:
        return {}
    every = torch.tensor(left, dtype=torch.float64)
    spread = every.amax(0) - every.amin(0)
    return {"rank/divergence": float((spread / every.amax(0).clamp_min(1e-30)).max())}


def _leave(place: str, parameters: list[torch.Tensor]) -> None:
    norms = torch.stack([parameter.detach().double().norm() for parameter in parameters])
    _store().set(f"{place}/{distributed.get_rank()}", json.dumps(norms.tolist()))


def _look(place: str) -> list[list[float]]:
    """What this rank and the next ones have left."""
    rank, world, store = distributed.get_rank(), distributed.get_world_size(), _store()
    keys = [f"{place}/{(rank + i) % world}" for i in range(min(world, MAX_RANKS))]
    return [json.loads(store.get(key)) for key in keys if store.check([key])]


def _store() -> Any:
    return distributed.distributed_c10d._get_default_store()


def _is_post(step: int) -> bool:
    """Whether norms are left at this step: a power of two."""
    return step >= 2 and step & (step - 1) == 0


def _is_replicated(parameters: list[torch.Tensor]) -> bool:
    """Whether they are wrapped in DistributedDataParallel, which promises equal parameters."""
    if not (parameters and distributed.is_available() and distributed.is_initialized()):
        return False
    wrapper = torch.nn.parallel.DistributedDataParallel
    wrapped = [module for module in gc.get_objects() if issubclass(type(module), wrapper)]
    return any(p is parameters[0] for module in wrapped for p in module.parameters())
