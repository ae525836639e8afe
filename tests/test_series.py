"""Many points at once make the series that one by one make."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netsitter.series import LIMIT, Series


def state(series: Series) -> tuple:
    # NaN differs from itself; its text does not.
    return (
        series.steps.tolist(),
        list(map(repr, series.values.tolist())),
        series.count,
        series.first_nonfinite,
    )


@pytest.mark.parametrize("count", [0, 1, LIMIT, LIMIT + 1, 3 * LIMIT, 10_000])
@given(cuts=st.lists(st.integers(0, 10_000), max_size=6), odd=st.sampled_from([None, 0, 700, 5000]))
def test_extend_is_append_many_times(count, cuts, odd):
    values = [math.sin(i / 7) + (i * 7919 % 13) / 5 for i in range(count)]
    if odd is not None and odd < count:
        values[odd] = math.nan
    one_by_one, at_once = Series(), Series()
    for step, value in enumerate(values):
        one_by_one.append(step, value)
    edges = [0, *sorted(min(cut, count) for cut in cuts), count]
    for start, stop in pairwise(edges):
        at_once.extend(list(range(start, stop)), values[start:stop])
    assert state(at_once) == state(one_by_one)


def test_a_sum_that_overflows_is_no_point_that_does():
    series = Series()
    series.extend([0, 1], [1.7e308, 1.7e308])
    assert series.first_nonfinite is None
    series.extend([2, 3], [1.0, math.inf])
    assert series.first_nonfinite == 3
