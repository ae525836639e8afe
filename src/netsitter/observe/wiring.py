"""Is the training loop wired right: are gradients cleared, used, and made in the right mode?"""

import sys
import weakref
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import Module
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd

from netsitter.observe.iteration import Iteration
from netsitter.observe.training import Training, held

STEPS = torch.optim.Optimizer.profile_hook_step.__code__.co_filename
"""Where torch wraps each optimiser's step, to call the hooks that are listened to here."""


MAX_SLATES = 64
"""A program that makes an optimiser for every step must not make every step slower."""


@dataclass(kw_only=True, slots=True)
class Slate:
    """What is known of an optimiser."""

    optimizer: weakref.ref[torch.optim.Optimizer]
    key: int
    """Its id."""
    parameters: frozenset[int]
    has_stepped: bool = False
    probe: weakref.ref[torch.Tensor] | None = None
    """A small parameter that had a gradient at the last step."""
    training: Training | None = None
    """The training it belongs to, from its first step on."""


class Wiring:
    """Follows zero_grad, backward and step for each optimiser. Price: a look at one small gradient a step."""

    def __init__(self) -> None:
        self._slates: dict[int, Slate] = {}
        self._idle = 0
        """Of the optimisers that are gone and forgotten: those that never stepped."""
        self.modes: dict[int, tuple[weakref.ref[nn.Module], bool]] = {}
        """Models that `has_modes` was asked about, by their ids."""
        self.cleared: set[int] = set()
        """Optimisers cleared since the last backward of the running iteration."""
        self.stale: set[int] = set()
        """Optimisers whose gradients were not cleared between their last step and the last backward."""

    def slate(self, optimizer: torch.optim.Optimizer) -> Slate | None:
        """That of an optimiser that is known."""
        slate = self._slates.get(id(optimizer))
        return slate if slate is not None and slate.optimizer() is optimizer else None

    def know(self, optimizer: torch.optim.Optimizer) -> Slate:
        slate = self.slate(optimizer)
        if slate is None:
            if len(self._slates) > MAX_SLATES:
                self._forget_dead()
            ids = frozenset(id(p) for p in held(optimizer))
            slate = Slate(optimizer=weakref.ref(optimizer), key=id(optimizer), parameters=ids)
            self._slates[id(optimizer)] = slate
            self.stale.discard(id(optimizer))  # of one that is gone, and had the same id
        return slate

    def _forget_dead(self) -> None:
        gone = [key for key, slate in self._slates.items() if slate.optimizer() is None]
        self._idle += sum(not self._slates[key].has_stepped for key in gone)
        for key in gone:
            del self._slates[key]

    def optimised(self) -> set[int]:
        """ids of all parameters that some live optimiser holds."""
        return set().union(*(s.parameters for s in self._slates.values() if s.optimizer() is not None))

    def idle(self) -> int:
        """Optimisers that were made and have never stepped."""
        return self._idle + sum(not slate.has_stepped for slate in self._slates.values())

    def cleared_by(self, owner: torch.optim.Optimizer | nn.Module) -> None:
        """zero_grad was called on an optimiser or a module."""
        if isinstance(owner, Module) and self._slates:
            first = id(next(owner.parameters(), None))
            self.cleared |= {key for key, slate in self._slates.items() if first in slate.parameters}
        else:  # Keras has no optimiser of torch's: it clears the model and steps by itself
            self.cleared.add(id(owner))

    def before_backward(self, may_read: bool) -> None:
        """Gradients may have been cleared by hand: look at one. ``may_read``: no device would wait."""
        self.stale -= self.cleared
        self.cleared.clear()
        if self.stale:
            self.stale &= {key for key in self.stale if not self._is_zero(self._slates.get(key), may_read)}

    def before_step(self, slate: Slate, optimizer: torch.optim.Optimizer, now: Iteration) -> None:
        """Its gradients are used now: they are stale from here on, until they are cleared."""
        key = id(optimizer)
        if now.backwards:
            now.note("stale_grad", key in self.stale and key not in self.cleared)
            now.note("empty_step", key in self.cleared and _has_no_gradient(optimizer))
        elif slate.training is not None and slate.probe is None:
            slate.training.count("hollow")  # no parameter has ever had a gradient
        if slate.probe is None or now.look is not None:
            self._renew_probe(slate, optimizer)
        slate.has_stepped = True
        self.stale.add(key)
        self.cleared.discard(key)

    @staticmethod
    def _is_zero(slate: Slate | None, may_read: bool) -> bool:
        probe = slate.probe() if slate is not None and slate.probe is not None else None
        if probe is None or probe.grad is None or probe.grad.is_sparse:
            return True
        if probe.device.type != "cpu" and not may_read:
            return True
        return not bool(probe.grad.any())

    @staticmethod
    def _renew_probe(slate: Slate, optimizer: torch.optim.Optimizer) -> None:
        """Settle on a small parameter that has a gradient, unless the one settled on still has one."""
        probe = slate.probe() if slate.probe is not None else None
        if probe is None or probe.grad is None:
            with_gradient = [p for p in held(optimizer)[:64] if p.grad is not None]
            smallest = min(with_gradient, key=torch.Tensor.numel, default=None)
            slate.probe = None if smallest is None else weakref.ref(smallest)

    def known_modes(self, model: nn.Module) -> bool | None:
        """What `has_modes` has found before; None for a model that it was not asked about."""
        entry = self.modes.get(id(model))
        return entry[1] if entry is not None and entry[0]() is model else None

    def has_modes(self, model: nn.Module) -> bool:
        """Whether the model holds modules that act differently in training."""
        acts = any(isinstance(m, _BatchNorm) or _drops(m) for m in model.modules())
        self.modes[id(model)] = (weakref.ref(model), acts)
        return acts


def acts_randomly(model: nn.Module) -> bool:
    """Whether some dropout or batch norm is in training mode right now."""
    return any(m.training and (isinstance(m, _BatchNorm) or _drops(m)) for m in model.modules())


def _drops(module: nn.Module) -> bool:
    return isinstance(module, _DropoutNd) and module.p > 0


def _has_no_gradient(optimizer: torch.optim.Optimizer) -> bool:
    grads = [p.grad for p in held(optimizer) if p.grad is not None]
    return not any(bool(g.any()) for g in grads if not g.is_sparse)


def steps_under_way() -> int:
    """How many optimiser steps the running thread is inside of."""
    depth, frame = 0, sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        depth += code.co_name == "wrapper" and code.co_filename == STEPS
        frame = frame.f_back
    return depth
