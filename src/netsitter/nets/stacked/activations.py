"""Activations and their slopes, written into memory that is given."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

aten: Any = torch.ops.aten
SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805

Value = Callable[[Tensor, Tensor], Tensor]
Slope = Callable[[Tensor, Tensor, Tensor], Tensor]


def _elu(alpha: float, scale: float) -> tuple[Value, Slope]:
    return (
        lambda x, out: aten.elu.out(x, alpha, scale, 1.0, out=out),
        lambda g, x, y: aten.elu_backward.grad_input(g, alpha, scale, 1.0, False, x, grad_input=g),
    )


ACTIVATIONS: dict[str, tuple[Value, Slope]] = {
    "relu": (
        lambda x, out: torch.clamp_min(x, 0, out=out),
        lambda g, x, y: aten.threshold_backward.grad_input(g, y, 0, grad_input=g),
    ),
    "leaky-relu": (
        lambda x, out: aten.leaky_relu.out(x, 0.01, out=out),
        lambda g, x, y: aten.leaky_relu_backward.grad_input(g, x, 0.01, False, grad_input=g),
    ),
    "elu": _elu(1.0, 1.0),
    "celu": _elu(1.0, 1.0),
    "selu": _elu(SELU_ALPHA, SELU_SCALE),
    "gelu": (
        lambda x, out: aten.gelu.out(x, out=out),
        lambda g, x, y: aten.gelu_backward.grad_input(g, x, grad_input=g),
    ),
    "silu": (
        lambda x, out: aten.silu.out(x, out=out),
        lambda g, x, y: aten.silu_backward.grad_input(g, x, grad_input=g),
    ),
    "mish": (
        lambda x, out: aten.mish.out(x, out=out),
        lambda g, x, y: aten.mish_backward(g, x),
    ),
    "softplus": (
        lambda x, out: aten.softplus.out(x, out=out),
        lambda g, x, y: aten.softplus_backward.grad_input(g, x, 1.0, 20.0, grad_input=g),
    ),
    "tanh": (
        lambda x, out: torch.tanh(x, out=out),
        lambda g, x, y: aten.tanh_backward.grad_input(g, y, grad_input=g),
    ),
    "sigmoid": (
        lambda x, out: torch.sigmoid(x, out=out),
        lambda g, x, y: aten.sigmoid_backward.grad_input(g, y, grad_input=g),
    ),
    "hardswish": (
        lambda x, out: aten.hardswish.out(x, out=out),
        lambda g, x, y: aten.hardswish_backward(g, x),
    ),
    "identity": (lambda x, out: x, lambda g, x, y: g),
}
"""By name: y of x, and x's gradient of y's gradient g, which may be overwritten, of x and of y."""

TOLD_BY_SIGN = ("relu",)
"""Their slope is told by the sign of y, and is 0 where y is: y may be written over x, and dropout over y."""
