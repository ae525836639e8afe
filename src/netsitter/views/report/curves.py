"""The loss curves of a training, with the gap between them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from markupsafe import Markup

from netsitter.finding import Finding
from netsitter.run import Run
from netsitter.series import Series
from netsitter.views.report.figure import Figure, Numbers
from netsitter.views.report.parts import primary_metric
from netsitter.views.report.plot import Axis, Plot, axis_over
from netsitter.views.report.text import number, short

WIDTH, HEIGHT, MARGIN = 980, 360, 118
SMOOTHING = 40
"""Parts into which a training loss without validation passes is cut to be averaged."""
MOST_FLAGS = 6
"""Findings and treatments that are marked on the curve, the first to act on first."""
WILD = 3.0
"""A reference line or a first loss farther than this many times the highest curve is left to the table:
drawing it would flatten what is to be compared."""

TOWERING = 1e3
"""Largest over median loss beyond which the logarithmic axis is shown first."""


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
        finite = np.where(np.isfinite(self.validation), self.validation, np.nan)
        return int(np.nanargmin(finite)) if np.isfinite(finite).any() else None

    @property
    def last_step(self) -> float:
        return float(max(self.raw.steps[-1], self.steps[-1], 1))


def read_losses(run: Run) -> Losses | None:
    """The curves of a run, or None when it has no training loss."""
    raw, validation = run["loss"], run["val/loss"]
    if not raw:
        return None
    if len(validation) >= 2:
        means = _means(raw, validation.steps)
        return Losses(raw=raw, steps=validation.steps, train=means, validation=validation.values)
    ends, means = smoothed(raw)
    return Losses(raw=raw, steps=ends, train=means, validation=np.full(len(ends), math.nan))


def smoothed(series: Series) -> tuple[np.ndarray, np.ndarray]:
    """Means over ``SMOOTHING`` stretches: the last step of each, and the mean."""
    parts = min(SMOOTHING, len(series))
    ends = np.unique(series.steps[np.linspace(0, len(series) - 1, parts + 1).astype(int)[1:]])
    return ends, _means(series, ends)


def _means(series: Series, ends: np.ndarray) -> np.ndarray:
    edges = np.concatenate([[-1], ends])
    steps, values = series.steps, series.values
    return np.array([_mean(values[(steps > start) & (steps <= end)]) for start, end in pairwise(edges)])


def _mean(values: np.ndarray) -> float:
    """Mean of the values; NaN when one of them is, or there are none: a lost loss is not averaged away."""
    return float(values.mean()) if len(values) and np.isfinite(values).all() else math.nan


def loss_figure(run: Run, losses: Losses, findings: Sequence[Finding] = ()) -> Figure | None:
    """Training and validation loss on a linear and a logarithmic axis, and as a table."""
    views = {
        name: plot
        for name, is_log in (("linear", False), ("logarithmic", True))
        if (plot := _loss_plot(run, losses, findings, is_log=is_log))
    }
    if not views:
        return None
    if "logarithmic" in views and _towers(losses):
        views = dict(reversed(views.items()))
    has_validation = losses.best is not None
    columns = [losses.steps.tolist(), losses.train.tolist(), losses.validation.tolist()]
    return Figure(
        views=views,
        caption=curve_words(losses) + _kept_words(run),
        numbers=Numbers(
            head=("step", "training loss", "validation loss")[: 3 if has_validation else 2],
            rows=list(zip(*columns[: 3 if has_validation else 2], strict=True)),
        ),
        key=(("raw", "loss of each step"), *((("gap", "gap"),) if has_validation else ())),
        title="Loss",
        is_wide=True,
    )


def _towers(losses: Losses) -> bool:
    """Whether a linear axis would show nothing but the highest point."""
    finite = losses.raw.finite
    return len(finite) > 0 and float(finite.max()) > TOWERING * float(np.median(finite))


def _loss_plot(run: Run, losses: Losses, findings: Sequence[Finding], *, is_log: bool) -> Markup | None:
    """None on a log scale that a loss of 0 or less forbids, and where no loss is a number."""
    shown = np.concatenate([losses.train, losses.validation])
    finite = shown[np.isfinite(shown)]
    finite = finite if len(finite) else losses.raw.finite
    if not len(finite) or (is_log and finite.min() <= 0):
        return None
    lines = _reference_lines(run, float(finite.max()))
    tall = [*finite, *(level for level, _ in lines.values())]
    if is_log and len(losses.raw.finite):
        tall.append(float(np.quantile(losses.raw.finite, 0.02)))
    kind = "logarithmic scale" if is_log else "linear scale"
    plot = Plot(
        x=Axis(low=0, high=losses.last_step, label="step"),
        y=axis_over(tall, is_log=is_log, label=f"loss, {kind}"),
        title=f"Training and validation loss over {losses.last_step:.0f} steps, {kind}",
        width=WIDTH,
        height=HEIGHT,
        right=MARGIN,
        top=34,
    )
    plot.line(losses.raw.steps, losses.raw.values, "raw", keep=[f.since for f in findings if f.since])
    both = np.isfinite(losses.train) & np.isfinite(losses.validation)
    for part in np.split(np.flatnonzero(both), np.flatnonzero(np.diff(np.flatnonzero(both)) > 1) + 1):
        plot.band(losses.steps[part], losses.train[part], losses.validation[part], "gap")
    for level, style in lines.values():
        plot.across(level, style)
    _mark_best(plot, losses, kept_step(run))
    _flag(plot, [(f.since, f.name, "flag") for f in findings if f.since is not None] + _acts(run))
    plot.line(losses.steps, losses.train, "train")
    plot.line(losses.steps, losses.validation, "validation")
    plot.broken(losses.raw.steps, losses.raw.values)
    named = {
        "training": (last_finite(losses.train), "train"),
        "validation": (last_finite(losses.validation), "validation"),
    }
    plot.ends(named | lines)
    return plot.render()


def _reference_lines(run: Run, highest: float) -> dict[str, tuple[float, str]]:
    """What a constant answer costs, and where this training began, as far as they fit beside the curve."""
    levels = {
        "constant answer": (_first(run, "init/expected_loss", "init/loss_expected"), "theory"),
        "at the start": (_first(run, "init/loss"), "start"),
    }
    return {
        name: (level, style)
        for name, (level, style) in levels.items()
        if level is not None and abs(level) < WILD * abs(highest)
    }


def kept_step(run: Run) -> int | None:
    """The step whose weights were kept, where the run says by which validation score that was chosen."""
    epoch, series = run.facts.get("best_epoch"), run[f"val/metric/{primary_metric(run)}"]
    is_known = isinstance(epoch, int) and series.count == len(series) and 0 <= epoch < len(series)
    return int(series.steps[epoch]) if is_known else None


def _mark_best(plot: Plot, losses: Losses, kept: int | None) -> None:
    best = losses.best
    if kept is not None:
        plot.upright(float(kept), "best", f"kept, step {kept:,}")
    elif best is not None:
        step = losses.steps[best]
        plot.upright(float(step), "best", f"best, step {step:,}")
        plot.dots([float(step)], [float(losses.validation[best])], "validation", 4)


def _acts(run: Run) -> list[tuple[int, str, str]]:
    """Step and name of each treatment."""
    acts = [(treatment.get("step"), str(treatment.get("remedy"))) for treatment in run.treatments]
    return [(step, name, "act") for step, name in acts if isinstance(step, int)]


def _flag(plot: Plot, marks: Sequence[tuple[int, str, str]]) -> None:
    """Where findings began and remedies were applied, (step, name, style), written above the plot.

    In a second row if two would meet; a third name there is left out, its line is not.
    """
    taken: list[float] = [-math.inf, -math.inf]
    for since, name, style in sorted(marks[:MOST_FLAGS]):
        step, shown = float(min(since, plot.x.high)), short(name, 28)
        place = plot.at(step, plot.y.high)[0]
        is_right = plot.x.place(step) > 0.7
        left = place - 6.6 * len(shown) if is_right else place
        row = next((i for i, end in enumerate(taken) if end < left), None)
        plot.upright(step, style)
        if row is not None:
            taken[row] = left + 6.6 * len(shown) + 10
            anchor, shift = ("end", 4) if is_right else ("start", -4)
            plot.text(step, plot.y.high, shown, anchor=anchor, style=style, shift=(shift, -6 - 14 * row))


def _first(run: Run, *names: str) -> float | None:
    """The first finite value among series of these names."""
    return next((run[name].first for name in names if math.isfinite(run[name].first)), None)


def last_finite(values: np.ndarray) -> float:
    """The last finite value; NaN where there is none."""
    finite = values[np.isfinite(values)]
    return float(finite[-1]) if len(finite) else math.nan


def _kept_words(run: Run) -> str:
    kept, metric = kept_step(run), primary_metric(run)
    if kept is None:
        return ""
    series = run[f"val/metric/{metric}"]
    value = number(float(series.values[series.steps == kept][0]))
    return f" Kept are the weights of step {number(kept)}, where the validation {short(metric)} was {value}."


def curve_words(losses: Losses) -> str:
    """What the curves show, in one to three sentences."""
    lost = losses.raw.first_nonfinite
    end = f" From step {number(int(lost))} on the loss is no number." if lost is not None else ""
    if losses.best is None:
        finite = losses.raw.finite
        if not len(finite):
            return end.strip()
        return (
            f"The training loss went from {number(float(finite[0]))} to {number(last_finite(finite))}.{end}"
        )
    best = losses.best
    text = (
        f"The validation loss was lowest, {number(float(losses.validation[best]))}, at step "
        f"{number(int(losses.steps[best]))}, where the training loss was {number(float(losses.train[best]))}."
    )
    later = losses.validation[best:]
    if np.isfinite(later).sum() > 1:
        text += f" The validation loss ended at {number(last_finite(later))}, the training loss at "
        text += f"{number(last_finite(losses.train))}."
    return text + end
