"""The adviser on targets whose distribution is known."""

import numpy as np
import pytest

from netsitter.errors import DataError, UsageError
from netsitter.nets.advise import advise_loss
from netsitter.nets.losses import make_loss

RANDOM = np.random.default_rng(0)
N = 5000
NOISE = RANDOM.normal(size=N)


@pytest.mark.parametrize(
    ("why", "target", "loss"),
    [
        ("normal", NOISE, "mse"),
        ("uniform", RANDOM.random(N), "mse"),
        ("long right tail, straight on a log scale", np.exp(1.2 * NOISE), "mse"),
        ("exponential", RANDOM.exponential(size=N), "mse"),
        ("a rating from 1 to 5", RANDOM.integers(1, 6, N), "mse"),
        ("years", RANDOM.integers(1950, 2020, N), "mse"),
        ("constant", np.ones(N), "mse"),
        ("outliers on both sides", np.where(RANDOM.random(N) < 0.02, 100 * NOISE[::-1], NOISE), "huber"),
        ("heavy tails", RANDOM.standard_t(1.5, N), "huber"),
        ("counts", RANDOM.poisson(2, N), "poisson"),
        ("overdispersed counts", RANDOM.negative_binomial(1, 0.2, N), "poisson"),
        ("claims: mostly nothing", np.where(RANDOM.random(N) < 0.6, 0, np.exp(NOISE)), "tweedie"),
    ],
)
def test_numbers(why: str, target: np.ndarray, loss: str) -> None:
    advice = advise_loss(target, "regression")
    assert advice.loss == loss, why
    assert advice.reason.endswith(".")
    make_loss(advice.loss, **advice.parameters)


def test_delta_follows_the_inliers_and_not_the_outliers() -> None:
    target = np.where(RANDOM.random(N) < 0.02, 100 * NOISE[::-1], NOISE)
    delta = advise_loss(target, "regression").parameters["delta"] * target.std()
    assert delta == pytest.approx(1.345, rel=0.1)
    shifted = advise_loss(1000 * target + 7, "regression")
    assert shifted.parameters["delta"] * target.std() == pytest.approx(delta, rel=1e-3)


def test_classes() -> None:
    assert advise_loss(RANDOM.integers(0, 2, N), "binary").loss == "bce"
    assert advise_loss(RANDOM.choice(["a", "b", "c"], N), "multiclass").loss == "cross-entropy"
    rare = advise_loss((RANDOM.random(N) < 0.02).astype(int), "binary")
    assert rare.loss == "bce"
    assert "rarest class" in rare.reason


def test_missing_values_do_not_count() -> None:
    assert advise_loss(np.append(NOISE, [np.nan, np.inf]), "regression").loss == "mse"
    with pytest.raises(DataError, match="no finite value"):
        advise_loss(np.array([np.nan]), "regression")


def test_an_unknown_task_is_refused() -> None:
    with pytest.raises(UsageError, match="ranking"):
        advise_loss(NOISE, "ranking")
