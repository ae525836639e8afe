"""Data of the report's pictures of predictions: how wrong, how sure, on which rows, by which columns."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
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
FEWEST_COLUMNS, MOST_COLUMNS = 5, 300
ASKED = 100
"""Rows by which it is measured how long the model takes to answer."""
PART = 20_000
"""Rows predicted at once."""


@dataclass(frozen=True, kw_only=True)
class Shuffled:
    """Which columns are shuffled, among how many test rows."""

    columns: tuple[str, ...]
    rows: int


def pictures(problem: Problem, model: Model, prediction: np.ndarray, shuffled: Shuffled) -> dict[str, Any]:
    """Facts for the report: ``prediction`` is what the model says of the test rows, in order."""
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


def affordable_rows(model: Model, problem: Problem, seconds: float) -> int:
    """How many rows the model can answer for in so many seconds. Only to be called inside ``decide``."""
    rows = np.resize(problem.split.validation, ASKED)
    started = time.monotonic()
    model.predict_scores(problem.frame.iloc[rows])
    return int(seconds * ASKED / (time.monotonic() - started))


def to_shuffle(problem: Problem, telling: Sequence[str], affordable: int) -> Shuffled:
    """Which columns, among how many rows, so that ``affordable`` answers are asked for in all.

    All columns; the most ``telling`` of them, then the first, where there is no time for all.
    """
    names = [column.name for column in problem.schema.inputs]
    ordered = [*(name for name in telling if name in names), *(name for name in names if name not in telling)]
    number = int(np.clip(affordable // (SHUFFLES * FEWEST_ROWS), FEWEST_COLUMNS, MOST_COLUMNS))
    chosen = ordered[:number]
    rows = int(np.clip(affordable // (SHUFFLES * len(chosen)), FEWEST_ROWS, MOST_ROWS))
    return Shuffled(columns=tuple(name for name in names if name in set(chosen)), rows=rows)


def column_importance(problem: Problem, model: Model, shuffled: Shuffled) -> dict[str, dict[str, float]]:
    """How much of the primary metric is lost when a column is shuffled among test rows (Breiman 2001).

    ``{column: {"value", "low", "high"}}``: mean, smallest, largest over the shuffles; above 0 it helps.
    The rows are drawn by the seed.
    """
    rng = np.random.default_rng(problem.config.recipe.seed)
    rows = rng.permutation(problem.split.test)[: shuffled.rows]
    frame, target = problem.frame.iloc[rows], problem.target[rows]
    sign = 1.0 if problem.metric in LOWER_IS_BETTER else -1.0
    whole = problem.score(model.predict_scores(frame), target)
    lost: dict[str, dict[str, float]] = {}
    at_once = max(1, PART // (SHUFFLES * len(rows)))
    for start in range(0, len(shuffled.columns), at_once):
        part = shuffled.columns[start : start + at_once]
        orders = [(name, rng.permutation(len(rows))) for name in part for _ in range(SHUFFLES)]
        mixed = pd.concat([_shuffled(frame, name, order) for name, order in orders], ignore_index=True)
        answers = np.split(model.predict_scores(mixed), len(orders))
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
