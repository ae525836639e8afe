"""Layer by time, evidence, and what the search tells."""

import math
import re

import numpy as np
import pytest

from netsitter.diagnosis import diagnose
from netsitter.finding import Depth, Finding, Severity
from netsitter.rules import all_rules
from netsitter.run import Run
from netsitter.views.report.evidence import evidence_columns, evidence_figures
from netsitter.views.report.layers import MOST_LAYERS, MOST_LOOKS, SHADES, layer_figures, looks
from netsitter.views.report.search import (
    importance_figure,
    parallel_figure,
    searched,
    setting_importance,
    settings_of,
)


def layered(layers: int = 3, steps: int = 40) -> Run:
    run = Run({"model": {"modules": {f"m{i}": {} for i in range(layers)}, "parameters": {}}})
    for step in range(steps):
        run.append(step, {f"dead/m{i}": float(i == 1 and step > 20) for i in reversed(range(layers))})
    return run


def test_a_map_has_the_layers_in_order_and_says_how_many() -> None:
    (picture,) = layer_figures(layered())
    assert picture.title == "Dead units"
    assert picture.numbers is not None
    assert [row[0] for row in picture.numbers.rows] == ["m0", "m1", "m2"]
    assert picture.numbers.rows[1][1:] == (0.0, 0.0, 1.0, 0.0, 1.0)


def test_a_deep_network_keeps_the_layers_that_findings_name() -> None:
    (picture,) = layer_figures(layered(layers=200), named={"m131", "m7"})
    assert picture.numbers is not None
    names = [row[0] for row in picture.numbers.rows]
    assert {"m0", "m131", "m7", "m199"} <= set(names)
    assert len(names) <= MOST_LAYERS


def test_looks_that_share_a_column_keep_the_extreme_and_what_is_no_number() -> None:
    run = Run()
    values = np.full(5000, 0.5)
    values[1234], values[4000] = 9.0, math.nan
    for step, value in enumerate(values):
        run.append(step, {"grad_norm/w": value})
    starts, table = looks({"w": run["grad_norm/w"]})
    assert len(starts) <= MOST_LOOKS
    assert np.nanmax(np.where(np.isinf(table), np.nan, table)) == 9.0
    assert np.isinf(table).sum() == 1
    (picture,) = layer_figures(run)
    assert picture.views[""].count('class="lost"') == 2, "one cell of the map, one box of the scale"


def test_every_shade_has_a_colour() -> None:
    from netsitter.views.report import render_report

    style = render_report(Run())
    assert {f".shade{i} {{ fill" for i in range(SHADES)} <= set(re.findall(r"\.shade\d \{ fill", style))


# ---- evidence


def sick_findings() -> list[tuple[Run, Finding]]:
    """Every finding of every rule's own sick cases."""
    return [
        (case.run, finding)
        for rule in all_rules()
        for case in rule.cases()
        if case.is_sick
        for finding in diagnose(case.run, [rule]).findings
    ]


def test_every_rules_findings_can_be_pictured() -> None:
    pictured = set()
    for run, finding in sick_findings():
        pictures = evidence_figures(run, finding)
        assert all(picture.caption and picture.numbers for picture in pictures)
        if pictures:
            pictured.add(finding.name)
    by_numbers = {
        rule.name
        for rule in all_rules()
        if any(not need.startswith(("@", "data/")) for part in rule.needs for need in part.split("|"))
    }
    assert len(pictured) >= 0.9 * len(by_numbers), sorted(by_numbers - pictured)


def test_the_layers_that_a_finding_names_are_shown() -> None:
    finding = Finding(
        code="A001",
        name="dead-units",
        severity=Severity.SICK,
        depth=Depth.DYNAMICS,
        message="m",
        where=("m1",),
        since=21,
    )
    (picture,) = evidence_figures(layered(), finding)
    assert ">m1<" in picture.views[""].replace("dead/", "")
    assert ">m2<" not in picture.views[""]
    assert "since step 21" in picture.views[""]


def test_columns_of_a_finding_on_the_data() -> None:
    run = Run({"data": {"columns": [{"name": "a", "kind": "number"}, {"name": "b", "kind": "number"}]}})
    finding = Finding(
        code="D001", name="outliers", severity=Severity.ODD, depth=Depth.SETTING, message="m", where=("b",)
    )
    assert [column["name"] for column in evidence_columns(run, finding)] == ["b"]


# ---- the search


def board(trials: int = 24) -> list[dict]:
    rng = np.random.default_rng(0)
    rows = []
    for i in range(trials):
        rate, activation = float(10 ** rng.uniform(-4, -1)), ["relu", "tanh"][i % 2]
        score = abs(math.log10(rate) + 2.5) + 0.01 * rng.random()
        settings = {"fit.lr": rate} | ({"net.activation": activation} if activation != "relu" else {})
        rows.append(
            {"name": f"t{i}", "stage": "tune", "validation": score, "settings": settings, "failed": None}
        )
    rows.append({"name": "broke", "stage": "tune", "validation": None, "settings": {}, "failed": "nan"})
    rows.append({"name": "fold", "stage": "squeeze", "validation": 0.0, "settings": {}, "failed": None})
    return rows


def test_only_scores_on_the_same_rows_are_compared_best_first() -> None:
    trials = searched(board())
    assert len(trials) == 24
    assert [t["validation"] for t in trials] == sorted(t["validation"] for t in trials)


def test_the_setting_that_matters_is_found() -> None:
    trials = searched(board())
    table = settings_of(trials, {"net.activation": "relu"})
    assert set(table["net.activation"]) == {"relu", "tanh"}
    importance = setting_importance(table)
    assert next(iter(importance)) == "fit.lr"
    assert importance["fit.lr"] > 5 * importance["net.activation"]
    assert setting_importance({name: values[:5] for name, values in table.items()}) == {}
    picture = importance_figure(importance, len(trials))
    assert picture is not None
    assert "a hint, not a measurement" in picture.caption


@pytest.mark.parametrize("count", [3, 24, 400])
def test_every_trial_is_a_line_of_which_the_best_is_thick(count: int) -> None:
    trials = searched(board(count))
    table = settings_of(trials, {"net.activation": "relu"})
    picture = parallel_figure(trials, table, {}, "rmse")
    assert picture is not None
    svg = picture.views[""]
    assert svg.count("best-trial") == 1
    assert svg.count("<title>") == min(count, 200)
    assert svg.rindex("best-trial") > svg.rindex("line trial "), "drawn last, above the others"
