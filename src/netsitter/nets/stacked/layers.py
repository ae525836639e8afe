"""Layers of all members at once, each with its forward and its backward pass.

On small networks autograd's own bookkeeping costs as much as the arithmetic, so the layers that every
network has are differentiated by hand. Shapes: K members, B rows each, ``(K, B, units)``. A layer keeps
what its backward pass needs, writes its parameters' gradients where the optimiser reads them, and may
overwrite the gradient that it is given.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from netsitter.nets.stacked.activations import ACTIVATIONS, TOLD_BY_SIGN
from netsitter.nets.stacked.noise import Noise
from netsitter.nets.stacked.scratch import Room, Scratch


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A parameter of all members (K, …), and where its gradient belongs."""

    value: Tensor
    slope: Tensor


@dataclass(frozen=True, kw_only=True)
class Site:
    """Where a layer works: its name in the network, the memory it may write into, and how it multiplies."""

    name: str
    place: int
    """Counted from the network's input."""
    scratch: Scratch
    precision: torch.dtype

    def room(self, what: str, dtype: torch.dtype | None = None) -> Room:
        return self.scratch.room(f"{self.name} {what}", dtype or self.precision)

    def passing(self) -> Room:
        """For what the next place but one may overwrite: used again so soon, it stays in the cache."""
        return self.scratch.room(f"passing {self.place % 2}", self.precision)

    def cast(self, x: Tensor) -> Tensor:
        return x if x.dtype is self.precision else x.to(self.precision)


class Linear:
    """y = x·Wᵀ + b, the products in the site's precision, with float32 weights and gradients."""

    def __init__(self, site: Site, weight: Parameter, bias: Parameter, *, is_first: bool) -> None:
        self.weight, self.bias, self.is_first = weight, bias, is_first
        self.cast, self.bias_row = site.cast, bias.value.unsqueeze(1)
        self.y, self.packed, self.back = site.room("y"), site.passing(), site.passing()
        self.scaled = site.room("scaled")
        self.x = self.used = weight.value
        self.scale: Tensor | None = None
        """Of the rows, for each member (K, 1, 1), where the dropout before leaves it to this layer."""

    def scale_rows(self, scale: Tensor) -> None:
        """Multiply the rows that it is given by each member's factor, (K, 1, 1)."""
        self.scale = scale

    def matrix(self) -> Tensor:
        """What multiplies the rows, (K, out, in)."""
        return self.weight.value

    def forward(self, x: Tensor, training: bool) -> Tensor:
        self.x, self.used = self.cast(x), self.cast(self.matrix())
        if self.scale is not None:
            self.used = torch.mul(self.used, self.scale, out=self.scaled(self.used.shape))
        y = self.y((*x.shape[:2], self.used.shape[1]))
        if y.shape[2] == 1:  # one output: as a row, (W·xᵀ)ᵀ, three times as fast as as a column
            torch.bmm(self.used, self.x.mT, out=y.view(len(y), 1, -1))
        else:
            torch.bmm(self.x, self.used.mT, out=y)
        return y.add_(self.cast(self.bias_row))

    def backward(self, slope: Tensor) -> Tensor:
        slope = self.cast(slope)
        torch.sum(slope, 1, out=self.bias.slope, dtype=torch.float32)
        # By way of packed memory: a product written into the spread rows of a gradient is slower.
        packed = torch.bmm(slope.mT, self.x, out=self.packed(self.used.shape))
        self.take(packed if self.scale is None else packed.mul_(self.scale))
        if self.is_first:
            return slope  # nothing learns before this layer, so nobody reads it
        return torch.bmm(slope, self.used, out=self.back(self.x.shape))

    def take(self, slope: Tensor) -> None:
        """Hand on the gradient of ``matrix``."""
        self.weight.slope.copy_(slope)


class CentredLinear(Linear):
    """A linear layer under ``CentredWeightNorm``: its matrix is made of v and g at every step."""

    def __init__(
        self, site: Site, direction: Parameter, length: Parameter, bias: Parameter, *, is_first: bool
    ) -> None:
        super().__init__(site, direction, bias, is_first=is_first)
        self.length = length

    def matrix(self) -> Tensor:
        centred = self.weight.value - self.weight.value.mean(2, keepdim=True)
        self.norm = centred.norm(dim=2, keepdim=True).clamp(min=1e-12)
        self.unit = centred / self.norm
        return self.length.value * self.unit

    def take(self, slope: Tensor) -> None:
        # Of g: the slope along the unit vector. Of v: what is left of it across, and of that again
        # what is left beside the mean, which was taken out.
        along = (slope * self.unit).sum(2, keepdim=True)
        self.length.slope.copy_(along)
        across = self.length.value / self.norm * (slope - along * self.unit)
        self.weight.slope.copy_(across - across.mean(2, keepdim=True))


class Activation:
    """In place where it can be: what is written where it was read stays in the cache."""

    def __init__(self, site: Site, name: str) -> None:
        self.room, self.cast = site.room("y"), site.cast
        self.value, self.slope = ACTIVATIONS[name]
        self.in_place = name in TOLD_BY_SIGN
        self.x = self.y = torch.empty(0)

    def forward(self, x: Tensor, training: bool) -> Tensor:
        self.x = x = self.cast(x)
        self.y = self.value(x, x if self.in_place else self.room(x.shape))
        return self.y

    def backward(self, slope: Tensor) -> Tensor:
        return self.slope(self.cast(slope), self.x, self.y)


class Norm:
    """(x − mean) / sqrt(variance + ε) · γ + β over the units of a row, or over the rows of a unit.

    Over rows it is a batch norm: evaluation uses running statistics (torch's momentum 0.1, ε 1e-5).
    """

    EPS = 1e-5

    def __init__(self, weight: Parameter, bias: Parameter, running: dict[str, Tensor] | None) -> None:
        self.weight, self.bias, self.running = weight, bias, running
        self.momentum = 0.1
        self.over = 2 if running is None else 1
        self.unit = self.scale = weight.value

    def forward(self, x: Tensor, training: bool) -> Tensor:
        x = x.float()
        if self.running is not None and not training:
            mean = self.running["running_mean"].unsqueeze(1)
            variance = self.running["running_var"].unsqueeze(1)
        else:
            variance, mean = torch.var_mean(x, self.over, correction=0, keepdim=True)
        if self.running is not None and training:
            self._follow(mean.squeeze(1), variance.squeeze(1), x.shape[1])
        self.scale = (variance + self.EPS).rsqrt()
        self.unit = (x - mean) * self.scale
        return torch.addcmul(self.bias.value.unsqueeze(1), self.unit, self.weight.value.unsqueeze(1))

    def _follow(self, mean: Tensor, variance: Tensor, rows: int) -> None:
        assert self.running is not None
        self.running["running_mean"].lerp_(mean, self.momentum)
        self.running["running_var"].lerp_(variance * (rows / max(rows - 1, 1)), self.momentum)
        self.running["num_batches_tracked"] += 1

    def backward(self, slope: Tensor) -> Tensor:
        slope = slope.float()
        torch.sum(slope, 1, out=self.bias.slope)
        torch.sum(slope * self.unit, 1, out=self.weight.slope)
        slope = slope * self.weight.value.unsqueeze(1)
        along = (slope * self.unit).mean(self.over, keepdim=True)
        across = torch.addcmul(slope - slope.mean(self.over, keepdim=True), self.unit, along, value=-1)
        return across.mul_(self.scale)


class Dropout:
    """Zero units by the members' noise, as ``netsitter.nets.dropout`` does for one network.

    ``by_sign``: it comes after an activation whose slope is told by the sign of what is left of its
    output, and is 0 for a unit that was zeroed. Then nobody needs the units as they were, nor the mask.
    ``is_scaled_later``: the linear layer behind it multiplies by 1/(1 − p), which for it is a factor of its
    matrix: fewer numbers than there are units.
    """

    def __init__(self, site: Site, noise: Noise, *, by_sign: bool) -> None:
        self.by_sign, self.is_scaled_later = by_sign, False
        self.noise, self.scale = noise, noise.scale.to(site.precision)
        self.cast, self.y = site.cast, site.room("y")
        self.mask = site.passing() if by_sign else site.room("mask")

    def forward(self, x: Tensor, training: bool) -> Tensor:
        if not training:
            return x
        x = self.cast(x)
        drawn = self.noise.draw(*x.shape[1:])
        mask = torch.ge(drawn, self.noise.threshold, out=self.mask(x.shape))
        if not self.is_scaled_later:
            mask.mul_(self.scale)
        return torch.mul(x, mask, out=x if self.by_sign else self.y(x.shape))

    def zero(self, member: int, drawn: Tensor, x: Tensor) -> None:
        """Zero units of one member, (B, units), in place."""
        mask = torch.ge(drawn, self.noise.thresholds[member], out=self.mask(x.shape))
        torch.mul(x, mask, out=x)

    def backward(self, slope: Tensor) -> Tensor:
        slope = self.cast(slope)
        if self.is_scaled_later:
            return slope
        return slope.mul_(self.scale if self.by_sign else self.mask(slope.shape))
