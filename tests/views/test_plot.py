"""Axes and the plot's marks."""

import itertools
import math
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from netsitter.views.report.charts import score_plot
from netsitter.views.report.plot import MOST_POINTS, TINY, Axis, Plot, axis_over, thinned

FINITE = st.floats(-1e12, 1e12, allow_nan=False)


@given(st.lists(st.floats(), max_size=20), st.booleans())
@example([5e-324], False)
def test_an_axis_holds_what_it_is_over(values: list[float], is_log: bool) -> None:
    axis = axis_over([v for v in values if abs(v) < 1e250], is_log=is_log)
    assert axis.low < axis.high
    for value in values:
        if math.isfinite(value) and abs(value) < 1e250 and (value > TINY or not is_log):
            assert -1e-6 <= axis.place(value) <= 1 + 1e-6


@given(FINITE, st.floats(1e-6, 1e6))
def test_ticks_are_few_and_within(low: float, width: float) -> None:
    axis = Axis(low=low, high=low + max(width, abs(low) * 1e-6))
    ticks = axis.ticks()
    assert 1 <= len(ticks) <= 8
    slack = 1e-6 * (axis.high - axis.low) + 1e-9 * abs(low)
    assert all(axis.low - slack <= t <= axis.high + slack for t in ticks)


@pytest.mark.parametrize(("low", "high"), [(0.9, 1.2), (1e-3, 1.0), (1e-12, 1e9)])
def test_log_ticks(low: float, high: float) -> None:
    ticks = Axis(low=low, high=high, is_log=True).ticks()
    assert 1 <= len(ticks) <= 12
    assert all(low * (1 - 1e-9) <= t <= high * (1 + 1e-9) for t in ticks)


def canvas() -> Plot:
    return Plot(x=Axis(low=0, high=1), y=Axis(low=0, high=1), title="t", left=0, right=0, top=0, bottom=0)


def test_a_line_breaks_where_a_value_is_missing() -> None:
    plot = canvas()
    plot.line([0, 0.25, 0.5, 0.75, 1], [0, 1, math.nan, 1, 0], "s")
    assert re.findall("[ML]", plot.marks[0]) == ["M", "L", "M", "L"]


def test_a_long_line_keeps_its_extremes() -> None:
    plot, n = canvas(), 50_000
    ys = [0.5] * n
    ys[31_234], ys[777] = 1.0, 0.0
    plot.line([i / n for i in range(n)], ys, "s")
    places = re.findall(r"[ML][\d.]+ ([\d.]+)", plot.marks[0])
    assert len(places) <= MOST_POINTS + 2
    assert {"0.0", f"{plot.height:.1f}"} <= set(places)


VALUES = st.lists(st.floats(-1e6, 1e6) | st.just(math.nan) | st.just(math.inf), min_size=2, max_size=4000)


@given(VALUES, st.sets(st.integers(0, 3999), max_size=5))
def test_thinning_keeps_extremes_what_is_no_number_and_findings(values: list[float], since: set[int]) -> None:
    values = values * (1 + 3000 // len(values))
    steps = range(len(values))
    kept = thinned(list(steps), values, keep=since)
    finite = [v for v in values if math.isfinite(v)]
    shown = [v for _, v in kept if math.isfinite(v)]
    assert [step for step, _ in kept] == sorted({step for step, _ in kept})
    assert len(kept) <= 1.5 * MOST_POINTS + len(since) + 3
    if finite:
        assert (min(shown), max(shown)) == (min(finite), max(finite))
    first_lost = next((i for i, v in enumerate(values) if not math.isfinite(v)), None)
    assert first_lost is None or any(step == first_lost for step, _ in kept)
    assert {step for step in since if step < len(values)} <= {step for step, _ in kept}


def test_a_stretch_without_numbers_is_marked_and_named() -> None:
    plot = canvas()
    plot.broken([0, 0.25, 0.5, 0.75, 1], [0, math.nan, math.inf, 1, math.nan])
    assert plot.marks[0].count("M") == 2
    assert "no number from step 0" in plot.marks[1]


def test_names_at_the_ends_never_overlap() -> None:
    plot = Plot(x=Axis(low=0, high=1), y=Axis(low=0, high=1), title="t", height=200, top=0, bottom=0)
    plot.ends(dict.fromkeys("abcd", (0.5, "s")))
    heights = sorted(float(y) for y in re.findall(r' y="([\d.]+)"', "".join(plot.marks)))
    assert all(b - a >= 12.9 for a, b in itertools.pairwise(heights))


def test_scores_are_ordered_best_first() -> None:
    scores = {
        "network": {"value": 2.0},
        "dumb": {"value": 3.0},
        "trees": {"value": 1.0, "low": 0.5, "high": 1.5},
    }
    for better, order in (("lower", ["trees", "network", "dumb"]), ("higher", ["dumb", "network", "trees"])):
        plot = score_plot("rmse", scores, better)
        labels = re.findall(r'y="([\d.]+)" text-anchor="end">(\w+)<', plot or "")
        assert [name for _, name in sorted(labels, key=lambda label: float(label[0]))] == order


def test_nothing_to_plot_is_no_plot() -> None:
    assert score_plot("rmse", {"network": {"value": None}}, "lower") is None
