"""A training's state, kept and given back: weights, buffers, and what the optimiser remembers."""

from typing import Any

import torch

from netsitter.observe.training import held
from netsitter.treat.patient import Patient

Copies = list[tuple[torch.Tensor, torch.Tensor]]


class Memory:
    """A copy of everything that training changes. Price: as much memory as the model and its optimiser."""

    def __init__(self, patient: Patient) -> None:
        tensors = {id(p): p for optimizer in patient.optimizers() for p in held(optimizer)}
        roots = patient.anatomy.live_roots()
        tensors |= {id(b): b for root in roots for b in root.buffers()}
        self._tensors: Copies = [(t, t.detach().clone()) for t in tensors.values()]
        self._states = [(o, {p: _copied(s) for p, s in o.state.items()}) for o in patient.optimizers()]

    @torch.no_grad()
    def recall(self, *, with_optimizer: bool = True) -> None:
        """Put everything back; ``with_optimizer`` False leaves its averages as they are."""
        for tensor, before in self._tensors:
            tensor.copy_(before)
        for optimizer, states in self._states if with_optimizer else ():
            optimizer.state.clear()
            optimizer.state.update({p: _copied(state) for p, state in states.items()})


def _copied(state: Any) -> Any:
    if isinstance(state, torch.Tensor):
        return state.detach().clone()
    if isinstance(state, dict):
        return {key: _copied(value) for key, value in state.items()}
    return [_copied(value) for value in state] if isinstance(state, list) else state
