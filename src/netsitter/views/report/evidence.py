"""The picture behind a finding: the numbers that its rule read, where and since when.

Nothing here knows a rule by name. A rule's ``needs`` say which numbers it looked at, a finding's
``where`` which layers or columns to show: a new rule has its pictures without an edit here.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from netsitter.finding import Finding
from netsitter.rules import find_rule
from netsitter.run import Run
from netsitter.series import Series
from netsitter.views.report.charts import range_bar
from netsitter.views.report.curves import SMOOTHING, smoothed
from netsitter.views.report.figure import Figure, Numbers, figure
from netsitter.views.report.plot import Axis, Plot, axis_over
from netsitter.views.report.text import number, short

MOST_LINES = 5
MOST_BARS = 14
MOST_FIGURES = 2
"""Of one finding: more is a wall of plots."""
FEWEST_POINTS = 4
"""Of a line; fewer are drawn as bars, one a layer."""
WIDE_RANGE = 50.0
"""Largest over smallest value beyond which an axis is logarithmic."""


MEANINGS = {
    "loss": "The loss",
    "grad_norm": "Length of the gradient",
    "grad_share": "Mean gradient of a weight over its mean size",
    "weight_norm": "Length of the weights",
    "update_ratio": "Length of one step over the length of the weights",
    "clip": "Length of the gradient before clipping, and the length it is clipped to",
    "act_std": "Spread of a layer's output",
    "dead": "Share of units that are 0 for every row of the batch",
    "saturated": "Share of outputs at the flat ends of the activation",
    "lr": "The learning rate",
    "init/gain": "Spread of a layer's output over the spread of its input, before training",
    "init/symmetric": "Share of a weight's rows that equal its first row, before training",
    "init/zero": "Share of a weight's entries that are 0, before training",
    "init/weight_std": "Spread of a weight's entries, before training",
    "init": "Loss before training, and what an answer that ignores the inputs gets",
    "target": "Targets and outputs in the batch",
    "input": "The inputs in the batch",
    "time": "Seconds of a step, and those spent waiting for data",
    "baseline": "What the baselines reach",
    "metric": "The score",
}
"""What a family of numbers is in plain words; docs/numbers.md has all of them. Others go by their name."""


def evidence_figures(run: Run, finding: Finding) -> list[Figure]:
    """At most ``MOST_FIGURES`` pictures of what the finding's rule read."""
    rule = find_rule(finding.name)
    if rule is None:
        return []
    wanted = [name for need in rule.needs for name in need.split("|") if not name.startswith(("@", "data/"))]
    made = [_picture(name, group, finding) for name, group in _groups(run, wanted, finding).items()]
    return [picture for picture in made if picture][:MOST_FIGURES]


def evidence_columns(run: Run, finding: Finding) -> list[dict[str, Any]]:
    """What the profile knows of the columns that a finding on the data points at."""
    known = {c.get("name"): c for c in (run.facts.get("data") or {}).get("columns", [])}
    chosen = [known[name] for name in finding.where if name in known][:MOST_BARS]
    names = ("name", "kind", "missing", "distinct", "min", "max")
    return [{**{key: column.get(key) for key in names}, "range": range_bar(column)} for column in chosen]


def _groups(run: Run, wanted: Iterable[str], finding: Finding) -> dict[str, dict[str, Series]]:
    """Series that share an axis, by what they measure: the layers named first, else the most extreme."""
    groups: dict[str, dict[str, Series]] = {}
    for pattern in wanted:
        if "*" in pattern:
            found = _chosen(run.match(pattern), finding.where)
        else:
            found = {pattern: run[pattern]} if run[pattern] else {}
        groups.setdefault(_measure(pattern), {}).update(found)
    # The most telling first: what is known layer by layer, then what is not the loss, which is drawn anyway.
    order = sorted(groups, key=lambda name: (name == "loss", "*" not in name))
    return {name: groups[name] for name in order if groups[name]}


def _measure(pattern: str) -> str:
    """What must not be drawn with something else on one axis: ``loss`` and ``val/loss`` may share it."""
    parts = pattern.removeprefix("val/").removeprefix("train_eval/").split("/")
    if parts[0] in ("target", "output"):
        return "target"
    return "/".join(parts[:-1]) + "/*" if "*" in pattern or len(parts) > 1 else parts[0]


def _meaning(measure: str) -> str:
    return MEANINGS.get(measure.removesuffix("/*"), measure.removesuffix("/*").replace("_", " "))


def _chosen(found: Mapping[str, Series], where: tuple[str, ...]) -> dict[str, Series]:
    named = {name: found[name] for name in where if name in found}
    # A finding may name a layer where the numbers name its parameters.
    named = named or {n: s for place in where for n, s in found.items() if n.startswith(f"{place}.")}
    return dict(list((named or found).items())[:MOST_BARS])


def _picture(measure: str, group: Mapping[str, Series], finding: Finding) -> Figure | None:
    lines = {name: series for name, series in group.items() if len(series) >= FEWEST_POINTS}
    if lines:
        return _lines(measure, dict(list(lines.items())[:MOST_LINES]), finding)
    return _bars(measure, {name: series.last for name, series in group.items() if math.isfinite(series.last)})


def _lines(measure: str, group: Mapping[str, Series], finding: Finding) -> Figure | None:
    finite = np.concatenate([series.finite for series in group.values()])
    if not len(finite):
        return None
    low, high = float(finite.min()), float(finite.max())
    is_log = low > 0 and high / low > WIDE_RANGE
    shown = finite if is_log else finite[finite <= np.quantile(finite, 0.995)]
    last = max(int(series.steps[-1]) for series in group.values())
    plot = Plot(
        x=Axis(low=0, high=float(max(last, 1)), label="step"),
        y=axis_over(shown, is_log=is_log),
        title=f"{', '.join(short(name, 30) for name in group)} over the steps",
        width=560,
        height=220,
        right=150,
        top=22,
    )
    if finding.since is not None:
        plot.upright(float(min(finding.since, last)), "flag")
        anchor = "end" if plot.x.place(finding.since) > 0.6 else "start"
        words = f"since step {finding.since:,}"
        plot.text(min(finding.since, last), plot.y.high, words, anchor=anchor, style="flag", shift=(-4, -6))
    for i, (name, series) in enumerate(group.items()):
        _draw(plot, name, series, _style(name, i), finding)
    plot.ends(
        {
            short(name, 22): (float(series.finite[-1]), _style(name, i))
            for i, (name, series) in enumerate(group.items())
            if len(series.finite)
        }
    )
    rows = [
        (n, step, v)
        for n, s in group.items()
        for step, v in zip(s.steps.tolist(), s.values.tolist(), strict=True)
    ]
    words = f"{_meaning(measure)} over the steps{', on a logarithmic axis' if is_log else ''}."
    return figure(plot.render(), words, Numbers(head=("number", "step", "value"), rows=rows))


def _style(name: str, index: int) -> str:
    """The losses look as they do on the curves of the run; the others are told apart by their order."""
    return {"loss": "train", "val/loss": "validation"}.get(name, f"series{index}")


def _draw(plot: Plot, name: str, series: Series, style: str, finding: Finding) -> None:
    """A line; of a long loss its mean over the noise of single steps."""
    keep = [finding.since] if finding.since is not None else []
    if name == "loss" and len(series) > 3 * SMOOTHING:
        plot.line(series.steps, series.values, "raw", keep=keep)
        plot.line(*smoothed(series), style)
    else:
        plot.line(series.steps, series.values, style, keep=keep)
    plot.broken(series.steps, series.values)


def _bars(measure: str, values: Mapping[str, float]) -> Figure | None:
    """One bar a layer, for what is known at one moment only."""
    if not values:
        return None
    positive = [v for v in values.values() if v > 0]
    is_log = len(positive) == len(values) and max(positive) / min(positive) > WIDE_RANGE
    plot = Plot(
        x=axis_over([*values.values(), *([] if is_log else [0.0])], is_log=is_log),
        y=Axis(low=-0.5, high=len(values) - 0.5),
        title=f"{len(values)} numbers as bars: "
        + ", ".join(f"{short(n, 20)} {number(v)}" for n, v in values.items()),
        width=560,
        height=22 * len(values) + 40,
        left=190,
        right=76,
        bottom=30,
        top=6,
    )
    for row, (name, value) in enumerate(reversed(list(values.items()))):
        plot.bar((plot.x.low if is_log else 0.0, value), (row - 0.3, row + 0.3), "column")
        plot.text(plot.x.low, row, short(name, 27), anchor="end", style="label small", shift=(-8, 4))
        plot.text(max(value, plot.x.low), row, number(value), style="label small", shift=(6, 4))
    words = f"{_meaning(measure)}{', on a logarithmic axis' if is_log else ''}."
    return figure(
        plot.render(y_ticks=False), words, Numbers(head=("number", "value"), rows=list(values.items()))
    )
