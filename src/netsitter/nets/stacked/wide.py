"""Layers of wide networks: member by member, so that what one pass has written the next finds in the cache.

On small matrices a call for each member costs more than the arithmetic; on these, less than the passes over
memory that it saves.
"""

import torch
from torch import Tensor

from netsitter.nets.stacked.activations import ACTIVATIONS
from netsitter.nets.stacked.layers import Activation, Dropout, Linear, Norm, Parameter, Site

WIDE_FROM = 32_768
"""Weights of a layer's matrix; measured: at 16,384 the calls cost what they save."""


class WideLinear(Linear):
    """A linear layer member by member, in float32 on the CPU, its gradient written where it belongs.

    Each product takes its member's factor along, without a pass of its own.
    """

    def __init__(self, site: Site, weight: Parameter, bias: Parameter, *, is_first: bool) -> None:
        super().__init__(site, weight, bias, is_first=is_first)
        self.matrices, self.slopes = weight.value.unbind(), weight.slope.unbind()
        self.biases, self.bias_slopes = bias.value.unbind(), bias.slope.unbind()
        self.members = range(len(self.matrices))
        self.factors = [1.0] * len(self.matrices)

    def scale_rows(self, scale: Tensor) -> None:
        self.factors = scale.flatten().tolist()

    def forward(self, x: Tensor, training: bool) -> Tensor:
        y = self.begin(x)
        for member, out in zip(self.members, y.unbind(), strict=True):
            self.multiply(member, out)
        return y

    def begin(self, x: Tensor) -> Tensor:
        """Keep the members' rows, also for the backward pass; returns memory for what comes of them."""
        self.x, self.rows = x, x.unbind()
        return self.y((*x.shape[:2], self.weight.value.shape[1]))

    def multiply(self, member: int, out: Tensor) -> None:
        matrix, factor = self.matrices[member], self.factors[member]
        torch.addmm(self.biases[member], self.rows[member], matrix.t(), alpha=factor, out=out)

    def backward(self, slope: Tensor) -> Tensor:
        back = slope if self.is_first else self.back(self.x.shape)
        for member, own, out in zip(self.members, slope.unbind(), back.unbind(), strict=True):
            self.multiply_back(member, own, out)
        return back

    def multiply_back(self, member: int, slope: Tensor, out: Tensor) -> None:
        torch.sum(slope, 0, out=self.bias_slopes[member])
        found, factor = self.slopes[member], self.factors[member]
        torch.addmm(found, slope.t(), self.rows[member], beta=0, alpha=factor, out=found)
        if not self.is_first:
            torch.addmm(out, slope, self.matrices[member], beta=0, alpha=factor, out=out)


class WideBlock:
    """A wide linear layer, ReLU and the dropout that is scaled later, one member after the other."""

    def __init__(self, linear: WideLinear, dropout: Dropout | None) -> None:
        self.linear, self.dropout = linear, dropout
        self.y = torch.empty(0)

    def forward(self, x: Tensor, training: bool) -> Tensor:
        linear, dropout = self.linear, self.dropout if training else None
        self.y = y = linear.begin(x)
        drawn = dropout.noise.draw(*y.shape[1:]) if dropout is not None else None
        for member, out in zip(linear.members, y.unbind(), strict=True):
            linear.multiply(member, out)
            torch.clamp_min(out, 0, out=out)
            if dropout is not None and drawn is not None:
                dropout.zero(member, drawn[member], out)
        return y

    def backward(self, slope: Tensor) -> Tensor:
        linear, value = self.linear, ACTIVATIONS["relu"][1]
        back = slope if linear.is_first else linear.back(linear.x.shape)
        slopes, outputs, backs = slope.unbind(), self.y.unbind(), back.unbind()
        for member in linear.members:
            value(slopes[member], outputs[member], outputs[member])
            linear.multiply_back(member, slopes[member], backs[member])
        return back


Layer = Linear | Activation | Norm | Dropout | WideBlock


def find_linear(site: Site, weight: Parameter) -> type[Linear]:
    is_wide = weight.value[0].numel() >= WIDE_FROM
    return WideLinear if is_wide and weight.value.is_cpu and site.precision is torch.float32 else Linear


def join(block: list[Layer]) -> list[Layer]:
    """The same layers as one, where that is faster."""
    match block:
        case [WideLinear() as linear, Activation(in_place=True)]:
            return [WideBlock(linear, None)]
        case [WideLinear() as linear, Activation(in_place=True), Dropout(is_scaled_later=True) as dropout]:
            return [WideBlock(linear, dropout)]
    return block
