"""One named number over time, in bounded memory.

A series keeps its first and newest points exactly and thins the middle, keeping extremes. Thinning
depends on nothing but the order of the points, so a series read back from a file is the one written.
"""

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

HEAD = 128
"""Points at the start of a series that are never thinned: initialisation is read here."""
TAIL = 512
"""Newest points kept exactly: rules read windows of these."""
LIMIT = 2048
"""A series is thinned when it grows beyond this; about 50 kB a name at most."""
BLOCKS = 350
"""The middle is thinned to this many blocks, two points each: half of the room there is."""


class Series:
    """One named number over time."""

    def __init__(self) -> None:
        self._steps: list[int] = []
        self._values: list[float] = []
        self._weights: list[int] = []
        self.count = 0
        """Points ever appended, thinned ones included."""
        self.first_nonfinite: int | None = None
        """Step of the first NaN or infinity."""

    def append(self, step: int, value: float) -> None:
        self._steps.append(step)
        self._values.append(value)
        self._weights.append(1)
        self.count += 1
        if self.first_nonfinite is None and not math.isfinite(value):
            self.first_nonfinite = step
        if len(self._values) > LIMIT:
            self._thin()
        if "values" in self.__dict__ or "steps" in self.__dict__:
            self._forget()

    def extend(self, steps: Sequence[int], values: Sequence[float]) -> None:
        """Append many points: the same series as appending them one by one, for a fifth of the time."""
        start = 0
        while start < len(values):
            stop = start + LIMIT + 1 - len(self._values)
            part = values[start:stop]
            self._steps += steps[start:stop]
            self._values += part
            self._weights += [1] * len(part)
            if self.first_nonfinite is None and not math.isfinite(sum(part)):
                odd = (i for i, value in enumerate(part) if not math.isfinite(value))
                self.first_nonfinite = next((steps[start + i] for i in odd), None)
            if len(self._values) > LIMIT:
                self._thin()
            start = stop
        self.count += len(values)
        self._forget()

    def _forget(self) -> None:
        """What was worked out is no longer true."""
        for name in ("steps", "values", "readings"):
            self.__dict__.pop(name, None)

    def _thin(self) -> None:
        """Keep the smallest and the largest point of every block of the middle.

        Blocks stand for about equally many points ever appended, old or new, so that a curve is
        thinned evenly however often this happens.
        """
        middle = range(HEAD, len(self._values) - TAIL)
        share = sum(self._weights[i] for i in middle) / BLOCKS
        keep, weights = list(range(HEAD)), [1] * HEAD
        # NaN counts as the largest value there is: it must survive thinning.
        extremity = [math.inf if math.isnan(value) else value for value in self._values].__getitem__
        block: list[int] = []
        weight = 0
        for index in middle:
            block.append(index)
            weight += self._weights[index]
            if weight >= share or index == middle[-1]:
                kept = sorted({min(block, key=extremity), max(block, key=extremity)})
                keep += kept
                weights += [weight - weight // 2, weight // 2] if len(kept) == 2 else [weight]
                block, weight = [], 0
        keep += range(middle.stop, len(self._values))
        self._steps = [self._steps[i] for i in keep]
        self._values = [self._values[i] for i in keep]
        self._weights = weights + [1] * TAIL

    @cached_property
    def steps(self) -> np.ndarray:
        """Steps of the kept points, shape (n,), int64."""
        return np.asarray(self._steps, dtype=np.int64)

    @cached_property
    def values(self) -> np.ndarray:
        """Values of the kept points, shape (n,), float64."""
        return np.asarray(self._values, dtype=np.float64)

    @cached_property
    def readings(self) -> dict[Any, Any]:
        """What others have worked out from these points: kept until there are more."""
        return {}

    @property
    def finite(self) -> np.ndarray:
        """The finite values, in order."""
        return self.values[np.isfinite(self.values)]

    @property
    def first(self) -> float:
        """The first value; NaN when there is none."""
        return self._values[0] if self._values else math.nan

    @property
    def last(self) -> float:
        """The newest value; NaN when there is none."""
        return self._values[-1] if self._values else math.nan

    def head(self, n: int) -> np.ndarray:
        return self.values[:n]

    def tail(self, n: int) -> np.ndarray:
        return self.values[-n:] if n > 0 else self.values[:0]

    def __len__(self) -> int:
        return len(self._values)

    def __bool__(self) -> bool:
        return bool(self._values)
