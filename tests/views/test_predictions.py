"""Pictures of predictions."""

import math

from netsitter.views.report.predictions import (
    MOST_CELLS,
    calibration_figure,
    confused_pairs,
    confusion_table,
    importance_figure,
    residual_figures,
    worst_rows,
)


def test_nothing_to_plot_is_no_plot() -> None:
    assert residual_figures([math.nan], [1.0]) == []
    assert confusion_table(["a"], [[1]]) is None
    assert confusion_table(["a", "b"], [[1, 2, 3]]) is None
    assert calibration_figure({"confidence": [0.5], "accuracy": [0.5]}) is None
    assert importance_figure({"a": None}, "rmse") is None


def test_the_numbers_behind_the_residuals() -> None:
    scatter, errors, histogram = residual_figures([1.0, 2.0, 4.0, math.nan], [1.0, 3.0, 2.0, 5.0])
    assert scatter.numbers is not None
    assert list(scatter.numbers.rows) == [(1.0, 1.0), (3.0, 2.0), (2.0, 4.0)]
    assert errors.numbers is not None
    assert histogram.numbers is not None
    assert sum(row[2] for row in histogram.numbers.rows) == 3


def test_calibration_has_wilsons_intervals() -> None:
    picture = calibration_figure({"confidence": [0.6, 0.9], "accuracy": [0.5, 1.0], "count": [10, 10]})
    assert picture is not None
    assert picture.numbers is not None
    (_, _, low, high, _), (_, _, sure, top, _) = picture.numbers.rows
    # Wilson 1927 for 5 of 10 and for 10 of 10 at z = 1.96.
    assert math.isclose(low, 0.2366, abs_tol=1e-4)
    assert math.isclose(high, 0.7634, abs_tol=1e-4)
    assert math.isclose(sure, 0.7225, abs_tol=1e-4)
    assert math.isclose(top, 1.0, abs_tol=1e-9)
    assert "error 10.0 %" in picture.caption


def test_a_confusion_of_many_classes_becomes_its_worst_pairs() -> None:
    classes = [f"c{i}" for i in range(30)]
    counts = [[20 if i == j else 0 for j in range(30)] for i in range(30)]
    counts[3][7], counts[9][2] = 20, 5
    assert confusion_table(classes, counts) is None
    assert confused_pairs(classes, counts) == [("c3", "c7", 20, "50 %"), ("c9", "c2", 5, "20 %")]


def test_worst_rows_show_the_columns_that_matter() -> None:
    cells = {f"x{i}": i for i in range(20)}
    importance = {f"x{i}": {"value": float(i)} for i in range(20)}
    shown = worst_rows(
        [{"row": 4, "actual": 1.0, "predicted": 9.0, "error": 8.0, "cells": cells}], importance
    )
    assert shown["columns"] == [f"x{i}" for i in range(19, 19 - MOST_CELLS, -1)]
    assert shown["rows"][0]["cells"][0] == "19"
    assert not shown["is_class"]
