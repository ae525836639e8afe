"""Which rows are learned from, which choose, and which are kept for the one final test."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from netsitter.errors import DataError, UsageError, did_you_mean
from netsitter.tables import cells
from netsitter.tables.schema import Schema, Task

TEST = 0.2
VALIDATION = 0.2
"""Share of the rows that are not test."""
STRATA = 10
"""A regression target is balanced over this many quantiles."""
FEWEST_UNITS = 3
"""With fewer units a stratum on average, strata are not kept apart: nothing would be left to choose."""


@dataclass(frozen=True, kw_only=True)
class Split:
    """Row numbers, each ascending, no row in two parts. Rows without a target are in none."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    how: str
    """One sentence for people."""
    time: str | None = None
    """The column whose order decided, if any: by design its values differ between the parts."""


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A table with its own validation and test tables below it, and where they lie."""

    frame: pd.DataFrame
    validation: np.ndarray | None
    test: np.ndarray | None


def stack_tables(
    frame: pd.DataFrame, *, validation: pd.DataFrame | None = None, test: pd.DataFrame | None = None
) -> Stack:
    """Put separate tables under one another, so that one schema and one split speak of all.

    Raises DataError if a table lacks a column that the first one has.
    """
    parts, rows, start = [frame], [], len(frame)
    for name, part in (("validation", validation), ("test", test)):
        if part is None:
            rows.append(None)
            continue
        absent = [str(column) for column in frame.columns if column not in part.columns]
        if absent:
            raise DataError(f"The {name} table lacks the column {absent[0]!r}: give it the same columns.")
        parts.append(part.reindex(columns=frame.columns))
        rows.append(np.arange(start, start + len(part)))
        start += len(part)
    return Stack(frame=pd.concat(parts, ignore_index=True), validation=rows[0], test=rows[1])


def split_table(
    frame: pd.DataFrame,
    schema: Schema,
    *,
    seed: int,
    group: str | None = None,
    time: str | None = None,
    validation: np.ndarray | None = None,
    test: np.ndarray | None = None,
    validation_fraction: float = VALIDATION,
    test_fraction: float = TEST,
) -> Split:
    """Split the rows that have a target.

    At random, balanced over the classes or the target's quantiles; rows alike in every input, and
    rows of one ``group``, stay together. By ``time``, the newest rows are the test, the newest of
    the rest the validation. ``validation`` and ``test`` are row numbers already chosen.

    Raises UsageError for a column that does not exist or cannot serve, DataError if a part is empty.
    """
    _check_columns(frame, schema, group, time)
    known = target_known(frame, schema)
    own = {
        name: _rows(rows, known)
        for name, rows in (("validation", validation), ("test", test))
        if rows is not None
    }
    free = np.setdiff1d(np.flatnonzero(known), np.concatenate([np.empty(0, np.int64), *own.values()]))
    if time is not None:
        pick = partial(_newest, _moments(cells.column(frame, time)))
        how = f"by {time!r}: the newest rows are the test, the newest of the rest the validation"
    else:
        units, how = units_of(frame, schema, free, group)
        strata = strata_of(cells.column(frame, schema.target), schema.task, known)
        pick = partial(_balanced, units, strata, np.random.default_rng(seed))
    chosen_test = own["test"] if "test" in own else pick(free, test_fraction)
    rest = np.setdiff1d(free, chosen_test)
    chosen_validation = own["validation"] if "validation" in own else pick(rest, validation_fraction)
    if own:
        how = f"your own {' and '.join(own)} rows" + ("" if len(own) == 2 else f"; the rest {how}")
    split = Split(
        train=np.setdiff1d(rest, chosen_validation),
        validation=chosen_validation,
        test=chosen_test,
        how=how,
        time=time,
    )
    _check(split, frame, schema)
    return split


def _check_columns(frame: pd.DataFrame, schema: Schema, group: str | None, time: str | None) -> None:
    if group is not None and time is not None:
        raise UsageError("Split by group or by time, not both: choose one.")
    for name in (group, time):
        if name is not None and name not in frame.columns:
            hint = did_you_mean(name, map(str, frame.columns))
            raise UsageError(f"There is no column {name!r} to split by.{hint}")
        if name == schema.target:
            raise UsageError(f"The target {name!r} cannot be split by: name another column.")


def target_known(frame: pd.DataFrame, schema: Schema) -> np.ndarray:
    """Mask of the rows that have a target, shape (n,)."""
    column = cells.column(frame, schema.target)
    if schema.task.is_classification:
        return ~cells.missing(column)
    return np.isfinite(cells.numbers(column))


def _rows(rows: np.ndarray, has_target: np.ndarray) -> np.ndarray:
    """The chosen rows that have a target, ascending."""
    chosen = np.unique(np.asarray(rows, dtype=np.int64))
    if len(chosen) and (chosen[0] < 0 or chosen[-1] >= len(has_target)):
        raise UsageError(f"Row numbers of a split run from 0 to {len(has_target) - 1}.")
    return chosen[has_target[chosen]]


def _moments(column: pd.Series) -> np.ndarray:
    """A number per row that grows with time; a row without a time counts as the oldest."""
    values = cells.numbers(column)
    if np.isnan(values).all():
        dates = cells.dates(column, None)
        values = np.where(np.isnat(dates), np.nan, dates.astype("int64").astype(np.float64))
    if np.isnan(values).mean() > 0.5:
        raise UsageError(
            f"The column {str(column.name)!r} holds neither dates nor numbers: it gives no order in time."
        )
    return np.nan_to_num(values, nan=-np.inf)


def _newest(moments: np.ndarray, rows: np.ndarray, fraction: float) -> np.ndarray:
    """The newest rows; rows of one moment stay together, on the older side if they are too many."""
    when = np.sort(moments[rows])
    limit = when[min(int(np.ceil(len(when) * (1 - fraction))), len(when) - 1)]
    newest = moments[rows] >= limit
    if newest.mean() > 2 * fraction:
        newest = moments[rows] > limit
    return rows[newest]


def units_of(
    frame: pd.DataFrame, schema: Schema, rows: np.ndarray, group: str | None
) -> tuple[np.ndarray, str]:
    """What must stay together, as a number per row of the frame, and how to say it."""
    twins = twins_of(frame, schema)
    repeated = len(rows) - len(np.unique(twins[rows]))
    few = repeated > len(rows) / 2  # a table of few categories repeats itself by chance
    if few:
        twins = np.arange(len(frame))
    how = "at random, balanced over the target"
    if group is not None:
        codes, distinct = cells.factor(cells.column(frame, group))
        alone = len(distinct) + np.arange(len(frame))
        return _join(twins, np.where(codes < 0, alone, codes)), f"{how}; no {group!r} is on two sides"
    if repeated and not few:
        how += f"; {repeated} rows that repeat another in every input stay on its side"
    return twins, how


def twins_of(frame: pd.DataFrame, schema: Schema) -> np.ndarray:
    """A number per row, the same for rows alike in every input."""
    key = np.column_stack([_comparable(cells.column(frame, column.name)) for column in schema.inputs])
    key = np.where(np.isnan(key), np.nan, key + 0.0)  # one NaN, one zero
    return pd.factorize(np.array([row.tobytes() for row in key], dtype=object))[0]


def _comparable(column: pd.Series) -> np.ndarray:
    values = cells.numbers(column) if cells.is_number_dtype(column) else cells.factor(column)[0]
    return values.astype(np.float64)


def _join(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Rows that share either number share the result: connected components."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    shift = int(first.max(initial=0)) + 1
    size = shift + int(second.max(initial=0)) + 1
    edges = coo_array((np.ones(len(first)), (first, second + shift)), shape=(size, size))
    return connected_components(edges, directed=False)[1][first]


def strata_of(target: pd.Series, task: Task, has_target: np.ndarray) -> np.ndarray:
    """The class, or the quantile of a regression target, as a number per row."""
    if task.is_classification:
        return cells.factor(target)[0]
    values = np.where(has_target, cells.numbers(target), np.nan)
    bins = max(1, min(STRATA, int(has_target.sum()) // 20))
    edges = np.nanquantile(values, np.linspace(0, 1, bins + 1)[1:-1])
    return np.searchsorted(edges, values)


def _balanced(
    units: np.ndarray, strata: np.ndarray, random: np.random.Generator, rows: np.ndarray, fraction: float
) -> np.ndarray:
    """A random ``fraction`` of every stratum's rows, units whole; small strata leave theirs behind."""
    _, first, unit, sizes = np.unique(units[rows], return_index=True, return_inverse=True, return_counts=True)
    stratum = strata[rows][first]
    if len(sizes) < FEWEST_UNITS * len(np.unique(stratum)):
        stratum = np.zeros_like(stratum)
    order = np.lexsort((random.random(len(sizes)), stratum))
    size, stratum = sizes[order], stratum[order]
    starts = np.flatnonzero(np.diff(stratum, prepend=stratum[:1] - 1))
    totals = np.add.reduceat(size, starts)
    before = np.cumsum(size) - size
    which = np.cumsum(np.isin(np.arange(len(size)), starts)) - 1
    position = (before - before[starts][which] + size / 2) / totals[which]
    taken = np.zeros(len(sizes), dtype=bool)
    taken[order[position < fraction]] = True
    if not taken.any():
        taken[np.argmin(sizes)] = True
    return rows[taken[unit]]


def _check(split: Split, frame: pd.DataFrame, schema: Schema) -> None:
    for name in ("train", "validation", "test"):
        if not len(getattr(split, name)):
            raise DataError(
                f"The {name} part of the split ({split.how}) is empty: give more rows or another split."
            )
    if not schema.task.is_classification:
        return
    codes, distinct = cells.factor(cells.column(frame, schema.target))
    for name in ("validation", "test"):
        strange = np.setdiff1d(codes[getattr(split, name)], codes[split.train])
        if len(strange):
            raise DataError(
                f"The class {distinct[strange[0]]!r} of {schema.target!r} is in the {name} rows and in no "
                f"training row (split {split.how}): give training rows of it, or split otherwise."
            )
