"""Weight initialisation by name. fan_in is the size of the previous layer, fan_out of the current one.

A scheme fills one layer's weight by a formula; ``lsuv`` and ``data-dependent`` then look at real
rows. Biases start at 0. Everything is drawn on the CPU from an explicit generator, so that one
seed gives the same weights on every device.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from netsitter.errors import UsageError, did_you_mean
from netsitter.nets import data_initializers
from netsitter.nets.activations import gain, second_moments

LAYERS = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)


@dataclass(frozen=True, kw_only=True)
class Place:
    """What a scheme may know of the layer that it fills."""

    fan_in: int
    fan_out: int
    is_first: bool
    is_last: bool
    activation: str
    keep: float
    """1 − the model's dropout probability."""
    constant: float
    generator: torch.Generator | None


def zeros(weight: Tensor, at: Place) -> None:
    """W = 0: hidden units stay identical; no better than the output bias."""
    weight.zero_()


def constant(weight: Tensor, at: Place) -> None:
    """W = c: the same symmetry, and the activations explode when c is large."""
    weight.fill_(at.constant)


def normal(weight: Tensor, at: Place) -> None:
    """N(0, 1): in deep networks sigmoid and tanh saturate and ReLU explodes."""
    weight.normal_(generator=at.generator)


def xavier_normal(weight: Tensor, at: Place) -> None:
    """std = sqrt(2 / (fan_in + fan_out)): tanh, linear. Glorot & Bengio 2010."""
    weight.normal_(0, math.sqrt(2 / (at.fan_in + at.fan_out)), generator=at.generator)


def xavier_uniform(weight: Tensor, at: Place) -> None:
    """Uniform of the same std: ±sqrt(6 / (fan_in + fan_out)). Glorot & Bengio 2010."""
    bound = math.sqrt(6 / (at.fan_in + at.fan_out))
    weight.uniform_(-bound, bound, generator=at.generator)


def he(weight: Tensor, at: Place) -> None:
    """std = sqrt(2 / fan_in): ReLU, which removes half of the second moment. He et al. 2015."""
    weight.normal_(0, math.sqrt(2 / at.fan_in), generator=at.generator)


def lecun(weight: Tensor, at: Place) -> None:
    """std = sqrt(1 / fan_in): SELU and linear. LeCun et al. 1998."""
    weight.normal_(0, math.sqrt(1 / at.fan_in), generator=at.generator)


def orthogonal(weight: Tensor, at: Place) -> None:
    """Orthonormal rows or columns (QR) times the activation's gain. Saxe et al. 2013."""
    scale = 1.0 if at.is_first else gain(at.activation)
    nn.init.orthogonal_(weight, gain=scale, generator=at.generator)


def dropout_corrected(weight: Tensor, at: Place) -> None:
    """Unit rows / sqrt(E[f(z)²]/p + p·E[f'(z)²]), p the keep rate. Hendrycks & Gimpel 2017.

    The first summand is what activation and dropout do to the variance going forward, the second
    going back. The first layer has no activation before it, the last none after it: 1 stands there.
    """
    forward, backward = second_moments(at.activation)
    going_in = 1.0 if at.is_first else forward / at.keep
    going_back = 1.0 if at.is_last else backward * at.keep
    weight.normal_(generator=at.generator)
    rows = weight.flatten(1)
    rows /= rows.norm(dim=1, keepdim=True).clamp(min=1e-12) * math.sqrt(going_in + going_back)


Scheme = Callable[[Tensor, Place], None]
Correction = Callable[[nn.Module, "Layers", Sequence[Tensor], torch.Generator | None], list[str]]
Layers = dict[str, nn.Module]

INITIALIZERS: dict[str, Scheme] = {
    "zeros": zeros,
    "constant": constant,
    "normal": normal,
    "xavier": xavier_normal,
    "xavier-uniform": xavier_uniform,
    "he": he,
    "lecun": lecun,
    "orthogonal": orthogonal,
    "dropout-corrected": dropout_corrected,
    "lsuv": orthogonal,
    "data-dependent": normal,
}
CORRECTIONS: dict[str, Correction] = {
    "lsuv": data_initializers.lsuv,
    "data-dependent": data_initializers.data_dependent,
}
"""Schemes that go on to look at data."""


@torch.no_grad()
def initialize(
    model: nn.Module,
    scheme: str,
    *,
    activation: str = "relu",
    inputs: Sequence[Tensor] | None = None,
    generator: torch.Generator | None = None,
    constant: float = 10.0,
    output_scale: float = 1.0,
) -> tuple[str, ...]:
    """Fill every linear and convolutional weight of ``model``, in the order of its modules.

    ``inputs`` are the arguments of one forward pass, a batch of training rows, which ``lsuv`` and
    ``data-dependent`` look at. ``output_scale`` multiplies the last layer's weight. Returns what
    had to be left undone, in words. Raises UsageError for an unknown scheme or missing inputs.
    """
    if scheme not in INITIALIZERS:
        raise UsageError(f"there is no initialiser {scheme!r}.{did_you_mean(scheme, INITIALIZERS)}")
    if scheme in CORRECTIONS and inputs is None:
        raise UsageError(f"the initialiser {scheme!r} looks at data: give it a batch of rows.")
    layers: Layers = {name: m for name, m in model.named_modules() if isinstance(m, LAYERS)}
    for index, layer in enumerate(layers.values()):
        assert isinstance(layer.weight, Tensor)
        drawn = torch.empty(layer.weight.shape, dtype=layer.weight.dtype)
        place = Place(
            fan_in=drawn[0].numel(),
            fan_out=drawn.shape[0] * drawn[0, 0].numel(),
            is_first=index == 0,
            is_last=index == len(layers) - 1,
            activation=activation,
            keep=_keep_rate(model),
            constant=constant,
            generator=generator,
        )
        INITIALIZERS[scheme](drawn, place)
        layer.weight.copy_(drawn)
        if isinstance(layer.bias, Tensor):
            layer.bias.zero_()
    notes: list[str] = []
    if inputs is not None and scheme in CORRECTIONS:
        notes = CORRECTIONS[scheme](model, layers, inputs, generator)
    if layers:
        last = list(layers.values())[-1].weight
        assert isinstance(last, Tensor)
        last.mul_(output_scale)
    return tuple(notes)


def _keep_rate(model: nn.Module) -> float:
    return 1 - max((m.p for m in model.modules() if isinstance(m, nn.Dropout)), default=0.0)
