"""Which loss fits a target, judged from the target's own distribution, and why in plain words.

Only numpy: the advice is given before anything is trained.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from netsitter.errors import DataError, UsageError

OUTLIER = 10.0
"""Robust standard deviations from the median. A normal target has none in any table (p < 1e-23); an
exponential tail reaches it about once in 3,000 rows, which ``OUTLIER_SHARE`` lets pass."""
OUTLIER_SHARE = 0.001
"""Outliers as a share of the rows from which on they can move a squared loss: a row at 10 sd weighs as
much as 100 ordinary rows, so one in a thousand is a tenth of the loss."""
LONG_TAIL = 2.0
"""Skewness of an exponential distribution."""
MANY_ZEROS = 0.1
"""Share of exact zeros in a target of reals that makes it a mixture of "none" and "how much"."""
COUNT_MEAN = 10.0
"""Above this mean a Poisson count is near enough to normal (skewness under 0.32)."""
COUNT_DISPERSION = 0.7
"""Variance over mean; 1 for Poisson. Ratings and other bounded scales lie far below."""
RARE_CLASS = 0.05
"""Share under which a class is called rare in what is said; the loss stays the same."""
HUBER_EFFICIENCY = 1.345
"""δ in standard deviations of the inliers: 95 % of least squares' efficiency on normal noise (Huber 1981)."""


@dataclass(frozen=True, kw_only=True)
class Advice:
    """A loss by its name, its settings, and the reason in one or two sentences."""

    loss: str
    reason: str
    parameters: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    """``delta`` is in units of the target's standard deviation, as the standardised target is."""


def advise_loss(target: np.ndarray, task: str) -> Advice:
    """The loss for a target, shape (n,): numbers for regression, labels or codes for classes.

    ``task`` is regression, binary or multiclass. Raises UsageError for another one, and DataError
    when a regression target has no finite value.
    """
    if task in ("binary", "multiclass"):
        return _advise_classes(target, task)
    if task != "regression":
        raise UsageError(f"there is no task {task!r}; it is regression, binary or multiclass.")
    values = np.asarray(target, dtype=np.float64)
    values = values[np.isfinite(values)]
    if not len(values):
        raise DataError("the target has no finite value: there is nothing to choose a loss for.")
    return _advise_numbers(values)


def _advise_classes(target: np.ndarray, task: str) -> Advice:
    _, counts = np.unique(np.asarray(target), return_counts=True)
    shares = counts / counts.sum()
    loss = "bce" if task == "binary" else "cross-entropy"
    reason = f"{len(counts)} classes: cross-entropy rewards honest probabilities"
    if shares.min() >= RARE_CLASS:
        return Advice(loss=loss, reason=reason + ".")
    return Advice(
        loss=loss,
        reason=f"{reason}. The rarest class has {shares.min():.1%} of the rows; the classes are not "
        "weighted, because that would bias the probabilities. If a missed rare case costs more than a "
        "false alarm, set fit.class_weights = true.",
    )


def _advise_numbers(values: np.ndarray) -> Advice:
    spread = float(values.std())
    if spread == 0:
        return Advice(loss="mse", reason="The target is constant; any loss gives its value.")
    if _is_count(values):
        return Advice(
            loss="poisson",
            reason=f"The target counts: whole numbers, {values.mean():.3g} on average, with a variance of "
            f"{values.var() / values.mean():.2g} times the mean. The Poisson loss "
            "predicts the expected count and never a negative one.",
        )
    zeros = float((values == 0).mean())
    skew = _skewness(values)
    if values.min() >= 0 and zeros >= MANY_ZEROS and skew > 1:
        return Advice(
            loss="tweedie",
            parameters={"power": 1.5},
            reason=f"{zeros:.0%} of the targets are exactly 0 and the others have a long tail (skewness "
            f"{skew:.1f}): the Tweedie loss models both with one expected value.",
        )
    share, inlier_spread = _outliers(values)
    if values.min() > 0 and skew > LONG_TAIL and _outliers(np.log(values))[0] < OUTLIER_SHARE:
        return Advice(
            loss="mse",
            reason=f"The target is positive with a long right tail (skewness {skew:.1f}) that a logarithm "
            "straightens: squared error is right once the target is on that scale.",
        )
    if share >= OUTLIER_SHARE:
        delta = HUBER_EFFICIENCY * inlier_spread / spread
        return Advice(
            loss="huber",
            parameters={"delta": round(delta, 4)},
            reason=f"{share:.1%} of the targets lie more than {OUTLIER:.0f} robust standard deviations from "
            "the median. Huber's loss is squared for the others and only linear for these, so they do "
            f"not rule the fit; δ is {delta:.2g} standard deviations of the target.",
        )
    return Advice(
        loss="mse",
        reason=f"Hardly an extreme value (skewness {skew:.1f}): squared error, which predicts the mean.",
    )


def _is_count(values: np.ndarray) -> bool:
    if values.min() < 0 or values.min() > 1 or not np.all(values == np.round(values)):
        return False
    mean = float(values.mean())
    return len(np.unique(values)) > 2 and mean <= COUNT_MEAN and values.var() >= COUNT_DISPERSION * mean


def _skewness(values: np.ndarray) -> float:
    return float(np.mean(((values - values.mean()) / values.std()) ** 3))


def _outliers(values: np.ndarray) -> tuple[float, float]:
    """Share of outliers and the spread of the others: 1.4826 times the median absolute deviation."""
    away = np.abs(values - np.median(values))
    spread = 1.4826 * float(np.median(away))
    if spread == 0:
        return 0.0, float(values.std())
    return float((away > OUTLIER * spread).mean()), spread
