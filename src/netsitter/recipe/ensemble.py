"""Many predictions into one: greedy selection, temperature, intervals."""

import math
from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize_scalar

from netsitter.recipe.score import EPSILON, score

ROUNDS = 25
"""Additions of the greedy selection; the gain has long levelled off (Caruana et al. 2004, fig. 1)."""
COVERAGE = 0.9
"""Share of rows that an interval is meant to hold."""


def select_greedily(metric: str, predictions: Sequence[np.ndarray], target: np.ndarray) -> np.ndarray:
    """Weights of an ensemble, shape (k,), summing to 1: ensemble selection with replacement.

    Starting from the best, the prediction whose addition scores best is added, again and again; the
    best prefix is kept (Caruana et al. 2004).
    """
    counts = np.zeros(len(predictions))
    total = np.zeros_like(predictions[0])
    best_score, best_counts = math.inf, counts.copy()
    for size in range(1, ROUNDS + 1):
        scores = [score(metric, (total + p) / size, target) for p in predictions]
        chosen = int(np.nanargmin(scores))
        counts[chosen] += 1
        total = total + predictions[chosen]
        if scores[chosen] < best_score:
            best_score, best_counts = scores[chosen], counts.copy()
    return best_counts / best_counts.sum()


def apply_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """p^(1/T), rescaled to sum to 1: above 1 less sure, below 1 surer."""
    logs = np.log(np.clip(probabilities, EPSILON, 1.0)) / temperature
    powers = np.exp(logs - logs.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def find_temperature(probabilities: np.ndarray, target: np.ndarray) -> float:
    """The temperature of least log loss (Guo et al. 2017), between 1/4 and 4."""
    found = minimize_scalar(
        lambda log_t: score("log_loss", apply_temperature(probabilities, math.exp(log_t)), target),
        bounds=(-math.log(4), math.log(4)),
        method="bounded",
    )
    return float(math.exp(found.x))


def residual_quantiles(residuals: np.ndarray, coverage: float = COVERAGE) -> tuple[float, float]:
    """Ends of a conformal interval around a prediction, from out-of-sample residuals.

    The finite-sample rank ceil((n + 1) q) of split conformal prediction (Lei et al. 2018), on each side.
    """
    ordered = np.sort(residuals)
    n = len(ordered)
    rank = min(math.ceil((n + 1) * (1 + coverage) / 2), n)
    return float(ordered[n - rank]), float(ordered[rank - 1])
