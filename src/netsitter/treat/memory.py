"""A training's state, kept and given back: weights, buffers, and what the optimiser remembers."""

import weakref
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

from netsitter.observe.training import held

Copies = list[tuple[torch.Tensor, torch.Tensor]]


class Memory:
    """A copy of everything that training changes. Price: as much memory as the model and its optimiser."""

    def __init__(self, optimizers: Iterable[torch.optim.Optimizer], roots: Iterable[nn.Module]) -> None:
        optimizers = list(optimizers)
        tensors = {id(p): p for optimizer in optimizers for p in held(optimizer)}
        tensors |= {id(b): b for root in roots for b in root.buffers()}
        self._tensors: Copies = [(t, t.detach().clone()) for t in tensors.values()]
        # Weakly: an optimiser that the program drops is to be gone.
        self._states = [
            (weakref.ref(o), {p: _copied(state) for p, state in o.state.items()}) for o in optimizers
        ]

    @torch.no_grad()
    def mend(self) -> None:
        """Put back only weights and buffers that are not finite."""
        for tensor, before in self._tensors:
            if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
                tensor.copy_(before)

    @torch.no_grad()
    def recall(self) -> None:
        """Put everything back."""
        for tensor, before in self._tensors:
            tensor.copy_(before)
        for reference, states in self._states:
            optimizer = reference()
            if optimizer is not None:
                optimizer.state.clear()
                optimizer.state.update({p: _copied(state) for p, state in states.items()})


def _copied(state: Any) -> Any:
    if isinstance(state, torch.Tensor):
        return state.detach().clone()
    if isinstance(state, dict):
        return {key: _copied(value) for key, value in state.items()}
    return [_copied(value) for value in state] if isinstance(state, list) else state
