"""Reading a curve in its own units: its level, its noise, its gain.

Thresholds on a loss are ratios of the run's own gain or noise, never of the loss itself, which may
be negative, or zero, or in dollars.
"""

from dataclasses import dataclass

import numpy as np

from netsitter.series import Series


def noise(values: np.ndarray) -> float:
    """Standard deviation of the point-to-point scatter, trend removed, robust to spikes.

    Half the squared successive differences estimate the variance around a slow trend (von Neumann
    1941); the median absolute difference makes it robust: sigma = 1.4826 * median|d| / sqrt(2).
    """
    finite = values[np.isfinite(values)]
    if len(finite) < 3:
        return 0.0
    return float(1.4826 * np.median(np.abs(np.diff(finite))) / np.sqrt(2))


def level(values: np.ndarray) -> float:
    """The median of the finite values; NaN when there are none."""
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if len(finite) else float("nan")


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A loss curve summed up. ``start``, ``best`` and ``end`` are medians over windows."""

    start: float
    best: float
    end: float
    best_step: int
    noise: float
    count: int

    @property
    def gain(self) -> float:
        """How far the curve fell at its best; negative when it only rose."""
        return self.start - self.best

    @property
    def lost(self) -> float:
        """How far it rose again after its best."""
        return self.end - self.best


def read_curve(series: Series, windows: int = 20) -> Curve | None:
    """Sum up a curve by medians over ``windows`` equal parts; None for under 4 finite points."""
    mask = np.isfinite(series.values)
    values, steps = series.values[mask], series.steps[mask]
    if len(values) < 4:
        return None
    parts = np.array_split(np.arange(len(values)), min(windows, len(values)))
    levels = np.array([np.median(values[part]) for part in parts])
    best = int(np.argmin(levels))
    return Curve(
        start=float(levels[0]),
        best=float(levels[best]),
        end=float(levels[-1]),
        best_step=int(steps[parts[best]][len(parts[best]) // 2]),
        noise=noise(values),
        count=series.count,
    )


def slope(series: Series, last: int) -> float:
    """Least-squares slope per step over the newest ``last`` finite points; 0 for under 3."""
    mask = np.isfinite(series.values)
    values, steps = series.values[mask][-last:], series.steps[mask][-last:]
    if len(values) < 3 or np.ptp(steps) == 0:
        return 0.0
    return float(np.polyfit(steps - steps[0], values, 1)[0])
