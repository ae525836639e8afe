"""Gradients of what an optimiser holds: their norm, scaling, clearing, keeping."""

import torch

from netsitter.observe.training import held

_foreach_norm = vars(torch)["_foreach_norm"]


def with_gradients(optimizer: torch.optim.Optimizer) -> list[torch.Tensor]:
    return [p for p in held(optimizer) if p.grad is not None and not p.grad.is_sparse]


def norm(optimizer: torch.optim.Optimizer) -> torch.Tensor | None:
    """Global norm of the gradients, shape (); None where there are none."""
    grads = [p.grad for p in with_gradients(optimizer)]
    return torch.linalg.vector_norm(torch.stack(_foreach_norm(grads))) if grads else None


def scale(optimizer: torch.optim.Optimizer, factor: float) -> None:
    for parameter in with_gradients(optimizer):
        assert parameter.grad is not None
        parameter.grad.mul_(factor)


def clear(optimizer: torch.optim.Optimizer) -> None:
    for parameter in held(optimizer):
        parameter.grad = None
