"""The target goes to the network's unit and comes back in the user's."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from netsitter.errors import DataError
from netsitter.tables.target import TargetEncoder, suggest_transformation
from netsitter.tables.task import Task

RANDOM = np.random.default_rng(0)
PRICES = pd.Series(np.exp(RANDOM.normal(10, 1, 500)), name="price")


@pytest.mark.parametrize("transformation", ["identity", "log", "log1p", "yeo-johnson"])
def test_there_and_back(transformation):
    encoder = TargetEncoder.fit(PRICES, Task.REGRESSION, transformation=transformation)
    z = encoder.transform(PRICES)
    assert z.dtype == np.float32
    assert abs(z.mean()) < 1e-5
    assert abs(z.std() - 1) < 1e-5
    np.testing.assert_allclose(encoder.inverse(z), PRICES, rtol=1e-4)
    assert TargetEncoder.from_json(encoder.to_json()) == encoder


@given(st.floats(-2, 4), st.lists(st.floats(-50, 50), min_size=1, max_size=20))
def test_yeo_johnson_comes_back(power, values):
    y = np.array(values)
    encoder = TargetEncoder(
        name="y", task=Task.REGRESSION, transformation="yeo-johnson", power=power, low=-1e9, high=1e9
    )
    np.testing.assert_allclose(encoder.inverse(stats.yeojohnson(y, lmbda=power)), y, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("transformation", ["log", "log1p", "yeo-johnson"])
def test_wild_predictions_come_back_finite(transformation):
    encoder = TargetEncoder.fit(PRICES, Task.REGRESSION, transformation=transformation)
    assert np.isfinite(encoder.inverse(np.array([-1e6, 0, 1e6]))).all()


def test_suggestions():
    assert suggest_transformation(PRICES)[0] == "log"
    assert suggest_transformation(PRICES - PRICES.min())[0] in ("log1p", "yeo-johnson")
    assert suggest_transformation(pd.Series(RANDOM.normal(size=500)))[0] == "identity"
    name, reason = suggest_transformation(-PRICES)
    assert name in ("yeo-johnson", "identity")
    assert "skewness" in reason


def test_a_logarithm_of_zero_is_refused():
    with pytest.raises(DataError, match="whose log does not exist"):
        TargetEncoder.fit(pd.Series([0.0, 1.0], name="y"), Task.REGRESSION, transformation="log")


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        (["no", "yes", "no"], ("no", "yes")),
        ([3, 1, 2], (1, 2, 3)),
        ([1.0, 2.0, 1.0], (1, 2)),
        ([0.5, 1.0], (0.5, 1)),
        ([True, False], (False, True)),
        (["10", "9"], ("10", "9")),
    ],
)
def test_classes_come_back_as_they_were_written(values, classes):
    column = pd.Series(values, name="y")
    encoder = TargetEncoder.fit(column, Task.MULTICLASS)
    assert encoder.classes == classes
    codes = encoder.transform(column)
    assert codes.dtype == np.int64
    assert encoder.inverse(codes).tolist() == values
    assert TargetEncoder.from_json(encoder.to_json()).classes == classes


def test_classes_are_told_whatever_their_dtype():
    encoder = TargetEncoder.fit(pd.Series([1, 2, 1], name="y"), Task.BINARY)
    assert encoder.transform(pd.Series(["2", "1"])).tolist() == [1, 0]
    assert encoder.transform(pd.Series([2.0, 1.0])).tolist() == [1, 0]


def test_a_strange_class_is_named_with_its_row():
    encoder = TargetEncoder.fit(pd.Series(["a", "b"], name="y"), Task.BINARY)
    with pytest.raises(DataError, match="Row 8 has the 'y' 'c'"):
        encoder.transform(pd.Series(["a", "c"], index=[6, 7], name="y"))


def test_a_missing_number_is_named_with_its_row():
    with pytest.raises(DataError, match="no number in row 2"):
        TargetEncoder.fit(pd.Series([1.0, None], name="y"), Task.REGRESSION)
