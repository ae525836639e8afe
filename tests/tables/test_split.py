"""Splits: balanced, whole groups, time in order, nothing twice."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netsitter.errors import DataError, UsageError
from netsitter.tables.folds import assign_folds
from netsitter.tables.schema import infer_schema
from netsitter.tables.split import split_table, stack_tables

RANDOM = np.random.default_rng(0)


def table(n=500, **columns):
    frame = pd.DataFrame({"x": RANDOM.normal(size=n), "y": RANDOM.choice(["a", "b", "b", "b"], n)})
    return frame.assign(**columns)


def parts(split):
    return [split.train, split.validation, split.test]


@settings(deadline=None, max_examples=50)
@given(st.integers(20, 400), st.integers(0, 9), st.sampled_from(["binary", "regression"]))
def test_every_row_is_in_one_part(n, seed, task):
    frame = pd.DataFrame(
        {"x": np.arange(n) % 17 / 3.0, "y": np.arange(n) % 2 + 0.0, "z": np.arange(n) ** 0.5}
    )
    schema = infer_schema(frame, "y" if task == "binary" else "z")
    split = split_table(frame, schema, seed=seed)
    joined = np.concatenate(parts(split))
    np.testing.assert_array_equal(np.sort(joined), np.arange(n))
    assert all(len(part) for part in parts(split))
    assert abs(len(split.test) / n - 0.2) < 0.15
    again = split_table(frame, schema, seed=seed)
    assert all((a == b).all() for a, b in zip(parts(split), parts(again), strict=True))


def test_classes_are_in_balance():
    frame = table()
    split = split_table(frame, infer_schema(frame, "y"), seed=0)
    shares = [(frame["y"].iloc[part] == "a").mean() for part in parts(split)]
    assert np.ptp(shares) < 0.02


def test_numbers_are_in_balance():
    frame = table().drop(columns="y").assign(z=RANDOM.exponential(size=500))
    split = split_table(frame, infer_schema(frame, "z"), seed=0)
    means = [frame["z"].iloc[part].median() for part in parts(split)]
    assert np.ptp(means) < 0.1


def test_groups_are_whole():
    frame = table(patient=RANDOM.integers(0, 40, 500))
    split = split_table(frame, infer_schema(frame, "y"), seed=1, group="patient")
    sides = [set(frame["patient"].iloc[part]) for part in parts(split)]
    assert sum(map(len, sides)) == len(set.union(*sides))
    assert abs(len(split.test) - 100) < 30
    assert "no 'patient' is on two sides" in split.how


def test_three_groups_are_enough():
    frame = table(60, patient=np.arange(60) // 20)
    split = split_table(frame, infer_schema(frame, "y"), seed=1, group="patient")
    assert [len(part) for part in parts(split)] == [20, 20, 20]


def test_twins_stay_together():
    frame = table()
    twins = pd.concat([frame, frame.iloc[:100]], ignore_index=True)
    split = split_table(twins, infer_schema(twins, "y"), seed=0)
    side = np.empty(600)
    for number, part in enumerate(parts(split)):
        side[part] = number
    np.testing.assert_array_equal(side[500:], side[:100])
    assert "100 rows that repeat another" in split.how


def test_tables_of_few_categories_repeat_by_chance():
    frame = table(x=RANDOM.choice(["p", "q"], 500))
    split = split_table(frame, infer_schema(frame, "y"), seed=0)
    assert abs(len(split.test) - 100) < 5


def test_the_newest_rows_are_the_test():
    frame = table(day=RANDOM.permutation(pd.date_range("2020-01-01", periods=500)))
    split = split_table(frame, infer_schema(frame, "y"), seed=0, time="day")
    latest = [frame["day"].iloc[part].max() for part in parts(split)]
    earliest = [frame["day"].iloc[part].min() for part in parts(split)]
    assert latest[0] < earliest[1] <= latest[1] < earliest[2]
    assert [len(part) for part in parts(split)] == [320, 80, 100]


def test_rows_of_one_moment_stay_together():
    frame = table(year=np.repeat(np.arange(2010, 2020), 50))
    split = split_table(frame, infer_schema(frame, "y"), seed=0, time="year")
    assert set(frame["year"].iloc[split.test]) == {2018, 2019}
    assert not set(frame["year"].iloc[split.validation]) & set(frame["year"].iloc[split.train])


def test_own_tables():
    frame, other = table(300), table(50)
    stack = stack_tables(frame, test=other[["y", "x"]].assign(more=1))
    assert stack.validation is None
    split = split_table(stack.frame, infer_schema(stack.frame, "y"), seed=0, test=stack.test)
    np.testing.assert_array_equal(split.test, np.arange(300, 350))
    assert len(split.validation) == pytest.approx(60, abs=3)
    assert split.how.startswith("your own test rows")
    with pytest.raises(DataError, match="validation table lacks the column 'x'"):
        stack_tables(frame, validation=other[["y"]])


def test_rows_without_a_target_are_in_no_part():
    frame = table()
    frame.loc[:99, "y"] = None
    split = split_table(frame, infer_schema(frame, "y"), seed=0)
    assert np.concatenate(parts(split)).min() >= 100
    own = split_table(frame, infer_schema(frame, "y"), seed=0, test=np.arange(50, 150))
    np.testing.assert_array_equal(own.test, np.arange(100, 150))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"group": "patiant"}, "Did you mean 'patient'"),
        ({"time": "dya"}, "no column 'dya'"),
        ({"group": "y"}, "target 'y' cannot be split by"),
        ({"time": "word"}, "neither dates nor numbers"),
        ({"time": "x", "group": "patient"}, "not both"),
        ({"test": np.array([900])}, "run from 0 to 499"),
    ],
)
def test_wrong_wishes(options, says):
    frame = table(patient=np.arange(500) % 7, word=["p", "q"] * 250)
    with pytest.raises(UsageError, match=says):
        split_table(frame, infer_schema(frame, "y"), seed=0, **options)


def test_an_empty_part_is_refused():
    frame = table(place=np.arange(500) // 300)
    with pytest.raises(DataError, match=r"part of the split .* is empty"):
        split_table(frame, infer_schema(frame, "y"), seed=0, group="place")


def test_a_class_without_training_rows_is_named():
    frame = table(y=["a"] * 200 + ["b"] * 200 + ["c"] * 100)
    with pytest.raises(DataError, match="class 'c' of 'y' is in the test rows"):
        split_table(frame, infer_schema(frame, "y"), seed=0, test=np.arange(400, 500))


def test_folds_keep_groups_whole_and_classes_in_balance():
    frame = table(patient=RANDOM.integers(0, 60, 500))
    folds = assign_folds(frame, infer_schema(frame, "y"), np.arange(500), of=5, seed=0, group="patient")
    assert set(folds) == set(range(5))
    assert (frame["patient"].groupby(frame["patient"]).size() > 1).any()
    assert (pd.Series(folds).groupby(frame["patient"]).nunique() == 1).all()
