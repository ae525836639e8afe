"""Where the members' dropout comes from: each has its own rate p and its own generator."""

from collections.abc import Sequence

import torch
from torch import Tensor

AHEAD = 2048
"""Draws at a time, 16 kB a member: a call for each member and layer would cost more than the draws."""


def eights(units: int) -> int:
    """Draws of 64 bits for so many units, a byte each."""
    return (units + 7) // 8


class Noise:
    """Random bytes for all members. A member's depend on its seed alone, not on who else is there."""

    def __init__(self, rates: Sequence[float], generators: Sequence[torch.Generator]) -> None:
        self.generators = generators
        self.device = generators[0].device
        self.thresholds = thresholds = [min(max(round(p * 256), 1), 255) if p else 0 for p in rates]
        self.drawn = [row for row, threshold in enumerate(thresholds) if threshold]
        self.threshold = torch.tensor(thresholds, dtype=torch.uint8, device=self.device).view(-1, 1, 1)
        """Of 256; a byte below it zeroes its unit."""
        self.scale = 256 / (256 - self.threshold.float())
        self.buffer = torch.zeros(len(thresholds), AHEAD, dtype=torch.int64, device=self.device)
        self.bytes = self.buffer.view(torch.uint8)
        self.start = self.stop = self.wanted = 0
        """Columns of the buffer that hold what is drawn but not used, and what is still to be drawn."""

    def begin(self, total: int) -> None:
        """Tell how much will be drawn until the next ``begin``: not a draw more is taken of a generator."""
        self.wanted = total

    def draw(self, rows: int, units: int) -> Tensor:
        """The next bytes (K, rows, units), until the next call; zeros for members without dropout."""
        count = eights(rows * units)
        if self.stop - self.start < count:
            self._refill(count)
        # One view instead of four: on small layers a view costs as much as the arithmetic.
        shape, strides = (len(self.buffer), rows, units), (self.bytes.shape[1], units, 1)
        drawn = self.bytes.as_strided(shape, strides, 8 * self.start)
        self.start += count
        return drawn

    def _refill(self, count: int) -> None:
        left = self.buffer[:, self.start : self.stop].clone()
        if self.buffer.shape[1] < count:
            self.buffer = self.buffer.new_zeros(len(left), count)
            self.bytes = self.buffer.view(torch.uint8)
        self.start, kept = 0, left.shape[1]
        self.stop = min(self.buffer.shape[1], kept + self.wanted)
        self.wanted -= self.stop - kept
        self.buffer[:, :kept] = left
        fresh = self.buffer[:, kept : self.stop]
        if self.device.type != "cpu":  # a launch for each member would cost more than the draws
            fresh.random_(-(2**63), None, generator=self.generators[0])
            return
        for row in self.drawn:
            fresh[row].random_(-(2**63), None, generator=self.generators[row])
