"""The run and its file: nothing is lost, nothing is made up, and what is read is what was written."""

import json
import math
import tempfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netsitter.run import FILE_NAME, Run
from netsitter.series import HEAD, LIMIT, TAIL, Series

ANY_NUMBER = st.floats(allow_nan=True, allow_infinity=True)
RECORDS = st.lists(
    st.tuples(st.integers(0, 10**9), st.dictionaries(st.text(max_size=8), ANY_NUMBER, max_size=4)),
    max_size=30,
)
JSON_FACTS = st.dictionaries(
    st.text(max_size=6),
    st.recursive(
        st.none() | st.booleans() | st.integers() | ANY_NUMBER | st.text(max_size=6),
        lambda inner: (
            st.lists(inner, max_size=3) | st.tuples(inner) | st.dictionaries(st.integers(), inner, max_size=3)
        ),
        max_leaves=6,
    ),
    max_size=3,
)


def series_of(values: list[float] | np.ndarray) -> Series:
    series = Series()
    for step, value in enumerate(values):
        series.append(step, float(value))
    return series


def assert_same(one: Run, other: Run) -> None:
    assert one.names() == other.names()
    assert one.last_step == other.last_step
    assert one.facts == other.facts
    assert (one.treatments, one.notes, one.end) == (other.treatments, other.notes, other.end)
    for name in one.names():
        np.testing.assert_array_equal(one[name].steps, other[name].steps)
        np.testing.assert_array_equal(one[name].values, other[name].values)
        assert one[name].count == other[name].count
        assert one[name].first_nonfinite == other[name].first_nonfinite


@given(records=RECORDS, facts=JSON_FACTS)
def test_what_is_read_back_is_what_was_written(records, facts):
    with tempfile.TemporaryDirectory() as folder:
        with Run.create(folder, facts) as live:
            live.extend(records)
            live.treat({"remedy": "clip", "kept": True})
            live.note(stage="look", text="a \u2028 b \x85 c")
            live.finish(status="ok", best=math.inf)
        assert_same(live, Run.open(folder))
        with Run.create(folder) as again:
            assert_same(live, again)


def test_not_a_number_is_null_with_a_flag(tmp_path):
    with Run.create(tmp_path) as run:
        run.append(3, {"loss": math.nan, "a": math.inf, "b": -math.inf, "c": 1.5})
    line = json.loads((tmp_path / FILE_NAME).read_text().splitlines()[-1])
    assert line["values"] == {"loss": None, "a": None, "b": None, "c": 1.5}
    assert line["nonfinite"] == {"loss": "nan", "a": "inf", "b": "-inf"}
    back = Run.open(tmp_path)
    assert math.isnan(back["loss"].last)
    assert (back["a"].last, back["b"].last) == (math.inf, -math.inf)
    assert back["loss"].first_nonfinite == 3


@pytest.mark.parametrize("cut", range(2, 40, 3))
def test_a_torn_last_line_is_passed_over_and_written_after(tmp_path, cut):
    with Run.create(tmp_path) as run:
        run.append(0, {"loss": 1.0})
        run.append(1, {"loss": 0.5})
    path = tmp_path / FILE_NAME
    path.write_bytes(path.read_bytes()[:-cut])
    assert list(Run.open(tmp_path)["loss"].values) == [1.0]
    with Run.create(tmp_path) as run:
        run.append(1, {"loss": 0.25})
    assert list(Run.open(tmp_path)["loss"].values) == [1.0, 0.25]


def test_a_run_is_readable_while_it_is_written(tmp_path):
    with Run.create(tmp_path) as run:
        run.append(0, {"loss": 1.0})
        assert Run.open(tmp_path)["loss"].last == 1.0


def test_numbers_of_any_library_are_written_as_numbers(tmp_path):
    class Scalar:  # what a tensor is to us: it has __float__
        def __float__(self) -> float:
            return 0.5

    with Run.create(tmp_path) as run:
        run.append(0, {"a": np.float32(0.1), "b": np.int64(3), "c": True, "d": Scalar()})  # type: ignore[dict-item]
    assert_same(run, Run.open(tmp_path))


def test_a_name_that_is_not_unicode_is_written(tmp_path):
    with Run.create(tmp_path) as run:
        run.append(0, {"data/caf\udce9/missing": 1.0})
    assert_same(run, Run.open(tmp_path))


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[1, 2]",
        "7",
        "not json",
        '{"step": 1}',
        '{"kind": "record", "step": 1e999, "values": {"loss": 1}}',
        '{"kind": "record", "step": 1, "values": {"loss": null}}',
        '{"kind": "record", "step": 1, "values": [1]}',
        "[" * 100_000,
    ],
)
def test_foreign_lines_are_passed_over(tmp_path, line):
    with Run.create(tmp_path) as run:
        run.append(0, {"loss": 1.0})
    with (tmp_path / FILE_NAME).open("a") as file:
        file.write(line + "\n")
    assert_same(run, Run.open(tmp_path))


def test_a_file_that_is_no_run_is_refused(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("hello\n")
    with pytest.raises(ValueError, match=r"notes\.txt"):
        Run.open(path)


# ---- thinning


@given(st.lists(ANY_NUMBER, min_size=1, max_size=50), st.integers(1, 200))
def test_thinning_keeps_the_extremes_and_both_ends(pattern, repeats):
    values = np.resize(np.asarray(pattern), LIMIT + 17 * repeats)
    series = series_of(values)
    assert len(series) <= LIMIT
    assert series.count == len(values)
    np.testing.assert_array_equal(series.head(HEAD), values[:HEAD])
    np.testing.assert_array_equal(series.tail(TAIL), values[-TAIL:])
    finite = values[np.isfinite(values)]
    if len(finite) == len(values):
        assert series.values.min() == finite.min()
        assert series.values.max() == finite.max()
    assert series.first_nonfinite == next((i for i, v in enumerate(values) if not math.isfinite(v)), None)


def test_a_curve_is_thinned_evenly():
    steps = series_of(np.random.default_rng(3).normal(size=200_000)).steps[HEAD:-TAIL]
    kept, _ = np.histogram(steps, bins=10, range=(HEAD, 200_000 - TAIL))
    assert kept[:-1].min() > 0.5 * kept[:-1].max(), "the last part is not thinned yet"


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf, 1e9, -1e9])
def test_one_odd_point_among_many_survives(odd):
    values = np.sin(np.arange(20_000))
    values[4321] = odd
    series = series_of(values)
    where = np.flatnonzero(series.steps == 4321)
    assert len(where) == 1
    np.testing.assert_equal(series.values[where[0]], odd)
    assert np.all(np.diff(series.steps) > 0)


def test_a_long_run_read_back_is_thinned_alike(tmp_path):
    rng = np.random.default_rng(0)
    with Run.create(tmp_path) as live:
        for start in range(0, 9000, 100):
            live.extend((step, {"loss": float(rng.normal())}) for step in range(start, start + 100))
    assert len(live["loss"]) <= LIMIT
    assert_same(live, Run.open(tmp_path))


# ---- asking


def test_series_are_found_by_pattern():
    run = Run()
    run.append(0, {"loss": 1, "grad_norm/fc1.weight": 2, "grad_norm/fc2.weight": 3, "grad_norm": 4})
    assert set(run.match("grad_norm/*")) == {"fc1.weight", "fc2.weight"}
    assert set(run.match("grad_norm/*.weight")) == {"fc1", "fc2"}
    assert "grad_norm/*" in run
    assert "act_std/*" not in run
    assert "loss" in run
    assert not run["val/loss"]
    assert math.isnan(run["val/loss"].last)


@given(values=st.lists(ANY_NUMBER, max_size=40), repeats=st.integers(1, 90), cut=st.integers(0, 4000))
def test_a_series_extended_is_the_series_appended(values, repeats, cut):
    values = values * repeats
    extended, appended = Series(), series_of(values)
    for part in (slice(None, cut), slice(cut, None)):
        extended.extend(range(len(values))[part], values[part])
    np.testing.assert_array_equal(extended.steps, appended.steps)
    np.testing.assert_array_equal(extended.values, appended.values)
    assert (extended.count, extended.first_nonfinite) == (appended.count, appended.first_nonfinite)


def test_a_series_written_at_once_is_in_the_file(tmp_path):
    with Run.create(tmp_path) as live:
        live.extend_series("loss", range(3), [1.0, math.nan, 0.5])
        live.extend_series("nothing", [], [])
    assert_same(live, Run.open(tmp_path))
