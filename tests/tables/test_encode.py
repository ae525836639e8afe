"""Encodings: learned on training rows, finite whatever comes, the same after a round trip through JSON."""

import numpy as np
import pandas as pd
import pytest

from netsitter.errors import DataError
from netsitter.tables.encode import TableEncoder
from netsitter.tables.encodings import NumberColumns, soft_clip
from netsitter.tables.schema import infer_schema

RANDOM = np.random.default_rng(0)
N = 200
FRAME = pd.DataFrame(
    {
        "size": RANDOM.normal(50, 10, N),
        "gaps": np.where(np.arange(N) % 5 == 0, np.nan, RANDOM.normal(size=N)),
        "flag": RANDOM.choice(["yes", "no"], N),
        "colour": RANDOM.choice(["red", "green", "blue"], N),
        "town": RANDOM.choice([f"town {i}" for i in range(12)], N),
        "day": pd.date_range("2019-01-01", periods=N, freq="37h"),
        "y": RANDOM.normal(size=N),
    }
)
SCHEMA = infer_schema(FRAME, "y")
ENCODER = TableEncoder.fit(FRAME, SCHEMA)


def feature(name, frame=FRAME, encoder=ENCODER):
    return encoder.transform(frame).numeric[:, encoder.numeric_names.index(name)]


def test_shapes_types_and_names_agree():
    encoded = ENCODER.transform(FRAME)
    assert encoded.numeric.dtype == np.float32
    assert encoded.codes.dtype == np.int64
    assert len(encoded) == N
    assert encoded.numeric.shape == (N, len(ENCODER.numeric_names))
    assert len(ENCODER.is_continuous) == len(ENCODER.numeric_names)
    assert ENCODER.code_names == ("town",)
    assert ENCODER.cardinalities == (13,)
    continuous = [n for n, c in zip(ENCODER.numeric_names, ENCODER.is_continuous, strict=True) if c]
    assert continuous == ["size", "gaps", "day"]


def test_numbers_follow_their_formula():
    size = FRAME["size"].to_numpy()
    lower, median, upper = np.quantile(size, [0.25, 0.5, 0.75])
    x = (size - median) / (upper - lower)
    np.testing.assert_allclose(feature("size"), x / np.sqrt(1 + (x / 3) ** 2), rtol=1e-5, atol=1e-6)


def test_a_gap_is_the_median_and_a_flag():
    gaps = FRAME["gaps"].isna()
    assert (feature("gaps")[gaps] == 0).all()
    np.testing.assert_array_equal(feature("gaps is missing"), gaps)


def test_mostly_zero_columns_scale_by_their_range():
    matrix = np.array([[0.0]] * 9 + [[10.0]])
    numbers = NumberColumns.fit(["x"], matrix)
    assert numbers.scales == (5.0,)


def test_soft_clip_is_bounded():
    np.testing.assert_allclose(soft_clip(np.array([0.0, np.inf, -np.inf, 1e300])), [0, 3, -3, 3])


def test_one_hot_and_codes():
    assert set(np.unique(feature("colour=red"))) == {0, 1}
    np.testing.assert_array_equal(feature("colour=red") == 1, FRAME["colour"] == "red")
    codes = ENCODER.transform(FRAME).codes[:, 0]
    assert codes.min() == 1
    assert codes.max() == 12


def test_dates_turn_in_circles():
    sine, cosine = feature("day sine of year"), feature("day cosine of year")
    np.testing.assert_allclose(sine**2 + cosine**2, 1, rtol=1e-5)
    one_year = FRAME.assign(day=FRAME["day"] - pd.DateOffset(years=1))
    assert np.abs(feature("day sine of year", one_year) - sine).max() < 0.04


def test_strange_rows():
    strange = pd.DataFrame(
        {
            "town": ["nowhere", None],
            "colour": ["violet", ""],
            "more": [1, 2],
            "day": ["2019-01-01", "rubbish"],
            "flag": ["perhaps", None],
            "gaps": ["1.5", "x"],
            "size": [np.inf, None],
        }
    )
    encoded = ENCODER.transform(strange)
    assert np.isfinite(encoded.numeric).all()
    assert encoded.codes.tolist() == [[0], [0]]
    assert feature("size", strange).tolist() == [3, 0]
    assert (feature("colour=red", strange) == 0).all()


def test_numbers_as_text_are_the_numbers():
    text = FRAME.assign(
        size=FRAME["size"].map(repr), gaps=FRAME["gaps"].map(lambda v: "NA" if v != v else repr(v))
    )
    np.testing.assert_array_equal(ENCODER.transform(text).numeric, ENCODER.transform(FRAME).numeric)


def test_the_order_of_columns_means_nothing():
    mixed = FRAME[list(FRAME.columns[::-1])]
    np.testing.assert_array_equal(ENCODER.transform(mixed).numeric, ENCODER.transform(FRAME).numeric)


def test_absent_columns_are_named():
    with pytest.raises(DataError, match="lacks the columns 'size', 'town'"):
        ENCODER.transform(FRAME.drop(columns=["town", "size"]))


def test_rare_categories_are_one():
    frame = pd.DataFrame({"c": ["a"] * 50 + ["b"] * 48 + ["rare", "scarce"], "y": np.arange(100.0)})
    encoder = TableEncoder.fit(frame, infer_schema(frame, "y"))
    assert encoder.numeric_names == ("c=a", "c=b")
    assert encoder.transform(frame).numeric[-2:].tolist() == [[0, 0], [0, 0]]


def test_missing_is_a_category_where_it_is_common():
    frame = pd.DataFrame({"c": ["a"] * 50 + [None] * 50, "y": np.arange(100.0)})
    encoder = TableEncoder.fit(frame, infer_schema(frame, "y"))
    assert encoder.numeric_names == ("c=a", "c is missing")


def test_columns_that_do_not_vary_in_training_are_left_out():
    part = FRAME.assign(size=1.0, colour="red", flag="no", day=pd.Timestamp("2020-01-01"))
    assert set(TableEncoder.fit(part, SCHEMA).columns) == {"gaps", "town"}
    with pytest.raises(DataError, match="No column varies"):
        TableEncoder.fit(part.assign(gaps=0.0, town="x"), SCHEMA)


def test_json_round_trip():
    back = TableEncoder.from_json(ENCODER.to_json())
    assert back == ENCODER
    np.testing.assert_array_equal(back.transform(FRAME).numeric, ENCODER.transform(FRAME).numeric)
