"""A chart survives what diverging trainings give it."""

import math

from netsitter.lab.chart import Chart


def test_numbers_that_are_none_break_the_line_and_show_in_the_text():
    chart = Chart(
        title="t",
        x="step",
        y="loss",
        lines={"lost": ([0, 1, 2, 3], [1.0, math.inf, math.nan, 2.0]), "well": ([0, 1], [1.0, 0.5])},
        log_y=True,
        ceiling=1e3,
    )
    assert chart.render().count("<path") >= 2
    assert "×" in chart.spark("lost")
    assert "×" not in chart.spark("well")


def test_a_line_of_nothing_but_nan():
    chart = Chart(title="t", x="x", y="y", lines={"a": ([0, 1], [math.nan, math.nan])})
    assert chart.spark("a") == "××"
    assert "<svg" in chart.render()
