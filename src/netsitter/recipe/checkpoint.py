"""The state of a training in progress, in a file, so that a killed one goes on where it was.

Tensors go to safetensors, everything else to JSON in its header: nothing is pickled, and both
halves are replaced in one rename.
"""

import json
import math
import time
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save

from netsitter.files import write_atomic

INTERVAL = 5.0
"""Seconds of work that a kill may lose."""


class Checkpoint:
    """One file; ``save`` and ``load`` take any tree of dicts, lists, numbers and tensors."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._next = time.monotonic() + INTERVAL

    def is_due(self, now: float) -> bool:
        return now >= self._next

    def save(self, state: dict[str, Any]) -> None:
        tensors: dict[str, torch.Tensor] = {}
        tree = _strip(state, tensors)
        write_atomic(self.path, save(tensors, {"tree": json.dumps(tree)}))
        self._next = time.monotonic() + INTERVAL

    def load(self) -> dict[str, Any] | None:
        """The saved state; None when there is none."""
        if not self.path.exists():
            return None
        with safe_open(self.path, "pt") as file:
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
            return _fill(json.loads(file.metadata()["tree"]), tensors)

    def clear(self) -> None:
        self.path.unlink(missing_ok=True)


def _strip(value: Any, tensors: dict[str, torch.Tensor]) -> Any:
    """A JSON tree in which tensors, infinities and non-text keys are marked by small dicts."""
    if isinstance(value, torch.Tensor):
        key = str(len(tensors))
        tensors[key] = value.detach().cpu().clone(memory_format=torch.contiguous_format)
        return {"$tensor": key}
    if isinstance(value, dict):
        return {"$dict": [[_strip(k, tensors), _strip(v, tensors)] for k, v in value.items()]}
    if isinstance(value, tuple):
        return {"$tuple": [_strip(v, tensors) for v in value]}
    if isinstance(value, list):
        return [_strip(v, tensors) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return {"$float": repr(value)}
    return value


def _fill(value: Any, tensors: dict[str, torch.Tensor]) -> Any:
    if isinstance(value, list):
        return [_fill(v, tensors) for v in value]
    if not isinstance(value, dict):
        return value
    ((mark, content),) = value.items()
    if mark == "$tensor":
        return tensors[content]
    if mark == "$float":
        return float(content)
    if mark == "$tuple":
        return tuple(_fill(v, tensors) for v in content)
    return {_fill(k, tensors): _fill(v, tensors) for k, v in content}
