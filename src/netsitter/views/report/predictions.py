"""What the network makes of rows it has never seen: how wrong, how sure, wrong on which rows, and by what."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from netsitter.views.report.charts import is_finite
from netsitter.views.report.figure import Figure, Numbers, figure
from netsitter.views.report.plot import Axis, Plot, axis_over
from netsitter.views.report.text import number, percent, setting, short

MOST_CLASSES = 20
"""Of a confusion matrix; with more only the pairs most often confused are listed."""
MOST_PAIRS = 12
MOST_COLUMNS = 20
"""Of the importance plot, the most important first."""
MOST_CELLS = 8
"""Columns shown of a row that was predicted badly, the most important first."""
Z = 1.96
"""Standard deviations on each side of a 95 % interval."""


def residual_figures(predicted: Sequence[float], actual: Sequence[float]) -> list[Figure]:
    """Predicted against actual, the errors against the prediction, and how the errors are spread."""
    p, y = np.asarray(predicted, dtype=float), np.asarray(actual, dtype=float)
    known = np.isfinite(p) & np.isfinite(y)
    p, y = p[known], y[known]
    if len(p) < 2:
        return []
    return [picture for picture in (_scatter(p, y), _errors(p, y), _histogram(p - y)) if picture]


def _scatter(p: np.ndarray, y: np.ndarray) -> Figure | None:
    both = axis_over([*p, *y])
    plot = Plot(
        x=Axis(low=both.low, high=both.high, label="actual value"),
        y=Axis(low=both.low, high=both.high, label="predicted value"),
        title=f"Predicted against actual values of {len(p)} test rows",
        width=420,
        height=330,
    )
    plot.line([both.low, both.high], [both.low, both.high], "theory")
    plot.dots(y, p, "point", 2.5)
    numbers = Numbers(head=("actual", "predicted"), rows=list(zip(y.tolist(), p.tolist(), strict=True)))
    return figure(plot.render(), "Each dot is a test row; on the dashed line the network is right.", numbers)


def _errors(p: np.ndarray, y: np.ndarray) -> Figure | None:
    error = p - y
    wide = float(np.abs(error).max()) or 1.0
    plot = Plot(
        x=axis_over(p, label="predicted value"),
        y=Axis(low=-1.05 * wide, high=1.05 * wide, label="predicted − actual"),
        title="Errors against the predicted value",
        width=420,
        height=330,
    )
    plot.across(0.0, "theory")
    plot.dots(p, error, "point", 2.5)
    parts = [part for part in np.array_split(np.argsort(p), min(5, max(1, len(p) // 10))) if len(part)]
    rows = [
        (
            f"{number(float(p[part].min()))} to {number(float(p[part].max()))}",
            len(part),
            float(error[part].mean()),
            float(np.sqrt(np.mean(error[part] ** 2))),
        )
        for part in parts
    ]
    numbers = Numbers(head=("predicted", "rows", "mean error", "root mean square error"), rows=rows)
    words = "Above the line the network says too much, below too little; a fan opens where it errs more."
    return figure(plot.render(), words, numbers)


def _histogram(error: np.ndarray) -> Figure | None:
    counts, edges = np.histogram(error, bins=min(40, max(8, len(error) // 12)))
    plot = Plot(
        x=Axis(low=float(edges[0]), high=float(edges[-1]), label="predicted − actual"),
        y=Axis(low=0, high=float(counts.max()) * 1.05, label="rows"),
        title="Histogram of the errors",
        width=420,
        height=330,
    )
    for count, start, end in zip(counts, edges[:-1], edges[1:], strict=True):
        plot.bar((start, end), (0, count), "column")
    plot.upright(0.0, "theory")
    rows = [(float(a), float(b), int(n)) for n, a, b in zip(counts, edges[:-1], edges[1:], strict=True)]
    half = float(np.median(np.abs(error)))
    words = f"The errors, by size. Half of the rows are predicted to within {number(half)}."
    return figure(plot.render(), words, Numbers(head=("from", "to", "rows"), rows=rows))


def calibration_figure(calibration: Mapping[str, Sequence[float]]) -> Figure | None:
    """How often the network is right against how sure it is, with Wilson's interval for each bin."""
    columns = [calibration["confidence"], calibration["accuracy"], calibration.get("count") or []]
    counts = [*columns[2], *[0] * len(columns[0])]
    bins = sorted(
        (c, a, n)
        for c, a, n in zip(columns[0], columns[1], counts, strict=False)
        if is_finite(c) and is_finite(a)
    )
    if len(bins) < 2:
        return None
    ends = [_wilson(a, n) for _, a, n in bins]
    low = math.floor(10 * min(0.95, *(c for c, _, _ in bins), *(end[0] for end in ends))) / 10
    plot = Plot(
        x=Axis(low=low, high=1.0, label="how sure (mean probability of the answer)"),
        y=Axis(low=low, high=1.02, label="how often right"),
        title="Share of right answers against the probability given to them",
        width=420,
        height=330,
    )
    plot.line([low, 1], [low, 1], "theory")
    for (sure, _, _), (bottom, top) in zip(bins, ends, strict=True):
        plot.line([sure, sure], [bottom, top], "interval own")
    plot.line([c for c, _, _ in bins], [a for _, a, _ in bins], "validation")
    plot.dots([c for c, _, _ in bins], [a for _, a, _ in bins], "own", 4)
    whole = sum(n for _, _, n in bins)
    gap = sum(n * abs(c - a) for c, a, n in bins) / whole if whole else None
    words = "On the dashed line the network is as often right as it says; below it, it is too sure of itself."
    words += f" Expected calibration error {percent(gap)}." if gap is not None else ""
    rows = [(c, a, *end, n) for (c, a, n), end in zip(bins, ends, strict=True)]
    head = ("mean probability", "share right", "interval from", "interval to", "rows")
    return figure(plot.render(), words, Numbers(head=head, rows=rows))


def _wilson(share: float, count: float) -> tuple[float, float]:
    """The score interval of a share (Wilson 1927); the share itself where the count is unknown."""
    if not count:
        return share, share
    centre = (share + Z**2 / (2 * count)) / (1 + Z**2 / count)
    half = Z / (1 + Z**2 / count) * math.sqrt(share * (1 - share) / count + Z**2 / (4 * count**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def importance_figure(importance: Mapping[str, Any], metric: str) -> Figure | None:
    """How much worse the score gets when a column is shuffled, with the spread over the shuffles."""
    drops = {name: _drop(drop) for name, drop in importance.items()}
    drops = {name: drop for name, drop in drops.items() if is_finite(drop["value"])}
    order = sorted(drops, key=lambda name: -drops[name]["value"])[:MOST_COLUMNS]
    if not order:
        return None
    ends = [end for name in order for end in drops[name].values() if is_finite(end)]
    plot = Plot(
        x=axis_over([0, *ends], label=f"{metric} lost when the column is shuffled"),
        y=Axis(low=-0.5, high=len(order) - 0.5),
        title="Importance of the columns: "
        + ", ".join(f"{short(n, 20)} {number(drops[n]['value'])}" for n in order[:5]),
        width=760,
        height=24 * len(order) + 54,
        left=210,
        right=80,
    )
    for row, name in enumerate(reversed(order)):
        drop = drops[name]
        plot.bar((0, drop["value"]), (row - 0.32, row + 0.32), "column")
        if is_finite(drop["low"]) and is_finite(drop["high"]):
            plot.line([drop["low"], drop["high"]], [row, row], "whisker")
        plot.text(plot.x.low, row, short(name, 27), anchor="end", style="label", shift=(-10, 4))
        plot.text(
            max(drop["value"], drop["high"] or 0, 0), row, number(drop["value"]), style="label", shift=(6, 4)
        )
    words = (
        f"How much {metric} the network loses on the test rows when one column is shuffled among them. "
        "Columns that tell the same share their importance: each can then stand in for the other."
    )
    rows = [(name, *drops[name].values()) for name in sorted(drops, key=lambda name: -drops[name]["value"])]
    return figure(
        plot.render(y_ticks=False), words, Numbers(head=("column", "lost", "from", "to"), rows=rows)
    )


def _drop(value: Any) -> dict[str, Any]:
    given = value if isinstance(value, Mapping) else {"value": value}
    return {key: given.get(key) for key in ("value", "low", "high")}


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
    columns = table.sum(axis=0)
    sure = [percent(table[j, j] / columns[j]) if columns[j] else "–" for j in range(n)]
    foot = Markup("").join(Markup("<td class='total'>{}</td>").format(share) for share in sure)
    return Markup(
        "<table class='confusion'><thead><tr><th scope='col'>actual ↓ predicted →</th>{}<th scope='col'>found"
        "</th></tr></thead><tbody>{}</tbody><tfoot><tr><th scope='row'>right when said</th>{}<td></td>"
        "</tr></tfoot></table>"
    ).format(head, Markup("").join(rows), foot)


def _cell(count: float, share: float, is_right: bool) -> Markup:
    return Markup("<td class='{}' style='--share:{}'>{}</td>").format(
        "right" if is_right else "wrong", f"{share:.3f}", f"{count:,.0f}"
    )


def confused_pairs(
    classes: Sequence[Any], counts: Sequence[Sequence[int]]
) -> list[tuple[str, str, int, str]]:
    """The pairs most often confused: actual, predicted, rows, share of the actual class."""
    table = np.asarray(counts, dtype=float)
    if table.shape != (len(classes), len(classes)):
        return []
    wrong = table - np.diag(np.diag(table))
    order = [divmod(int(i), len(classes)) for i in np.argsort(-wrong, axis=None, kind="stable")[:MOST_PAIRS]]
    return [
        (
            short(classes[i], 40),
            short(classes[j], 40),
            int(wrong[i, j]),
            percent(wrong[i, j] / table[i].sum()),
        )
        for i, j in order
        if wrong[i, j] > 0
    ]


def worst_rows(rows: Sequence[Mapping[str, Any]], importance: Mapping[str, Any]) -> dict[str, Any]:
    """The rows that cost most, with the columns that matter most first."""
    if not rows:
        return {}
    names = {name: None for row in rows for name in row.get("cells") or {}}
    drops = {name: _drop(importance.get(name))["value"] for name in names}
    order = sorted(names, key=lambda name: -(drops[name] if is_finite(drops[name]) else -math.inf))[
        :MOST_CELLS
    ]
    shown = [
        {
            "row": row.get("row"),
            "actual": short(setting(row.get("actual")), 30),
            "predicted": short(setting(row.get("predicted")), 30),
            "probability": row.get("probability"),
            "error": row.get("error"),
            "cells": [short(setting((row.get("cells") or {}).get(name)), 24) for name in order],
        }
        for row in rows
    ]
    return {"columns": order, "rows": shown, "is_class": any(is_finite(row["probability"]) for row in shown)}
