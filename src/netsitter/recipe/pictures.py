"""Data of the report's pictures of predictions: how wrong, how sure, on which rows, by which columns."""

import time
from typing import Any

import numpy as np
import pandas as pd

from netsitter.recipe.model import Model
from netsitter.recipe.problem import Problem
from netsitter.recipe.score import LOWER_IS_BETTER, row_losses
from netsitter.tables import cells
from netsitter.tables.schema import Task

MOST_POINTS = 1000
"""Of the residual plot: more make a page heavy and a picture no clearer."""
CALIBRATION_BINS = 10
WORST = 10
"""Rows listed with their cells."""
MOST_CELLS, LONGEST_CELL = 40, 80
"""Of a listed row."""
SHUFFLES = 3
"""Of each column; the report shows the smallest and the largest loss beside the mean."""
FEWEST_ROWS, MOST_ROWS = 30, 500
"""Test rows among which a column is shuffled."""
MOST_COLUMNS = 300
ASKED = 100
"""Rows by which it is measured how long the model takes to answer."""
PART = 20_000
"""Rows predicted at once."""


def pictures(problem: Problem, model: Model, prediction: np.ndarray, shuffled: int) -> dict[str, Any]:
    """Facts for the report: ``prediction`` is what the model says of the test rows, in order.

    Columns are shuffled among ``shuffled`` of them at most.
    """
    target = problem.target[problem.split.test]
    if problem.task is Task.REGRESSION:
        keep = np.linspace(0, len(target) - 1, min(len(target), MOST_POINTS)).astype(int)
        shown = {"residuals": {"predicted": prediction[keep].tolist(), "actual": target[keep].tolist()}}
    else:
        counts = np.zeros((problem.n_classes, problem.n_classes), dtype=int)
        np.add.at(counts, (target, prediction.argmax(axis=1)), 1)
        classes = [str(label) for label in problem.classes]
        shown = {
            "confusion": {"classes": classes, "counts": counts.tolist()},
            "calibration": calibration(prediction, target),
        }
    return {
        **shown,
        "worst_rows": worst_rows(problem, prediction),
        "importance": column_importance(problem, model, shuffled),
    }


def calibration(prediction: np.ndarray, target: np.ndarray) -> dict[str, list[float]]:
    """Mean confidence against accuracy in equally filled bins, surest class of each row."""
    confidence, right = prediction.max(axis=1), prediction.argmax(axis=1) == target
    parts = [p for p in np.array_split(np.argsort(confidence), CALIBRATION_BINS) if len(p)]
    return {
        "confidence": [float(confidence[part].mean()) for part in parts],
        "accuracy": [float(right[part].mean()) for part in parts],
        "count": [len(part) for part in parts],
    }


def worst_rows(problem: Problem, prediction: np.ndarray) -> list[dict[str, Any]]:
    """The test rows that cost most, worst first, with their cells. Rows count from 1, the header aside."""
    rows = problem.split.test
    target = problem.target[rows]
    worst = np.argsort(-row_losses(problem.metric, prediction, target), kind="stable")[:WORST]
    names = [column.name for column in problem.schema.inputs][:MOST_CELLS]
    return [
        {
            "row": int(rows[i]) + 1,
            **_answer(problem, prediction[i], target[i]),
            "cells": {name: _cell(cells.column(problem.frame, name).iloc[rows[i]]) for name in names},
        }
        for i in worst
    ]


def _answer(problem: Problem, prediction: Any, target: Any) -> dict[str, Any]:
    if problem.task is Task.REGRESSION:
        value, actual = float(prediction), float(target)
        return {"actual": actual, "predicted": value, "error": value - actual}
    classes = problem.classes
    return {
        "actual": str(classes[int(target)]),
        "predicted": str(classes[int(np.argmax(prediction))]),
        "probability": float(prediction[int(target)]),
    }


def _cell(value: Any) -> Any:
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, int | float | np.integer | np.floating):
        return float(value) if np.isfinite(value) else None
    return str(value)[:LONGEST_CELL]


def rows_to_shuffle(problem: Problem, model: Model, seconds: float) -> int:
    """Among how many rows all columns can be shuffled in so many seconds. Only to be called in ``decide``."""
    rows = np.resize(problem.split.validation, ASKED)
    started = time.monotonic()
    model.predict_scores(problem.frame.iloc[rows])
    each = (time.monotonic() - started) / ASKED
    columns = min(len(problem.schema.inputs), MOST_COLUMNS)
    return int(np.clip(seconds / (each * columns * SHUFFLES), FEWEST_ROWS, MOST_ROWS))


def column_importance(problem: Problem, model: Model, most: int) -> dict[str, dict[str, float]]:
    """How much of the primary metric is lost when a column is shuffled among test rows (Breiman 2001).

    Among ``most`` of them, drawn by the seed.
    ``{column: {"value", "low", "high"}}``: mean, smallest, largest over the shuffles; above 0 it helps.
    """
    names = [column.name for column in problem.schema.inputs][:MOST_COLUMNS]
    rng = np.random.default_rng(problem.config.recipe.seed)
    rows = rng.permutation(problem.split.test)[:most]
    frame, target = problem.frame.iloc[rows], problem.target[rows]
    sign = 1.0 if problem.metric in LOWER_IS_BETTER else -1.0
    whole = problem.score(model.predict_scores(frame), target)
    lost: dict[str, dict[str, float]] = {}
    at_once = max(1, PART // (SHUFFLES * len(rows)))
    for start in range(0, len(names), at_once):
        part = names[start : start + at_once]
        orders = [(name, rng.permutation(len(rows))) for name in part for _ in range(SHUFFLES)]
        shuffled = pd.concat([_shuffled(frame, name, order) for name, order in orders], ignore_index=True)
        answers = np.split(model.predict_scores(shuffled), len(orders))
        losses = np.array([sign * (problem.score(answer, target) - whole) for answer in answers])
        for name, values in zip(part, losses.reshape(len(part), SHUFFLES), strict=True):
            lost[name] = _spread(values)
    return lost


def _shuffled(frame: pd.DataFrame, name: str, order: np.ndarray) -> pd.DataFrame:
    """A copy in which one column's cells are in another order."""
    copy = frame.copy()
    copy[name] = cells.column(frame, name).take(order).set_axis(frame.index)
    return copy


def _spread(values: np.ndarray) -> dict[str, float]:
    return {"value": float(values.mean()), "low": float(values.min()), "high": float(values.max())}
