"""How much of the target each column tells alone: a leak tells nearly all."""

import numpy as np
import pandas as pd

from netsitter.tables import cells
from netsitter.tables.schema import Kind, Schema, Task

BINS = 64
"""Quantile bins of a number: a copy of a ranked target then scores 1 − 1/64² = 0.9998."""
REFINED = 10
"""Columns whose bins a tree chooses: it finds the edge between two classes that quantiles miss."""


def scores_alone(frame: pd.DataFrame, schema: Schema, rows: np.ndarray) -> dict[str, float]:
    """A score per input column, by name: 0 is no better than chance, 1 is the target itself.

    The target's mean (of its ranks) or commonest class per bin of the column, learned on one half of
    ``rows`` and scored on the other, both ways: R² of the ranks, or the accuracy above chance. The
    bins are quantiles; of the best columns a tree then chooses the bins.
    """
    target = cells.column(frame, schema.target).iloc[rows]
    if schema.task.is_classification:
        answers = cells.factor(target)[0]
    else:
        answers = pd.Series(cells.numbers(target)).rank().to_numpy() / len(rows)
    half = np.random.default_rng(0).random(len(rows)) < 0.5
    judge = _accuracy if schema.task.is_classification else _fit

    def score(bins: np.ndarray, trained: np.ndarray) -> float:
        return judge(bins[trained], answers[trained], bins[~trained], answers[~trained])

    values = {
        column.name: _values(cells.column(frame, column.name).iloc[rows], column.kind)
        for column in schema.inputs
    }
    scores = {}
    for name, (column, is_word) in values.items():
        bins = column if is_word else _quantile_bins(column)
        scores[name] = (score(bins, half) + score(bins, ~half)) / 2
    for name in sorted(scores, key=lambda name: -scores[name])[:REFINED]:
        column, is_word = values[name]
        if not is_word:
            chosen = [score(_tree_bins(column, answers, part, schema.task), part) for part in (half, ~half)]
            scores[name] = max(scores[name], sum(chosen) / 2)
    return scores


def _values(series: pd.Series, kind: Kind) -> tuple[np.ndarray, bool]:
    """Codes of words from 0, missing being 0, and True; or numbers, missing being NaN, and False."""
    if kind in (Kind.CATEGORY, Kind.BOOLEAN):
        return cells.factor(series)[0] + 1, True
    if kind is Kind.DATE:
        dates = cells.dates(series, None)
        return np.where(np.isnat(dates), np.nan, dates.astype("int64").astype(np.float64)), False
    values = cells.numbers(series)
    return np.where(np.isfinite(values), values, np.nan), False


def _quantile_bins(values: np.ndarray) -> np.ndarray:
    """A small number per row; 0 where missing."""
    known = values[~np.isnan(values)]
    if not len(known):
        return np.zeros(len(values), dtype=np.int64)
    count = max(2, min(BINS, len(known) // 10))
    edges = np.unique(np.quantile(known, np.linspace(0, 1, count + 1)[1:-1], method="nearest"))
    return np.where(np.isnan(values), 0, np.searchsorted(edges, values, side="left") + 1)


def _tree_bins(values: np.ndarray, answers: np.ndarray, trained: np.ndarray, task: Task) -> np.ndarray:
    """The leaves of a small tree grown on the ``trained`` rows; 0 where missing."""
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    grower = DecisionTreeClassifier if task.is_classification else DecisionTreeRegressor
    tree = grower(max_leaf_nodes=BINS, min_samples_leaf=3, random_state=0)
    known = ~np.isnan(values)
    if not (trained & known).any():
        return np.zeros(len(values), dtype=np.int64)
    ranks = pd.Series(values).rank(method="dense").fillna(0).to_numpy()[:, None]  # float32 holds any rank
    tree.fit(ranks[trained & known], answers[trained & known])
    return np.where(known, tree.apply(ranks), 0)


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
