"""What kind of answer the target asks for, and whether it can be learnt."""

import re
from enum import StrEnum

import numpy as np
import pandas as pd

from netsitter.errors import DataError
from netsitter.tables import cells

FEWEST_ROWS = 20
"""Below this there is no training, validation and test part to speak of."""
MOST_LABELS = 20
"""More different whole numbers than this are a quantity, not class labels."""
LARGEST = 1e100
"""Squares of larger targets come near the end of the numbers."""
BALANCE = 0.1
"""Whole numbers from 0 or 1 upwards are labels if the rarest is this often the commonest; counts, which
thin out towards their end, are not."""

_CLASS_NAME = re.compile(r"class|label|species|type|category|kind|diagnosis|digit|group|cluster", re.I)
_AMOUNT_NAME = re.compile(
    r"count|number|num|amount|quality|rating|score|price|cost|age|year|rings|grade|size|sales|total|rank",
    re.I,
)


class Task(StrEnum):
    """What kind of answer is asked for."""

    REGRESSION = "regression"
    BINARY = "binary"
    MULTICLASS = "multiclass"

    @property
    def is_classification(self) -> bool:
        return self is not Task.REGRESSION


def guess_task(column: pd.Series, wish: Task | str | None = None) -> tuple[Task, str, np.ndarray]:
    """The task, why, and the mask of the rows whose target is known.

    ``wish`` is a task, or ``classification``. Raises DataError if every cell is missing.
    """
    name = str(column.name)
    values = cells.numbers(column)
    codes, distinct = cells.factor(column)
    is_number = np.isfinite(values).sum() >= 0.95 * max((codes >= 0).sum(), 1)
    wants_number = wish == Task.REGRESSION or (wish is None and is_number)
    known = np.isfinite(values) if wants_number else codes >= 0
    if not known.any():
        if wish == Task.REGRESSION and (codes >= 0).any():
            word = f"such as {distinct[0]!r}"
            raise DataError(f"The target {name!r} holds words ({word}), not numbers: choose another task.")
        raise DataError(f"Every cell of the target {name!r} is missing: name another target.")
    if wish == Task.REGRESSION:
        return Task.REGRESSION, "you said so", known
    if wish is not None:
        task = Task(wish) if wish != "classification" else _by_count(len(distinct))
        return task, "you said so", known
    if not is_number or pd.api.types.is_bool_dtype(column.dtype):
        return _by_count(len(distinct)), f"the target has {len(distinct)} different words", known
    task, reason = _of_numbers(name, values[known])
    return task, reason, known


def _by_count(classes: int) -> Task:
    return Task.BINARY if classes <= 2 else Task.MULTICLASS


def _of_numbers(name: str, values: np.ndarray) -> tuple[Task, str]:
    distinct, counts = np.unique(values, return_counts=True)
    if len(distinct) == 2:
        return Task.BINARY, f"the target has two values, {distinct[0]:g} and {distinct[1]:g}"
    if not np.all(values == np.floor(values)):
        return Task.REGRESSION, f"the target is a number with {len(distinct)} different values"
    span = f"{len(distinct)} different whole numbers from {distinct[0]:g} to {distinct[-1]:g}"
    if len(distinct) > MOST_LABELS or len(distinct) > len(values) / 2:
        return Task.REGRESSION, f"the target takes {span}"
    if _CLASS_NAME.search(name):
        return Task.MULTICLASS, f"the target takes {span}, and its name says that they are classes"
    if _AMOUNT_NAME.search(name):
        return Task.REGRESSION, f"the target takes {span}, and its name says that they are an amount"
    like_labels = distinct[0] in (0, 1) and distinct[-1] < 1.5 * len(distinct)
    if like_labels and counts.min() >= BALANCE * counts.max():
        return Task.MULTICLASS, f"the target takes {span}, each often: they look like class labels"
    return Task.REGRESSION, f"the target takes {span}, which look like a count or a score, not labels"


def check_target(column: pd.Series, task: Task, known: np.ndarray) -> None:
    """Raise DataError if the target cannot be learnt from."""
    name, rows = str(column.name), int(known.sum())
    if rows < FEWEST_ROWS:
        raise DataError(f"Only {rows} rows have a target {name!r}: at least {FEWEST_ROWS} are needed.")
    codes, distinct = cells.factor(column.iloc[np.flatnonzero(known)])
    if len(distinct) == 1:
        raise DataError(f"Every row has the target {name!r} = {distinct[0]!r}: there is nothing to learn.")
    if task is Task.REGRESSION:
        _check_size(name, cells.numbers(column), known)
        return
    counts = np.bincount(codes)
    if len(distinct) > rows / 2:
        raise DataError(
            f"The target {name!r} has {len(distinct)} classes in {rows} rows, nearly one a row: "
            "name another target, or choose regression."
        )
    if task is Task.BINARY and len(distinct) > 2:
        raise DataError(f"The target {name!r} has {len(distinct)} classes, not two: choose multiclass.")
    single = np.flatnonzero(counts == 1)
    if len(single):
        row = int(np.flatnonzero(known)[np.flatnonzero(codes == single[0])[0]])
        more = f" (and {len(single) - 1} more classes)" if len(single) > 1 else ""
        raise DataError(
            f"The class {distinct[single[0]]!r} of {name!r} has one row only, row {row + 1}{more}: "
            "drop it or merge the class with another."
        )


def _check_size(name: str, values: np.ndarray, known: np.ndarray) -> None:
    far = np.flatnonzero(known & (np.abs(np.where(known, values, 0.0)) > LARGEST))
    if len(far):
        raise DataError(
            f"The target {name!r} is {values[far[0]]:g} in row {far[0] + 1}: mend it or take a larger unit."
        )
