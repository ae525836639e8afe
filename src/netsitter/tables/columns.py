"""What stands in each column of the training rows, as plain facts that rules and pages read.

Row numbers are those a person counts: from 1, the header aside.
"""

from typing import Any

import numpy as np
import pandas as pd

from netsitter.tables import cells
from netsitter.tables.encodings import RARE
from netsitter.tables.schema import Column, Kind

SHOWN = 5
"""Rows or values listed as examples."""
BINS = 24
"""Of a column's histogram: as many as a strip in a table can show."""
SENTINELS = (-1, -9, -99, -999, -9999, -99999, 99, 999, 9999, 99999, 999999)
"""Numbers by which old systems write "missing"."""

Fact = dict[str, Any]


def describe(frame: pd.DataFrame, column: Column, rows: np.ndarray) -> Fact:
    """Facts of one column over ``rows``, the row numbers of the training part."""
    series = cells.column(frame, column.name).iloc[rows]
    fact: Fact = {"name": column.name, "kind": str(column.kind), "reason": column.reason}
    if column.kind is Kind.NUMBER:
        return fact | _numbers(series, rows)
    if column.kind is Kind.DATE:
        return fact | _dates(series)
    return fact | _words(series, rows, column.kind)


def numbers_of_rows(rows: np.ndarray) -> list[int]:
    """Row numbers as people count."""
    return [int(row) + 1 for row in rows[:SHOWN]]


def _numbers(series: pd.Series, rows: np.ndarray) -> Fact:
    values = cells.numbers(series)
    finite = np.isfinite(values)
    known, counts = np.unique(values[finite], return_counts=True)
    fact: Fact = {
        "missing": int(np.isnan(values).sum()),
        "infinite": int(np.isinf(values).sum()),
        "distinct": len(known),
    }
    if len(known):
        quartiles = np.quantile(values[finite], [0, 0.25, 0.5, 0.75, 1])
        fact |= dict(zip(("min", "lower", "median", "upper", "max"), map(float, quartiles), strict=True))
        fact |= (
            _histogram(values[finite], quartiles) | _far(values, quartiles, rows) | _sentinel(known, counts)
        )
    if not cells.is_number_dtype(series):
        fact |= _stray_words(series, values, rows)
    return fact


def _histogram(values: np.ndarray, quartiles: np.ndarray) -> Fact:
    """Counts in equal bins between Tukey's fences (1977); what lies beyond is in the first or last bin."""
    low, lower, _, upper, high = quartiles
    fence = 1.5 * (upper - lower)
    if fence > 0:
        low, high = max(low, lower - fence), min(high, upper + fence)
    if not (high > low and np.isfinite(high - low)):
        return {}
    counts, _ = np.histogram(np.clip(values, low, high), bins=BINS, range=(low, high))
    return {"histogram": {"from": float(low), "to": float(high), "counts": counts.tolist()}}


def _far(values: np.ndarray, quartiles: np.ndarray, rows: np.ndarray) -> Fact:
    """The cells farthest from the median in interquartile ranges, on the plain and the log scale.

    A heavy tail is far on the plain scale alone; a slip of the decimal point on both.
    """
    _, lower, median, upper, _ = quartiles
    if not upper > lower:
        return {}
    with np.errstate(over="ignore", invalid="ignore"):
        plain = np.abs(values - median) / (upper - lower)
    low, middle, high = _signed_log(np.array([lower, median, upper]) / (upper - lower))
    log = np.abs(_signed_log(values / (upper - lower)) - middle) / (high - low)
    first = np.argsort(-np.where(np.isfinite(values), log, -np.inf), kind="stable")[:SHOWN]
    return {
        "far": [
            {
                "row": int(rows[i]) + 1,
                "value": float(values[i]),
                "spreads": float(plain[i]),
                "log_spreads": float(log[i]),
            }
            for i in first
            if plain[i] > 5
        ]
    }


def _signed_log(x: np.ndarray) -> np.ndarray:
    return np.sign(x) * np.log1p(np.abs(x))


def _sentinel(known: np.ndarray, counts: np.ndarray) -> Fact:
    """A number such as -999 that repeats at one end, farther away than all others are wide."""
    if len(known) < 4:
        return {}
    for end, others in ((0, known[1:]), (-1, known[:-1])):
        gap = abs(known[end] - (others[0] if end == 0 else others[-1]))
        if known[end] in SENTINELS and counts[end] >= max(2, 0.005 * counts.sum()) and gap > np.ptp(others):
            return {"sentinel": {"value": float(known[end]), "rows": int(counts[end])}}
    return {}


def _stray_words(series: pd.Series, values: np.ndarray, rows: np.ndarray) -> Fact:
    """Words among numbers: they are taken as missing."""
    found = cells.words(series)
    stray = np.array(
        [w is not None and not cells.is_missing_number(w) and np.isnan(v)
         for w, v in zip(found, values, strict=True)]
    )  # fmt: skip
    if not stray.any():
        return {}
    return {
        "words": int(stray.sum()),
        "word_rows": numbers_of_rows(rows[stray]),
        "word_examples": sorted({str(w) for w in found[stray]})[:SHOWN],
    }


def _dates(series: pd.Series) -> Fact:
    dates = cells.dates(series, None)
    known = dates[~np.isnat(dates)]
    fact: Fact = {"missing": int(np.isnat(dates).sum()), "distinct": len(np.unique(known))}
    return fact | ({"min": str(known.min())[:19], "max": str(known.max())[:19]} if len(known) else {})


def _words(series: pd.Series, rows: np.ndarray, kind: Kind) -> Fact:
    codes, distinct = cells.factor(series)
    counts = np.bincount(codes[codes >= 0], minlength=len(distinct))
    commonest = np.argsort(-counts, kind="stable")[:SHOWN]
    fact: Fact = {
        "missing": int((codes < 0).sum()),
        "distinct": len(distinct),
        "top": [[distinct[i], int(counts[i])] for i in commonest],
    }
    if kind is not Kind.CATEGORY or not distinct:
        return fact
    rare = counts < RARE
    is_number = ~np.isnan(cells.numbers(pd.Series(distinct, dtype=object)))
    fact |= {"rare": int(rare.sum()), "rare_cells": int(counts[rare].sum())}
    if not cells.is_number_dtype(series) and not cells.has_leading_zeros(distinct):
        of_words = codes[np.isin(codes, np.flatnonzero(~is_number))]
        fact |= {"numeric": int(is_number.sum()), "numeric_cells": int(counts[is_number].sum())}
        fact |= {"word_rows": numbers_of_rows(rows[np.isin(codes, of_words[:SHOWN])])}
    return fact
