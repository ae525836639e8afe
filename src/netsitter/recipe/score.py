"""Scores of predictions, in the user's unit, with their uncertainty.

Predictions have one form everywhere: probabilities of shape (n, classes) for a classification,
values of shape (n,) in the target's own unit for a regression.
"""

from collections.abc import Mapping

import numpy as np

from netsitter.tables.schema import Task

EPSILON = 1e-7
"""Probabilities are clipped to [EPSILON, 1 - EPSILON] before a logarithm: a float32 has no finer."""
RESAMPLES = 1000
"""Bootstrap resamples: the ends of a 95 % interval are then known to about 1 % of its width."""

LOWER_IS_BETTER = ("log_loss", "rmse", "mae")


def primary_metric(task: Task) -> str:
    """What networks are chosen by: a proper score, so that probabilities can be trusted too."""
    return "rmse" if task is Task.REGRESSION else "log_loss"


def metric_names(task: Task) -> tuple[str, ...]:
    """All metrics reported, the primary one first."""
    if task is Task.REGRESSION:
        return ("rmse", "mae", "r2")
    return ("log_loss", "accuracy", "auc") if task is Task.BINARY else ("log_loss", "accuracy")


def all_scores(task: Task, prediction: np.ndarray, target: np.ndarray) -> dict[str, float]:
    """Every metric of the task. ``target``: class numbers (n,), or values (n,)."""
    return {name: score(name, prediction, target) for name in metric_names(task)}


def score(metric: str, prediction: np.ndarray, target: np.ndarray) -> float:
    """One metric; NaN where it is not defined (AUC of one class, R² of a constant)."""
    if metric == "auc":
        return _auc(prediction[:, 1], target)
    if metric == "r2":
        spread = float(np.mean((target - target.mean()) ** 2))
        return 1 - float(np.mean((target - prediction) ** 2)) / spread if spread else float("nan")
    losses = row_losses(metric, prediction, target)
    mean = float(np.mean(losses))
    return float(np.sqrt(mean)) if metric == "rmse" else mean


def row_losses(metric: str, prediction: np.ndarray, target: np.ndarray) -> np.ndarray:
    """What each row adds to the metric, shape (n,); squared errors for rmse."""
    if metric == "log_loss":
        chosen = prediction[np.arange(len(target)), target]
        return -np.log(np.clip(chosen, EPSILON, 1 - EPSILON))
    if metric == "accuracy":
        return (prediction.argmax(axis=1) == target).astype(np.float64)
    if metric == "mae":
        return np.abs(target - prediction)
    return (target - prediction) ** 2


def _auc(positive: np.ndarray, target: np.ndarray) -> float:
    """Area under the ROC curve by ranks (Mann-Whitney), ties shared."""
    from scipy.stats import rankdata

    n_positive = int(np.sum(target == 1))
    n_negative = len(target) - n_positive
    if not n_positive or not n_negative:
        return float("nan")
    rank_sum = float(rankdata(positive)[target == 1].sum())
    return (rank_sum - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative)


def bootstrap(
    task: Task, prediction: np.ndarray, target: np.ndarray, *, seed: int, level: float = 0.95
) -> dict[str, dict[str, float]]:
    """Every metric with a percentile-bootstrap interval over rows (Efron & Tibshirani 1993)."""
    tail = (1 - level) / 2
    result = {}
    for name in metric_names(task):
        draws = _resampled(name, prediction, target, np.random.default_rng(seed))
        known = draws[np.isfinite(draws)]
        low, high = np.quantile(known, (tail, 1 - tail)) if len(known) else (np.nan, np.nan)
        value = score(name, prediction, target)
        result[name] = {"value": value, "low": float(low), "high": float(high)}
    return result


def _resampled(
    metric: str, prediction: np.ndarray, target: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """The metric of each resample, shape (RESAMPLES,) or, where each is dear, a fifth of that."""
    if metric == "auc":
        samples = (rng.integers(0, len(target), len(target)) for _ in range(RESAMPLES // 5))
        return np.array([score(metric, prediction[rows], target[rows]) for rows in samples])
    if metric == "r2":
        squares = np.stack([(target - prediction) ** 2, target, target**2])
        error, mean, square = _resampled_means(squares, rng)
        with np.errstate(divide="ignore", invalid="ignore"):
            return 1 - error / (square - mean**2)
    (means,) = _resampled_means(row_losses(metric, prediction, target)[None], rng)
    return np.sqrt(means) if metric == "rmse" else means


def _resampled_means(rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Means over resampled columns of ``rows`` (k, n), shape (k, RESAMPLES), in bounded memory."""
    n = rows.shape[1]
    per_part = max(1, 2_000_000 // n)
    parts = []
    for start in range(0, RESAMPLES, per_part):
        index = rng.integers(0, n, (min(per_part, RESAMPLES - start), n))
        parts.append(rows[:, index].mean(axis=2))
    return np.concatenate(parts, axis=1)


def difference(
    metric: str, ours: np.ndarray, theirs: np.ndarray, target: np.ndarray, *, seed: int
) -> Mapping[str, float]:
    """How much better ``ours`` is on the same rows, with a paired bootstrap 95 % interval.

    Positive is better, in the metric's unit; ``low`` above 0 means by more than chance.
    """
    sign = 1.0 if metric in LOWER_IS_BETTER else -1.0
    finish = np.sqrt if metric == "rmse" else np.asarray
    rows = np.stack([row_losses(metric, theirs, target), row_losses(metric, ours, target)])
    their_draws, our_draws = finish(_resampled_means(rows, np.random.default_rng(seed)))
    theirs_now, ours_now = finish(rows.mean(axis=1))
    low, high = np.quantile(sign * (their_draws - our_draws), (0.025, 0.975))
    return {"value": float(sign * (theirs_now - ours_now)), "low": float(low), "high": float(high)}
