"""Scores against scikit-learn's, and intervals that cover what they should."""

import numpy as np
import pytest
from sklearn import metrics

from netsitter.recipe.score import all_scores, bootstrap, difference, score
from netsitter.tables.schema import Task


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_binary_scores_are_those_of_scikit_learn(rng):
    target = rng.integers(0, 2, 300)
    positive = np.clip(0.3 * target + rng.uniform(0, 0.7, 300).round(2), 0.01, 0.99)
    ours = all_scores(Task.BINARY, np.column_stack([1 - positive, positive]), target)
    assert ours["log_loss"] == pytest.approx(metrics.log_loss(target, positive))
    assert ours["auc"] == pytest.approx(metrics.roc_auc_score(target, positive))
    assert ours["accuracy"] == pytest.approx(metrics.accuracy_score(target, positive > 0.5))


def test_regression_scores_are_those_of_scikit_learn(rng):
    target = rng.normal(10, 3, 200)
    prediction = target + rng.normal(0, 1, 200)
    ours = all_scores(Task.REGRESSION, prediction, target)
    assert ours["rmse"] == pytest.approx(metrics.root_mean_squared_error(target, prediction))
    assert ours["mae"] == pytest.approx(metrics.mean_absolute_error(target, prediction))
    assert ours["r2"] == pytest.approx(metrics.r2_score(target, prediction))


def test_a_score_that_is_not_defined_is_nan():
    one_class = np.zeros(5, dtype=int)
    assert np.isnan(score("auc", np.full((5, 2), 0.5), one_class))
    assert np.isnan(score("r2", np.zeros(5), np.ones(5)))


def test_the_interval_covers_the_true_error(rng):
    covered = 0
    for trial in range(40):
        target = rng.normal(size=150)
        prediction = target + rng.normal(0, 2, 150)
        interval = bootstrap(Task.REGRESSION, prediction, target, seed=trial)["rmse"]
        covered += interval["low"] <= 2 <= interval["high"]
    assert covered >= 32  # 95 % of 40 is 38; below 32 has a chance of 1 in 100,000


def test_a_paired_difference_tells_a_small_gain_that_single_intervals_cannot(rng):
    target = rng.normal(0, 10, 400)
    shared = rng.normal(0, 3, 400)
    theirs, ours = target + 1.1 * shared, target + shared
    gain = difference("rmse", ours, theirs, target, seed=0)
    assert gain["low"] > 0
    single = [bootstrap(Task.REGRESSION, p, target, seed=0)["rmse"] for p in (ours, theirs)]
    assert single[0]["high"] > single[1]["low"]


def test_equal_predictions_differ_by_nothing(rng):
    target = rng.normal(size=50)
    assert difference("rmse", target + 1, target + 1, target, seed=0) == {"value": 0, "low": 0, "high": 0}
