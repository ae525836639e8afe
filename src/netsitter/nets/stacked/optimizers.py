"""The optimisers of ``netsitter.nets.optimizers`` for all members at once.

Weights, gradients and moments are matrices (K, P), rates and decays columns (K, 1): a step is a handful
of operations on whole matrices, whatever the number of layers. The formulas are torch's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from netsitter.errors import UsageError, did_you_mean
from netsitter.nets.stacked.scratch import Room

MOMENTUM, BETA2, EPS = 0.9, 0.999, 1e-8
"""The defaults of ``build_optimizer``; ε is torch's."""
FUSED_FROM = 16_384
"""Weights of a member; measured: at 10,000 a call for each costs what it saves, at 37,000 half of it."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """What a step works on, all (K, P); ``moments`` is as long as the optimiser's number of them."""

    weights: Tensor
    gradient: Tensor
    moments: list[Tensor]
    decayed: slice
    """Columns that decay, from the first on."""
    room: Room
    """For a change of the weights."""

    @cached_property
    def change(self) -> Tensor:
        return self.room(self.weights.shape)

    @cached_property
    def parts(self) -> tuple[Tensor, Tensor, Tensor]:
        """The weights that decay, their change, and the change of the others: views, made once."""
        stop = self.decayed.stop
        return self.weights[:, :stop], self.change[:, :stop], self.change[:, stop:]

    @cached_property
    def rows(self) -> list[tuple[list[Tensor], list[Tensor]]]:
        """Of each member what decays and what does not: weights, gradient and moments, views made once."""
        matrices, stop = (self.weights, self.gradient, *self.moments), self.decayed.stop
        return [
            ([matrix[row, :stop] for matrix in matrices], [matrix[row, stop:] for matrix in matrices])
            for row in range(len(self.weights))
        ]


Step = Callable[[Place, Tensor, Tensor, int], None]


def _adamw(at: Place, rate: Tensor, decay: Tensor, step: int) -> None:
    if at.weights.device.type != "cpu":
        at.weights[:, at.decayed].mul_(1 - rate * decay)
        _adam_plainly(at, rate, step)
    elif at.weights.shape[1] >= FUSED_FROM:
        _adam_rows(at, rate, decay, step)
    else:
        _adam_together(at, rate, decay, step)


def _adam(at: Place, rate: Tensor, decay: Tensor, step: int) -> None:
    _decay_gradient(at, decay)
    _adamw(at, rate, torch.zeros_like(decay), step)


def _adam_plainly(at: Place, rate: Tensor, step: int) -> None:
    first, second = at.moments
    first.lerp_(at.gradient, 1 - MOMENTUM)
    second.mul_(BETA2).addcmul_(at.gradient, at.gradient, value=1 - BETA2)
    # m̂ / (sqrt(v̂) + ε) with both corrections moved into the rate and ε: two passes fewer.
    correction = (1 - BETA2**step) ** 0.5
    change = torch.sqrt(second, out=at.change).add_(EPS * correction)
    torch.div(first, change, out=change)
    at.weights.addcmul_(change, rate * (-correction / (1 - MOMENTUM**step)))


def _adam_together(at: Place, rate: Tensor, decay: Tensor, step: int) -> None:
    """One call for all members. It knows one rate: at a rate of 1 it adds up the change, which has theirs."""
    change, (weights, decayed, others) = at.change, at.parts
    torch.mul(weights, -decay, out=decayed)
    others.zero_()
    _fused([change, at.gradient, *at.moments], rate=1.0, decay=0.0, step=torch.tensor(float(step)))
    at.weights.addcmul_(change, rate)


def _adam_rows(at: Place, rate: Tensor, decay: Tensor, step: int) -> None:
    """A call for each member, which needs no memory for a change: that pays for members of many weights."""
    count, rates, decays = torch.tensor(float(step)), rate.flatten().tolist(), decay.flatten().tolist()
    for (decayed, others), own_rate, own_decay in zip(at.rows, rates, decays, strict=True):
        _fused(decayed, rate=own_rate, decay=own_decay, step=count)
        _fused(others, rate=own_rate, decay=0.0, step=count)


def _fused(pieces: list[Tensor], *, rate: float, decay: float, step: Tensor) -> None:
    """torch's AdamW of weights, gradient and moments: one pass where plain operations take 8."""
    weights, gradient, first, second = ([piece] for piece in pieces)
    torch._fused_adamw_(  # pyright: ignore[reportPrivateImportUsage]
        weights, gradient, first, second, [], [step],
        lr=rate, beta1=MOMENTUM, beta2=BETA2, weight_decay=decay, eps=EPS, amsgrad=False, maximize=False,
    )  # fmt: skip


def _sgd(at: Place, rate: Tensor, decay: Tensor, step: int) -> None:
    """With Nesterov's momentum."""
    _decay_gradient(at, decay)
    (velocity,) = at.moments
    velocity.mul_(MOMENTUM).add_(at.gradient)
    change = torch.add(at.gradient, velocity, alpha=MOMENTUM, out=at.change)
    at.weights.addcmul_(change, -rate)


def _rmsprop(at: Place, rate: Tensor, decay: Tensor, step: int) -> None:
    _decay_gradient(at, decay)
    (square,) = at.moments
    square.mul_(BETA2).addcmul_(at.gradient, at.gradient, value=1 - BETA2)
    change = torch.sqrt(square, out=at.change).add_(EPS)
    at.weights.addcmul_(torch.div(at.gradient, change, out=change), -rate)


def _decay_gradient(at: Place, decay: Tensor) -> None:
    at.gradient[:, at.decayed].addcmul_(at.weights[:, at.decayed], decay)


STEPS: dict[str, tuple[Step, int]] = {
    "adamw": (_adamw, 2),
    "adam": (_adam, 2),
    "sgd": (_sgd, 1),
    "rmsprop": (_rmsprop, 1),
}
"""Optimiser → its step, and how many moments it keeps of every weight."""


def find_step(name: str) -> tuple[Step, int]:
    """Raises UsageError if there is no stacked optimiser of that name."""
    if name not in STEPS:
        raise UsageError(f"there is no optimiser {name!r}.{did_you_mean(name, STEPS)}")
    return STEPS[name]


def clip(gradient: Tensor, largest: Tensor | None) -> Tensor:
    """Bound each member's gradient norm by ``largest`` (K, 1), 0 for no bound; returns the norms (K,).

    As ``torch.nn.utils.clip_grad_norm_``.
    """
    norms = torch.linalg.vector_norm(gradient, dim=1)
    if largest is not None:
        factor = (largest / (norms.unsqueeze(1) + 1e-6)).clamp_(max=1.0)
        gradient.mul_(torch.where(largest > 0, factor, 1.0))
    return norms
