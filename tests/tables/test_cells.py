"""Cells read the same whatever their dtype."""

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netsitter.tables import cells


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["1", " 2.5 ", "-3e2"], [1, 2.5, -300]),
        (["1,234", "12", "1,234,567.5"], [1234, 12, 1234567.5]),
        (["1,5", "1,234"], [1.5, 1.234]),
        (["1.234,5", "1.234.567"], [1234.5, 1234567]),
        (["1 234", "1'234.5", "1\u202f234,5"], [1234, 1234.5, 1234.5]),
        (["12%", "0.5 %"], [0.12, 0.005]),
        (["$5", "-€2.50", "(3)", "£1,000"], [5, -2.5, -3, 1000]),
        (["", "NA", "?", "None", "abc", "1_000", "٣"], [np.nan] * 7),
        (["inf", "-inf"], [np.inf, -np.inf]),
    ],
)
def test_numbers_in_many_spellings(texts, values):
    np.testing.assert_allclose(cells.numbers(pd.Series(texts)), values)


@pytest.mark.parametrize("dtype", ["int8", "float32", "Int64", "Float64", "string", "object", "category"])
def test_numbers_do_not_depend_on_the_dtype(dtype):
    column = pd.Series([1, 2, 3]).astype("str" if dtype == "string" else "int64").astype(dtype)
    np.testing.assert_array_equal(cells.numbers(column), [1.0, 2.0, 3.0])


def test_words_are_the_same_category_in_every_dtype():
    assert cells.words(pd.Series([1.0, 2.5, np.nan])).tolist() == ["1", "2.5", None]
    assert cells.words(pd.Series([1, 2])).tolist() == ["1", "2"]
    assert cells.words(pd.Series([True, False, None])).tolist() == ["true", "false", None]
    assert cells.words(pd.Series([" WD ", "WD", ""])).tolist() == ["WD", "WD", None]
    assert cells.words(pd.Series([["a"], ["b"], None])).tolist() == ["['a']", "['b']", None]


def test_none_and_na_are_answers_where_there_are_words():
    assert cells.words(pd.Series(["None", "NA", "No", "?"])).tolist() == ["None", "NA", "No", "?"]


@pytest.mark.parametrize(
    ("texts", "form"),
    [
        (["2020-01-31", "2021-12-01"], "ISO8601"),
        (["2020-01-31T10:00:00+02:00"], "ISO8601"),
        (["31.01.2020"], "%d.%m.%Y"),
        (["01/31/2020", "02/01/2020"], "%m/%d/%Y"),
        (["31/01/2020", "02/01/2020"], "%d/%m/%Y"),
        (["5 Jan 2020"], "%d %b %Y"),
        (["abc", "12"], None),
        ([], None),
    ],
)
def test_date_formats(texts, form):
    assert cells.date_format(texts) == form


@given(st.lists(st.datetimes(datetime.datetime(1700, 1, 1), datetime.datetime(2200, 1, 1)), min_size=1))
def test_dates_survive_being_written(moments):
    stored = cells.dates(pd.Series(moments), None)
    written = cells.dates(pd.Series([moment.isoformat() for moment in moments], dtype=object), "ISO8601")
    np.testing.assert_array_equal(stored, written)


@given(st.lists(st.one_of(st.text(), st.none(), st.floats(), st.integers(), st.booleans())))
def test_any_cells_are_read_without_an_error(values):
    column = pd.Series(values, dtype=object)
    assert len(cells.numbers(column)) == len(cells.words(column)) == len(column)
    assert cells.missing(column).sum() == sum(word is None for word in cells.words(column))
    assert len(cells.dates(column, cells.date_format(cells.factor(column)[1]))) == len(column)
