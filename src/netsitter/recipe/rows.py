"""Encoded rows as tensors, ready to be indexed by a batch."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Rows:
    """``numeric`` float32 (n, d), ``codes`` int64 (n, c), ``target`` float32 or int64 (n,)."""

    numeric: Tensor
    codes: Tensor
    target: Tensor

    def __len__(self) -> int:
        return len(self.target)

    def at(self, index: Tensor) -> "Rows":
        return Rows(numeric=self.numeric[index], codes=self.codes[index], target=self.target[index])

    def head(self, n: int) -> "Rows":
        return Rows(numeric=self.numeric[:n], codes=self.codes[:n], target=self.target[:n])

    def parts(self, size: int) -> Iterator["Rows"]:
        """Consecutive parts of at most ``size`` rows."""
        for start in range(0, len(self), size):
            part = slice(start, start + size)
            yield Rows(numeric=self.numeric[part], codes=self.codes[part], target=self.target[part])

    def to(self, device: str | torch.device) -> "Rows":
        return Rows(
            numeric=self.numeric.to(device), codes=self.codes.to(device), target=self.target.to(device)
        )
