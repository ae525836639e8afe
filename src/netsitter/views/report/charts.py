"""Plots of scores and predictions."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

import numpy as np
from markupsafe import Markup

from netsitter.views.report.plot import Axis, Plot, axis_over
from netsitter.views.report.text import number, percent, short

ROW = 30
MOST_CLASSES = 20
"""Of a confusion matrix; with more nothing could be read."""
MOST_COLUMNS = 20
"""Of the importance plot, the most important first."""


def score_plot(metric: str, scores: Mapping[str, Mapping[str, Any]], better: str) -> Markup | None:
    """One row a model: its score as a dot in its interval. The first is the network."""
    rows = {name: score for name, score in scores.items() if is_finite(score.get("value"))}
    if not rows:
        return None
    ends = [s[key] for s in rows.values() for key in ("value", "low", "high") if is_finite(s.get(key))]
    order = sorted(rows, key=lambda name: rows[name]["value"], reverse=better == "higher")
    plot = Plot(
        x=axis_over(ends, label=f"{metric} ({better} is better)"),
        y=Axis(low=-0.5, high=len(order) - 0.5),
        title=f"Test {metric} of the network and of each baseline, best first",
        width=760,
        height=ROW * len(order) + 62,
        left=150,
        right=185,
    )
    own = next(iter(scores))
    for row, name in enumerate(reversed(order)):
        score, style = rows[name], "own" if name == own else "other"
        low, high = score.get("low"), score.get("high")
        if is_finite(low) and is_finite(high):
            plot.line([low, high], [row, row], f"interval {style}")
        plot.dots([score["value"]], [row], style, 6)
        plot.text(plot.x.low, row, short(name, 20), anchor="end", style=f"label {style}", shift=(-12, 4))
        plot.text(plot.x.high, row, _interval(score), style=f"label {style}", shift=(12, 4))
    return plot.render(y_ticks=False)


def is_finite(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _interval(score: Mapping[str, Any]) -> str:
    if not (is_finite(score.get("low")) and is_finite(score.get("high"))):
        return number(score["value"])
    return f"{number(score['value'])}  ({number(score['low'])} – {number(score['high'])})"


def residual_plots(predicted: Sequence[float], actual: Sequence[float]) -> list[Markup]:
    """Predicted against actual, and how the errors are spread."""
    p, y = np.asarray(predicted, dtype=float), np.asarray(actual, dtype=float)
    known = np.isfinite(p) & np.isfinite(y)
    p, y = p[known], y[known]
    if len(p) < 2:
        return []
    both = axis_over([*p, *y])
    scatter = Plot(
        x=Axis(low=both.low, high=both.high, label="actual value"),
        y=Axis(low=both.low, high=both.high, label="predicted value"),
        title=f"Predicted against actual values of {len(p)} test rows",
        width=480,
        height=400,
    )
    scatter.line([both.low, both.high], [both.low, both.high], "theory")
    scatter.dots(y, p, "point", 2.5)
    error = p - y
    counts, edges = np.histogram(error, bins=min(40, max(8, len(error) // 12)))
    spread = Plot(
        x=Axis(low=float(edges[0]), high=float(edges[-1]), label="predicted − actual"),
        y=Axis(low=0, high=float(counts.max()) * 1.05, label="rows"),
        title="Histogram of the errors",
        width=480,
        height=400,
    )
    for count, start, end in zip(counts, edges[:-1], edges[1:], strict=True):
        spread.bar((start, end), (0, count), "column")
    spread.upright(0.0, "theory")
    return [scatter.render(), spread.render()]


def calibration_plot(confidence: Sequence[float], accuracy: Sequence[float]) -> Markup | None:
    """How often the network is right against how sure it is."""
    pairs = [(c, a) for c, a in zip(confidence, accuracy, strict=False) if is_finite(c) and is_finite(a)]
    if len(pairs) < 2:
        return None
    low = math.floor(10 * min(min(pair) for pair in pairs)) / 10
    plot = Plot(
        x=Axis(low=low, high=1.0, label="how sure (mean probability of the answer)"),
        y=Axis(low=low, high=1.02, label="how often right"),
        title="Share of right answers against the probability given to them",
        width=480,
        height=400,
    )
    plot.line([low, 1], [low, 1], "theory")
    xs, ys = zip(*sorted(pairs), strict=True)
    plot.line(xs, ys, "validation")
    plot.dots(xs, ys, "own", 4)
    return plot.render()


def importance_plot(importance: Mapping[str, Any], metric: str) -> Markup | None:
    """How much worse the score gets when a column is shuffled."""
    drops = {name: float(drop) for name, drop in importance.items() if is_finite(drop)}
    order = sorted(drops, key=lambda name: -drops[name])[:MOST_COLUMNS]
    if not order:
        return None
    plot = Plot(
        x=axis_over(
            [0, *(drops[name] for name in order)], label=f"{metric} lost when the column is shuffled"
        ),
        y=Axis(low=-0.5, high=len(order) - 0.5),
        title="Importance of the columns, greatest first",
        width=760,
        height=24 * len(order) + 54,
        left=210,
        right=80,
    )
    for row, name in enumerate(reversed(order)):
        plot.bar((0, drops[name]), (row - 0.32, row + 0.32), "column")
        plot.text(plot.x.low, row, short(name, 27), anchor="end", style="label", shift=(-10, 4))
        plot.text(max(drops[name], 0), row, number(drops[name]), style="label", shift=(6, 4))
    return plot.render(y_ticks=False)


def confusion_table(classes: Sequence[Any], counts: Sequence[Sequence[int]]) -> Markup | None:
    """Actual classes down, predicted ones across; a cell's shade is its share of the row."""
    table = np.asarray(counts, dtype=float)
    n = len(classes)
    if not 2 <= n <= MOST_CLASSES or table.shape != (n, n):
        return None
    head = Markup("").join(Markup("<th scope='col'>{}</th>").format(short(c, 24)) for c in classes)
    rows = []
    for i, name in enumerate(classes):
        whole = table[i].sum()
        cells = [_cell(table[i, j], table[i, j] / whole if whole else 0.0, i == j) for j in range(n)]
        recall = percent(table[i, i] / whole) if whole else "–"
        rows.append(
            Markup("<tr><th scope='row'>{}</th>{}<td class='total'>{}</td></tr>").format(
                short(name, 24), Markup("").join(cells), recall
            )
        )
    return Markup(
        "<table class='confusion'><thead><tr><th>actual ↓ predicted →</th>{}<th scope='col'>right</th></tr>"
        "</thead><tbody>{}</tbody></table>"
    ).format(head, Markup("").join(rows))


def _cell(count: float, share: float, is_right: bool) -> Markup:
    return Markup("<td class='{}' style='--share:{}'>{}</td>").format(
        "right" if is_right else "wrong", f"{share:.3f}", f"{count:,.0f}"
    )


def range_bar(fact: Mapping[str, Any]) -> Markup | None:
    """A column's quartiles between its smallest and largest value, as a strip."""
    ends = [fact.get(key) for key in ("min", "lower", "median", "upper", "max")]
    known = [float(end) for end in ends if is_finite(end)]
    if len(known) < len(ends) or known[0] >= known[-1]:
        return None
    low, lower, middle, upper, high = known
    plot = Plot(
        x=Axis(low=low, high=high),
        y=Axis(low=0, high=1),
        title=f"half of the rows between {number(lower)} and {number(upper)}",
        width=120,
        height=16,
        left=2,
        right=2,
        top=2,
        bottom=2,
    )
    plot.line([low, high], [0.5, 0.5], "whisker")
    plot.bar((lower, upper), (0.1, 0.9), "column")
    plot.line([middle, middle], [0, 1], "median")
    return plot.render(x_ticks=False, y_ticks=False)
