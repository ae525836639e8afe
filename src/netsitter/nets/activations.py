"""Activation functions by name, and the gain that keeps a signal's variance through each."""

import math
from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor, nn

from netsitter.errors import UsageError, did_you_mean

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "leaky-relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "selu": nn.SELU,
    "celu": nn.CELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "mish": nn.Mish,
    "softplus": nn.Softplus,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "hardswish": nn.Hardswish,
    "identity": nn.Identity,
}


def make_activation(name: str) -> nn.Module:
    """A new activation module. Raises UsageError if there is none of that name."""
    if name not in ACTIVATIONS:
        raise UsageError(f"there is no activation {name!r}.{did_you_mean(name, ACTIVATIONS)}")
    return ACTIVATIONS[name]()


@cache
def second_moments(name: str) -> tuple[float, float]:
    """``(E[f(z)²], E[f'(z)²])`` of activation f for z ~ N(0, 1), by quadrature.

    The first is what a layer's output keeps of its variance, the second what a gradient keeps on
    its way back (Hendrycks & Gimpel 2017). ReLU: ½ and ½; identity: 1 and 1.
    """
    # The trapezoid rule over ±10 standard deviations is exact to 1e-7 for smooth functions and
    # stays so at the kinks of ReLU and ELU, where Gauss-Hermite does not.
    z = torch.linspace(-10, 10, 200_001, dtype=torch.float64, requires_grad=True)
    with torch.enable_grad():
        value = make_activation(name).double()(z)
        (slope,) = torch.autograd.grad(value.sum(), z)
    density = torch.exp(-(z.detach() ** 2) / 2) / math.sqrt(2 * math.pi)

    def moment(f: Tensor) -> float:
        return float(torch.trapezoid(f.detach() ** 2 * density, z.detach()))

    return moment(value), moment(slope)


def gain(name: str) -> float:
    """``1 / sqrt(E[f(z)²])``: weights of std ``gain / sqrt(fan_in)`` keep unit variance forward.

    √2 for ReLU (He et al. 2015), 1 for SELU (LeCun; Klambauer et al. 2017) and identity. For tanh it is
    1.59, a little under the 5/3 of ``torch.nn.init.calculate_gain``, which is a rule of thumb.
    """
    return 1 / math.sqrt(second_moments(name)[0])
