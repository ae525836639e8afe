"""The curves of a training: losses with the gap between them, the metric beside the baselines."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from markupsafe import Markup

from netsitter.run import Run
from netsitter.series import Series
from netsitter.views.report.plot import Axis, Plot, axis_over
from netsitter.views.report.text import number

WIDTH, HEIGHT = 560, 300
SMOOTHING = 40
"""Parts into which a training loss without validation passes is cut to be averaged."""


@dataclass(frozen=True, kw_only=True)
class Losses:
    """The loss curves, with the training loss averaged over the steps between validation passes."""

    raw: Series
    steps: np.ndarray
    train: np.ndarray
    validation: np.ndarray
    """NaN throughout where there were no validation passes."""

    @property
    def best(self) -> int | None:
        """Index of the lowest validation loss."""
        return int(np.nanargmin(self.validation)) if np.isfinite(self.validation).any() else None


def read_losses(run: Run) -> Losses | None:
    """The curves of a run, or None when it has no training loss."""
    raw, validation = run["loss"], run["val/loss"]
    if not raw:
        return None
    if len(validation) >= 2:
        ends, values = validation.steps, validation.values
    else:
        parts = min(SMOOTHING, len(raw))
        ends = np.unique(raw.steps[np.linspace(0, len(raw) - 1, parts + 1).astype(int)[1:]])
        values = np.full(len(ends), math.nan)
    edges = np.concatenate([[-1], ends])
    means = [_mean(raw.values[(raw.steps > start) & (raw.steps <= end)]) for start, end in pairwise(edges)]
    return Losses(raw=raw, steps=ends, train=np.array(means), validation=values)


def _mean(values: np.ndarray) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else math.nan


def loss_plot(run: Run, losses: Losses, *, is_log: bool) -> Markup | None:
    """Training and validation loss; None on a log scale that a loss of 0 or less forbids."""
    shown = np.concatenate([losses.train, losses.validation])
    finite = shown[np.isfinite(shown)]
    if not len(finite) or (is_log and finite.min() <= 0):
        return None
    expected = _first(run, "init/expected_loss", "init/loss_expected")
    # The view follows the curves people compare; one wild first step must not flatten them.
    tall = [*finite, *([expected] if expected is not None and expected < 3 * finite.max() else [])]
    if is_log and len(losses.raw.finite):
        tall.append(float(np.quantile(losses.raw.finite, 0.02)))
    kind = "logarithmic scale" if is_log else "linear scale"
    plot = Plot(
        x=Axis(low=0, high=float(max(losses.raw.steps[-1], losses.steps[-1], 1)), label="step"),
        y=axis_over(tall, is_log=is_log, label=f"loss, {kind}"),
        title=f"Training and validation loss over {losses.raw.steps[-1]} steps, {kind}",
        width=WIDTH,
        height=HEIGHT,
    )
    both = np.isfinite(losses.train) & np.isfinite(losses.validation)
    plot.line(losses.raw.steps, losses.raw.values, "raw")
    if both.any():
        plot.band(losses.steps[both], losses.train[both], losses.validation[both], "gap")
    if expected is not None:
        plot.across(expected, "theory", "expected before training")
    if losses.best is not None:
        plot.upright(float(losses.steps[losses.best]), "best", "best")
    plot.line(losses.steps, losses.train, "train")
    plot.line(losses.steps, losses.validation, "validation")
    start = _first(run, "init/loss")
    if start is not None:
        plot.dots([0], [start], "start", 4)
    return plot.render()


def metric_plot(run: Run, metric: str) -> Markup | None:
    """The validation metric over the steps, each baseline's level across it."""
    series = run[f"val/metric/{metric}"]
    if len(series) < 2 or not len(series.finite):
        return None
    levels = {name: level.last for name, level in run.match("baseline/*").items()}
    levels = {name: level for name, level in levels.items() if math.isfinite(level)}
    plot = Plot(
        x=Axis(low=0, high=float(max(series.steps[-1], 1)), label="step"),
        y=axis_over([*series.finite, *levels.values()], label=f"validation {metric}"),
        title=f"Validation {metric} over the steps, with the baselines' levels",
        width=WIDTH,
        height=HEIGHT,
    )
    for name, level in _spread(levels, plot):
        plot.across(levels[name], "baseline")
        plot.text(plot.x.high, level, name, anchor="end", style="baseline", shift=(-4, -4))
    plot.line(series.steps, series.values, "validation")
    return plot.render()


def rate_plot(run: Run) -> Markup | None:
    """The learning rate of the first group; None when it was never seen to change."""
    series = run["lr/0"]
    if len(series) < 3 or not len(series.finite) or np.ptp(series.finite) == 0:
        return None
    plot = Plot(
        x=Axis(low=0, high=float(max(series.steps[-1], 1)), label="step"),
        y=axis_over([0, *series.finite], label="learning rate"),
        title=f"Learning rate, {number(float(series.finite.max()))} at its highest",
        width=WIDTH,
        height=HEIGHT,
    )
    plot.line(series.steps, series.values, "neutral")
    return plot.render()


def _spread(levels: Mapping[str, float], plot: Plot) -> list[tuple[str, float]]:
    """Where to write each level's name so that no two overlap: from the bottom up."""
    room = 13 / (plot.height - plot.top - plot.bottom) * (plot.y.high - plot.y.low)
    placed: list[tuple[str, float]] = []
    for name, level in sorted(levels.items(), key=lambda item: item[1]):
        lowest = placed[-1][1] + room if placed else -math.inf
        placed.append((name, max(level, lowest)))
    return placed


def _first(run: Run, *names: str) -> float | None:
    """The first finite value among series of these names."""
    return next((run[name].first for name in names if math.isfinite(run[name].first)), None)


def curve_words(losses: Losses) -> str:
    """What the curves show, in one or two sentences."""
    if losses.best is None:
        return (
            f"The training loss went from {number(_end(losses.train[:1]))} to {number(_end(losses.train))}."
        )
    best = losses.best
    text = (
        f"The validation loss was lowest, {number(float(losses.validation[best]))}, at step "
        f"{number(int(losses.steps[best]))}, where the training loss was {number(float(losses.train[best]))}."
    )
    later = losses.validation[best:][np.isfinite(losses.validation[best:])]
    if len(later) > 1:
        text += f" The validation loss ended at {number(float(later[-1]))}."
    return text


def _end(values: np.ndarray) -> float:
    finite = values[np.isfinite(values)]
    return float(finite[-1]) if len(finite) else math.nan
