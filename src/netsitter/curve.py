"""Reading a curve in its own units: its level, its noise, its gain.

Thresholds on a loss are ratios of the run's own gain or noise, never of the loss itself, which may
be negative, or zero, or in dollars.
"""

import math
from dataclasses import dataclass

import numpy as np

from netsitter.series import TAIL, Series

WINDOWS = 20
"""A curve is read as medians over this many equal parts: 5 % of the run each."""


def noise(values: np.ndarray) -> float:
    """Standard deviation of the point-to-point scatter, trend removed, robust to spikes.

    Half the squared successive differences estimate the variance around a slow trend (von Neumann
    1941); the median absolute difference makes it robust: sigma = 1.4826 * median|d| / sqrt(2).
    """
    finite = _finite(values)
    if len(finite) < 3:
        return 0.0
    return float(1.4826 * np.median(np.abs(np.diff(finite))) / np.sqrt(2))


def level(values: np.ndarray) -> float:
    """The median of the finite values; NaN when there are none."""
    finite = _finite(values)
    return float(np.median(finite)) if len(finite) else float("nan")


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A loss curve summed up: ``best`` and ``end`` are medians over windows, ``start`` over the opening."""

    start: float
    best: float
    end: float
    best_step: int
    noise: float
    """Scatter of one point around the trend."""
    count: int
    levels: tuple[float, ...]
    """Medians over equal parts of the run, in order."""
    steps: tuple[int, ...]
    """The middle step of each part."""

    @property
    def gain(self) -> float:
        """How far the curve fell at its best; negative when it only rose."""
        return self.start - self.best

    @property
    def lost(self) -> float:
        """How far it rose again after its best."""
        return self.end - self.best

    @property
    def level_noise(self) -> float:
        """Scatter of a window's median: sqrt(pi/2) sigma / sqrt(n), and never less than rounding."""
        per_window = max(1.0, self.count / len(self.levels))
        rounding = 1e-6 * max(abs(self.start), abs(self.best), abs(self.end))
        return max(1.2533 * self.noise / math.sqrt(per_window), rounding, 1e-300)

    @property
    def fallen(self) -> float:
        """How many of its own standard errors the end lies under the start."""
        return (self.start - self.end) / self.level_noise

    def share_left(self, parts: float = 0.25) -> float:
        """Share of the whole fall that the last ``parts`` of the run brought; ``parts`` on a line."""
        fall = self.start - self.end
        if fall <= 0:
            return 0.0
        at = self.levels[max(0, math.ceil(len(self.levels) * (1 - parts)) - 1)]
        return (at - self.end) / fall


def read_curve(series: Series, windows: int = WINDOWS) -> Curve | None:
    """Sum up a curve by medians over ``windows`` equal stretches of steps; None for under 4 finite points.

    A dozen rules ask for the same one: it is worked out once.
    """
    if windows not in series.readings:
        series.readings[windows] = _read(series, windows)
    return series.readings[windows]


def _read(series: Series, windows: int) -> Curve | None:
    steps, values = _points(series)
    if len(values) < 4:
        return None
    edges = np.linspace(steps[0], steps[-1] + 1, min(windows, len(values)) + 1)[1:-1]
    parts = [part for part in np.split(np.arange(len(values)), np.searchsorted(steps, edges)) if len(part)]
    levels = np.array([np.median(values[part]) for part in parts])
    best = int(np.argmin(levels))
    # Few points, or a fast learner falls within the first window and its gain goes unseen.
    opening = min(5, max(1, len(values) // 20))
    return Curve(
        # A first step that throws the loss up would make all that follows look like gain.
        start=min(float(values[0]), float(np.median(values[:opening]))),
        best=float(levels[best]),
        end=float(levels[-1]),
        best_step=int(steps[parts[best][0]] + steps[parts[best][-1]]) // 2,
        # Thinning keeps extremes, so that of a long series only the newest points show its scatter.
        noise=noise(values if series.count == len(series) else values[-TAIL:]),
        count=series.count,
        levels=tuple(map(float, levels)),
        steps=tuple(int(steps[part[0]] + steps[part[-1]]) // 2 for part in parts),
    )


def slope(series: Series, last: int) -> float:
    """Least-squares slope per step over the newest ``last`` finite points; 0 for under 3."""
    steps, values = (points[-last:] for points in _points(series))
    if len(values) < 3 or np.ptp(steps) == 0:
        return 0.0
    return float(np.polyfit(steps - steps[0], values, 1)[0])


_HUGE = 1e150
"""Larger values overflow when squared; a curve that got there is read by its finite part."""


def _points(series: Series) -> tuple[np.ndarray, np.ndarray]:
    """Steps and values of the finite points, by step."""
    mask = np.isfinite(series.values) & (np.abs(series.values) < _HUGE)
    order = np.argsort(series.steps[mask], kind="stable")
    return series.steps[mask][order], series.values[mask][order]


def _finite(values: np.ndarray) -> np.ndarray:
    return values[np.isfinite(values) & (np.abs(values) < _HUGE)]
