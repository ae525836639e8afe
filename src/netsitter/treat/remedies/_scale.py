"""Hooks that stand before and behind a model. Plain objects, so that the model can be copied and saved."""

from typing import Any

import torch
from torch import nn

ENOUGH = 4096
"""Rows after which running statistics are left as they are."""
TINY = 1e-12


class Statistics:
    """Mean and standard deviation of every column (or channel), from rows seen so far; NaNs are left out."""

    def __init__(self, dims: tuple[int, ...], is_final: bool) -> None:
        self.dims = dims
        """Dimensions that are averaged over."""
        self.is_final = is_final
        self.rows = 0
        self._count: torch.Tensor | None = None
        self._total: torch.Tensor
        self._squares: torch.Tensor

    @torch.no_grad()
    def add(self, batch: torch.Tensor) -> None:
        values = batch.detach().double()
        known = torch.isfinite(values)
        values = torch.where(known, values, 0.0)
        sums = known.double().sum(self.dims, keepdim=True), values.sum(self.dims, keepdim=True)
        if self._count is None:
            self._shift = sums[1] / sums[0].clamp(min=1)
            self._count = torch.zeros_like(sums[0])
            self._total, self._squares = torch.zeros_like(sums[1]), torch.zeros_like(sums[1])
        centred = torch.where(known, values - self._shift, 0.0)
        self._count = self._count + sums[0]
        self._total = self._total + centred.sum(self.dims, keepdim=True)
        self._squares = self._squares + centred.square().sum(self.dims, keepdim=True)
        self.rows += len(batch)

    @property
    def mean(self) -> torch.Tensor:
        assert self._count is not None
        return self._shift + self._total / self._count.clamp(min=1)

    @property
    def std(self) -> torch.Tensor:
        """1 where a column does not vary."""
        assert self._count is not None
        count = self._count.clamp(min=1)
        spread = (self._squares / count - (self._total / count).square()).clamp(min=0).sqrt()
        return torch.where(spread > TINY * self.mean.abs().clamp(min=1), spread, 1.0)


class Entry:
    """Changes the first tensor of floating point that a model is called with."""

    def __init__(self, statistics: Statistics, scales: bool) -> None:
        self.statistics = statistics
        self.scales = scales
        """Whether to standardise; otherwise only what is missing is filled by the mean."""

    def __call__(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if torch.compiler.is_compiling():
            return None
        for index, value in enumerate(args):
            if isinstance(value, torch.Tensor) and value.is_floating_point():
                return (*args[:index], self._changed(value), *args[index + 1 :]), kwargs
        for name, value in kwargs.items():
            if isinstance(value, torch.Tensor) and value.is_floating_point():
                return args, {**kwargs, name: self._changed(value)}
        return None

    def _changed(self, batch: torch.Tensor) -> torch.Tensor:
        known = self.statistics
        if torch.is_grad_enabled() and not known.is_final and known.rows < ENOUGH:
            known.add(batch)
        mean, std = known.mean, known.std
        filled = torch.where(torch.isfinite(batch), batch.double(), mean)
        return ((filled - mean) / std if self.scales else filled).to(batch.dtype)


class Exit:
    """Brings a model's output from standard units to those of the target."""

    def __init__(self, mean: float, std: float) -> None:
        self.mean = mean
        self.std = std

    def __call__(self, module: nn.Module, args: Any, output: Any) -> Any:
        return output * self.std + self.mean if isinstance(output, torch.Tensor) else None
