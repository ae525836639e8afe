"""Selection picks what helps, temperature mends sureness, intervals cover."""

import numpy as np
import pytest

from netsitter.recipe.ensemble import apply_temperature, find_temperature, residual_quantiles, select_greedily
from netsitter.recipe.score import score


def test_two_opposite_errors_are_averaged_and_nonsense_is_left_out():
    rng = np.random.default_rng(0)
    target = rng.normal(size=500)
    error = rng.normal(size=500)
    weights = select_greedily("rmse", [target + error, target - error, rng.normal(0, 9, 500)], target)
    assert weights == pytest.approx([0.5, 0.5, 0.0])


def test_the_ensemble_is_never_worse_than_its_best_member():
    rng = np.random.default_rng(1)
    target = rng.integers(0, 3, 200)
    members = [rng.dirichlet(np.ones(3) + 2 * np.eye(3)[k % 3], 200) for k in range(6)]
    members.append(np.eye(3)[target] * 0.5 + 0.5 / 3)
    weights = select_greedily("log_loss", members, target)
    mixed = np.tensordot(weights, np.stack(members), axes=1)
    assert score("log_loss", mixed, target) <= min(score("log_loss", m, target) for m in members)
    assert weights.sum() == pytest.approx(1)


def test_the_temperature_of_overconfident_probabilities_is_found():
    rng = np.random.default_rng(2)
    honest = rng.dirichlet(np.ones(3), 4000)
    target = np.array([rng.choice(3, p=p) for p in honest])
    assert find_temperature(apply_temperature(honest, 0.5), target) == pytest.approx(2, rel=0.1)
    assert apply_temperature(honest, 3.0).sum(axis=1) == pytest.approx(np.ones(4000))


@pytest.mark.parametrize("n", [30, 400])
def test_conformal_intervals_cover_what_they_promise(n):
    rng = np.random.default_rng(3)
    covered = []
    for _ in range(200):
        low, high = residual_quantiles(rng.exponential(size=n))
        covered.append(np.mean((low <= (new := rng.exponential(size=500))) & (new <= high)))
    assert np.mean(covered) >= 0.89
