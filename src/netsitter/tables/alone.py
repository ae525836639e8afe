"""How much of the target each column tells alone: a leak tells nearly all."""

import numpy as np
import pandas as pd

from netsitter.tables import cells
from netsitter.tables.schema import Kind, Schema

BINS = 64
"""Quantile bins of a number: a copy of a ranked target then scores 1 − 1/64² = 0.9998."""


def scores_alone(frame: pd.DataFrame, schema: Schema, rows: np.ndarray) -> dict[str, float]:
    """A score per input column, by name: 0 is no better than chance, 1 is the target itself.

    The target's mean (of its ranks) or commonest class per bin of the column, learned on one half of
    ``rows`` and scored on the other, both ways: R² of the ranks, or the accuracy above chance.
    """
    target = cells.column(frame, schema.target).iloc[rows]
    if schema.task.is_classification:
        answers = cells.factor(target)[0]
    else:
        answers = pd.Series(cells.numbers(target)).rank().to_numpy() / len(rows)
    half = np.random.default_rng(0).random(len(rows)) < 0.5
    scores = {}
    for column in schema.inputs:
        bins = _bins(cells.column(frame, column.name).iloc[rows], column.kind, half)
        judge = _accuracy if schema.task.is_classification else _fit
        scores[column.name] = float(
            np.mean([judge(bins[a], answers[a], bins[~a], answers[~a]) for a in (half, ~half)])
        )
    return scores


def _bins(series: pd.Series, kind: Kind, half: np.ndarray) -> np.ndarray:
    """A small number per row; 0 where missing."""
    if kind in (Kind.CATEGORY, Kind.BOOLEAN):
        return cells.factor(series)[0] + 1
    if kind is Kind.DATE:
        dates = cells.dates(series, None)
        values = np.where(np.isnat(dates), np.nan, dates.astype("int64").astype(np.float64))
    else:
        values = np.where(np.isfinite(cells.numbers(series)), cells.numbers(series), np.nan)
    known = values[~np.isnan(values)]
    if not len(known):
        return np.zeros(len(values), dtype=np.int64)
    count = max(2, min(BINS, len(known) // 10))
    edges = np.unique(np.quantile(known, np.linspace(0, 1, count + 1)[1:-1], method="nearest"))
    return np.where(np.isnan(values), 0, np.searchsorted(edges, values, side="left") + 1)


def _fit(bins: np.ndarray, answers: np.ndarray, other_bins: np.ndarray, other: np.ndarray) -> float:
    """R² on the other half of the mean per bin."""
    if not len(answers) or not len(other) or np.ptp(other) == 0:
        return 0.0
    size = int(max(bins.max(), other_bins.max())) + 1
    counts = np.bincount(bins, minlength=size)
    sums = np.bincount(bins, weights=answers, minlength=size)
    means = np.where(counts > 0, sums / np.maximum(counts, 1), answers.mean())
    miss = ((other - means[other_bins]) ** 2).sum()
    return max(0.0, 1 - float(miss / ((other - other.mean()) ** 2).sum()))


def _accuracy(bins: np.ndarray, answers: np.ndarray, other_bins: np.ndarray, other: np.ndarray) -> float:
    """Share of the other half's errors of always the commonest class that the commonest per bin mends."""
    if not len(answers) or not len(other):
        return 0.0
    size, classes = int(max(bins.max(), other_bins.max())) + 1, int(max(answers.max(), other.max())) + 1
    table = np.bincount(bins * classes + answers, minlength=size * classes).reshape(size, classes)
    commonest = int(np.bincount(answers).argmax())
    guess = np.where(table.sum(axis=1) > 0, table.argmax(axis=1), commonest)
    chance = float((other == commonest).mean())
    if chance == 1.0:
        return 0.0
    return max(0.0, (float((guess[other_bins] == other).mean()) - chance) / (1 - chance))
