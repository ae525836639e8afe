"""The validation metric beside the baselines' levels, and the learning rate."""

import math

import numpy as np

from netsitter.run import Run
from netsitter.views.report.charts import FAR
from netsitter.views.report.curves import last_finite
from netsitter.views.report.figure import Figure, Numbers, figure
from netsitter.views.report.plot import Axis, Plot, axis_over
from netsitter.views.report.text import number, short


def metric_figure(run: Run, metric: str) -> Figure | None:
    """The validation metric over the steps, each baseline's level across it."""
    series = run[f"val/metric/{metric}"]
    if len(series) < 2 or not len(series.finite):
        return None
    levels = {name: level.last for name, level in run.match("baseline/*").items()}
    levels = {short(name, 18): level for name, level in levels.items() if math.isfinite(level)}
    levels, away = _near(levels, series.finite)
    plot = Plot(
        x=Axis(low=0, high=float(max(series.steps[-1], 1)), label="step"),
        y=axis_over([*series.finite, *levels.values()], label=f"validation {short(metric, 24)}"),
        title=f"Validation {short(metric)} over the steps, with the baselines' levels",
        width=560,
        height=300,
        right=132 if levels else 76,
    )
    for level in levels.values():
        plot.across(level, "baseline")
    plot.line(series.steps, series.values, "validation")
    plot.broken(series.steps, series.values)
    plot.ends(
        {"network": (last_finite(series.values), "validation")}
        | {n: (v, "baseline") for n, v in levels.items()}
    )
    words = f"{short(metric)} on the validation rows"
    words += "; dashed, what each baseline reaches on the same rows." if levels else "."
    words += "".join(f" Too far away to be drawn: {name}, {number(level)}." for name, level in away.items())
    rows = [*zip(series.steps.tolist(), series.values.tolist(), strict=True)]
    rows += [(f"baseline: {name}", level) for name, level in (levels | away).items()]
    return figure(plot.render(), words, Numbers(head=("step", metric), rows=rows))


def _near(levels: dict[str, float], curve: np.ndarray) -> tuple[dict[str, float], dict[str, float]]:
    """Levels that can be drawn with the curve, and one that would press all else together."""
    order = sorted(levels, key=lambda name: float(np.abs(levels[name] - curve).min()))
    if len(order) < 2:
        return levels, {}
    others = [*curve, *(levels[name] for name in order[:-1])]
    last = levels[order[-1]]
    distance = max(last - max(others), min(others) - last)
    away = {order[-1]: last} if distance > FAR * max(float(np.ptp(others)), 1e-12) else {}
    return {name: level for name, level in levels.items() if name not in away}, away


def rate_figure(run: Run) -> Figure | None:
    """The learning rate of every group; None when none was seen to change."""
    groups = {name: s for name, s in run.match("lr/*").items() if len(s) >= 3 and len(s.finite)}
    groups = {name: s for name, s in groups.items() if np.ptp(s.finite) > 0}
    groups = dict(list(groups.items())[:4])
    if not groups:
        return None
    highest = max(float(s.finite.max()) for s in groups.values())
    plot = Plot(
        x=Axis(low=0, high=float(max(1, *(s.steps[-1] for s in groups.values()))), label="step"),
        y=axis_over([0, highest], label="learning rate", margin=0.04),
        title=f"Learning rate, {number(highest)} at its highest",
        width=560,
        height=300,
        left=72,
        right=76 if len(groups) > 1 else 14,
    )
    for i, series in enumerate(groups.values()):
        plot.line(series.steps, series.values, f"series{i}")
    if len(groups) > 1:
        plot.ends(
            {
                f"group {short(n, 8)}": (last_finite(s.values), f"series{i}")
                for i, (n, s) in enumerate(groups.items())
            }
        )
    rows = [
        (n, step, v)
        for n, s in groups.items()
        for step, v in zip(s.steps.tolist(), s.values.tolist(), strict=True)
    ]
    last = last_finite(next(iter(groups.values())).values)
    words = f"The schedule: at most {number(highest)}, {number(last)} at the end."
    return figure(plot.render(), words, Numbers(head=("group", "step", "learning rate"), rows=rows))
