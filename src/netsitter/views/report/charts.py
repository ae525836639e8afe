"""Scores with their intervals, and a column's range as a strip."""

import math
from collections.abc import Mapping
from typing import Any, TypeGuard

from markupsafe import Markup

from netsitter.views.report.plot import Axis, Plot, axis_over
from netsitter.views.report.text import number, short

ROW = 30
FAR = 3.0
"""A worst score this many times the spread of the others away is drawn as an arrow at the edge."""


def score_plot(metric: str, scores: Mapping[str, Mapping[str, Any]], better: str) -> Markup | None:
    """One row a model: its score as a dot in its interval. The first is the network."""
    rows = {name: score for name, score in scores.items() if is_finite(score.get("value"))}
    if not rows:
        return None
    order = sorted(rows, key=lambda name: rows[name]["value"], reverse=better == "higher")
    plot = Plot(
        x=_score_axis([rows[name] for name in order], f"{metric} ({better} is better)"),
        y=Axis(low=-0.5, high=len(order) - 0.5),
        title=f"Test {metric} of the network and of each baseline, best first",
        width=760,
        height=ROW * len(order) + 62,
        left=150,
        right=205,
    )
    own = next(iter(scores))
    for row, name in enumerate(reversed(order)):
        _draw_score(plot, row, name, rows[name], "own" if name == own else "other")
    return plot.render(y_ticks=False)


def _score_axis(scores: list[Mapping[str, Any]], label: str) -> Axis:
    """Over all scores, or over all but the worst where that one alone would press the others together."""
    ends = [[s[key] for key in ("value", "low", "high") if is_finite(s.get(key))] for s in scores]
    if len(ends) > 2:
        near = [end for model in ends[:-1] for end in model]
        if max(abs(end - near[0]) for end in ends[-1]) > FAR * max(max(near) - min(near), 1e-12):
            return axis_over(near, label=label)
    return axis_over([end for model in ends for end in model], label=label)


def _draw_score(plot: Plot, row: int, name: str, score: Mapping[str, Any], style: str) -> None:
    low, high = score.get("low"), score.get("high")
    if not 0 <= plot.x.place(score["value"]) <= 1:
        is_right = plot.x.place(score["value"]) > 1
        side = plot.x.high if is_right else plot.x.low
        plot.text(
            side,
            row,
            "▸" if is_right else "◂",
            anchor="end" if is_right else "start",
            style="label",
            shift=(0, 5),
        )
    else:
        if is_finite(low) and is_finite(high):
            plot.line([low, high], [row, row], f"interval {style}")
        plot.dots([score["value"]], [row], style, 6)
    plot.text(plot.x.low, row, short(name, 20), anchor="end", style=f"label {style}", shift=(-12, 4))
    plot.text(plot.x.high, row, _interval(score), style=f"label {style}", shift=(12, 4))


def is_finite(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _interval(score: Mapping[str, Any]) -> str:
    if not (is_finite(score.get("low")) and is_finite(score.get("high"))):
        return number(score["value"])
    return f"{number(score['value'])}  ({number(score['low'])} – {number(score['high'])})"


def range_bar(fact: Mapping[str, Any]) -> Markup | None:
    """How a column's values are spread, as a strip: a histogram where there is one, and the quartiles."""
    ends = [fact.get(key) for key in ("min", "lower", "median", "upper", "max")]
    known = [float(end) for end in ends if is_finite(end)]
    if len(known) < len(ends) or known[0] >= known[-1]:
        return None
    low, lower, middle, upper, high = known
    histogram = fact.get("histogram") or {}
    counts = [float(count) for count in histogram.get("counts", [])]
    if counts:
        low, high = float(histogram["from"]), float(histogram["to"])
    plot = Plot(
        x=Axis(low=low, high=high),
        y=Axis(low=0, high=1),
        title=f"half of the rows between {number(lower)} and {number(upper)}, the median {number(middle)}",
        width=120,
        height=26 if counts else 16,
        left=2,
        right=2,
        top=2,
        bottom=2,
    )
    wide = (high - low) / max(len(counts), 1)
    for i, count in enumerate(counts):
        plot.bar(
            (low + i * wide, low + (i + 0.85) * wide), (0.25, 0.25 + 0.75 * count / max(counts)), "column"
        )
    box = (0.0, 0.18) if counts else (0.1, 0.9)
    plot.line([low, high], [sum(box) / 2] * 2, "whisker")
    plot.bar((lower, upper), box, "box" if counts else "column")
    plot.line([middle, middle], box, "median")
    return plot.render(x_ticks=False, y_ticks=False)
