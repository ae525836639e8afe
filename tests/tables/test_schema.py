"""Kinds and tasks are guessed sensibly, said with a reason, and overridden at will."""

import time

import numpy as np
import pandas as pd
import pytest

from netsitter.errors import DataError, UsageError
from netsitter.tables.schema import Kind, Schema, Task, infer_schema

N = 60
RANDOM = np.random.default_rng(0)
SHUFFLED = RANDOM.permutation(N)


def schema_of(column, **options):
    y = np.arange(N) % 2
    frame = pd.DataFrame({"name": column, "other": RANDOM.normal(size=N), "y": y})
    return infer_schema(frame, "y", **options)


@pytest.mark.parametrize(
    ("column", "kind", "reason"),
    [
        (RANDOM.normal(size=N), Kind.NUMBER, "60 different numbers"),
        (SHUFFLED, Kind.NUMBER, "60 different whole numbers"),
        ([0, 1] * 30, Kind.BOOLEAN, "two values, 0 and 1"),
        ([True, False] * 30, Kind.BOOLEAN, "true or false"),
        (["Yes", "no"] * 30, Kind.BOOLEAN, "two answers"),
        (["red", "blue"] * 30, Kind.CATEGORY, "2 different words"),
        (["1", "2", "A"] * 20, Kind.CATEGORY, "3 different words"),
        (np.arange(1, N + 1), Kind.ID, "it counts the rows, 1 to 60"),
        ([f"A{i:05d}x" for i in SHUFFLED], Kind.ID, "hardly repeat"),
        ([f"he said that it was {i} again" for i in range(N)], Kind.TEXT, "free text"),
        ([7.0] * N, Kind.CONSTANT, "every cell is 7"),
        ([None] * N, Kind.CONSTANT, "every cell is missing"),
        ([5.0, None] * 30, Kind.NUMBER, "1 different"),
        (["x", None] * 30, Kind.CATEGORY, "1 different words"),
        (pd.date_range("2020-01-01", periods=N), Kind.DATE, "stored as dates"),
        ([f"{1 + i % 28}.02.2021" for i in range(N)], Kind.DATE, "read as %d.%m.%Y"),
        ([f"{i},{i:03d}.5" for i in range(N)], Kind.NUMBER, "numbers written as text"),
        ([*map(str, SHUFFLED[:-1]), "broken"], Kind.NUMBER, "but for 1 cells such as 'broken'"),
        ([f"{i:05d}" for i in SHUFFLED % 9], Kind.CATEGORY, "9 different words"),
        (pd.Categorical(list("abc") * 20), Kind.CATEGORY, "stored as 3 categories"),
    ],
)
def test_kinds(column, kind, reason):
    found = schema_of(column).columns[0]
    assert (found.kind, found.name) == (kind, "name")
    assert reason in found.reason


def test_names_that_say_what_whole_numbers_are():
    frame = pd.DataFrame({"zip_code": SHUFFLED % 30, "user_id": SHUFFLED, "year": np.arange(1900, 1900 + N)})
    schema = infer_schema(frame.assign(y=RANDOM.normal(size=N)), "y")
    assert [column.kind for column in schema.columns] == [Kind.CATEGORY, Kind.ID, Kind.NUMBER]


def test_what_is_given_is_taken():
    schema = schema_of(np.arange(1, N + 1), kinds={"name": "number"}, drop=["other"])
    assert [(c.name, c.kind, c.reason) for c in schema.columns] == [("name", Kind.NUMBER, "you said so")]
    assert schema.dropped == ("other",)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"drop": ["nmae"]}, "Did you mean 'name'"),
        ({"kinds": {"nmae": "number"}}, "Did you mean 'name'"),
        ({"kinds": {"name": "numbr"}}, "Did you mean 'number'"),
        ({"task": "regresion"}, "Did you mean 'regression'"),
        ({"drop": ["y"]}, "cannot be dropped"),
    ],
)
def test_wrong_wishes(options, says):
    with pytest.raises(UsageError, match=says):
        schema_of(RANDOM.normal(size=N), **options)


@pytest.mark.parametrize(
    ("name", "values", "task"),
    [
        ("y", RANDOM.normal(size=N), Task.REGRESSION),
        ("y", SHUFFLED, Task.REGRESSION),
        ("y", [0, 1] * 30, Task.BINARY),
        ("y", [True, False] * 30, Task.BINARY),
        ("y", ["a", "b"] * 30, Task.BINARY),
        ("y", [1.0, 2.0] * 30, Task.BINARY),
        ("y", [0, 1, 2] * 20, Task.MULTICLASS),
        ("y", ["a", "b", "c"] * 20, Task.MULTICLASS),
        ("y", [0] * 40 + [1] * 15 + [2] * 4 + [3], Task.REGRESSION),
        ("quality", [3, 4, 5, 6, 7, 8] * 10, Task.REGRESSION),
        ("class", [10, 20, 30] * 20, Task.MULTICLASS),
        ("rings", [1, 2, 3, 4, 5, 6] * 10, Task.REGRESSION),
        ("y", [f"{i},{i:03d}" for i in range(1, N + 1)], Task.REGRESSION),
        ("y", [0.5, 1.5, 2.5] * 20, Task.REGRESSION),
    ],
)
def test_tasks(name, values, task):
    schema = infer_schema(pd.DataFrame({"x": RANDOM.normal(size=N), name: values}), name)
    assert schema.task is task
    assert len(schema.task_reason) > 10


def test_a_task_can_be_wished():
    frame = pd.DataFrame({"x": RANDOM.normal(size=N), "y": [0, 1, 2] * 20})
    assert infer_schema(frame, "y", task="regression").task is Task.REGRESSION
    assert infer_schema(frame, "y", task="classification").task is Task.MULTICLASS
    with pytest.raises(DataError, match="has 3 classes, not two"):
        infer_schema(frame, "y", task=Task.BINARY)


def target(values, **options):
    return infer_schema(pd.DataFrame({"x": RANDOM.normal(size=len(values)), "y": values}), "y", **options)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([1.0] * 30, "Every row has the target 'y' = '1'"),
        ([None] * 30, "Every cell of the target 'y' is missing"),
        ([f"w{i}" for i in range(30)], "30 classes in 30 rows"),
        (["a"] * 20 + ["b"] * 9 + ["c"], r"class 'c' of 'y' has one row only, row 30"),
        ([1.0, 2.0, 3.0, 4.0, 5.0], "Only 5 rows"),
        ([*RANDOM.normal(size=30), 1e200], "is 1e\\+200 in row 31"),
    ],
)
def test_targets_that_cannot_be_learnt(values, says):
    with pytest.raises(DataError, match=says):
        target(values)


def test_words_are_no_numbers():
    with pytest.raises(DataError, match="holds words"):
        target(["a", "b"] * 20, task="regression")


def test_no_such_target():
    with pytest.raises(DataError, match="Did you mean 'price'"):
        infer_schema(pd.DataFrame({"price": [1], "x": [2]}), "prize")


def test_no_input_left():
    with pytest.raises(DataError, match="No column is left"):
        infer_schema(pd.DataFrame({"x": [1] * 30, "y": [0, 1] * 15}), "y")


def test_rows_without_a_target_are_stated():
    schema = target([None, *[0.5, 1.5] * 20])
    assert schema.notes == ("1 of 41 rows have no 'y' and are left out.",)


def test_infinite_targets_count_as_missing():
    assert "2 of 42 rows" in target([np.inf, -np.inf, *[0.5, 1.5] * 20]).notes[0]


def test_json_round_trip():
    schema = schema_of(RANDOM.normal(size=N))
    assert Schema.from_json(schema.to_json()) == schema
    with pytest.raises(DataError, match="not a table's schema"):
        Schema.from_json(b"{}")


def test_ten_thousand_columns_are_fast():
    frame = pd.DataFrame(RANDOM.normal(size=(100, 10_000))).rename(columns=str).assign(y=[0, 1] * 50)
    start = time.process_time()
    assert len(infer_schema(frame, "y").inputs) == 10_000
    assert time.process_time() - start < 5
