"""Curves are read in their own units: shifting and scaling a loss changes no verdict."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netsitter.curve import Curve, level, noise, read_curve, slope
from netsitter.series import Series


def series_of(values) -> Series:
    series = Series()
    for step, value in enumerate(values):
        series.append(step, float(value))
    return series


def curve_of(values) -> Curve:
    curve = read_curve(series_of(values))
    assert curve is not None
    return curve


def test_noise_is_the_scatter_and_not_the_trend():
    rng = np.random.default_rng(0)
    scatter = rng.normal(0, 0.3, 4000)
    assert noise(scatter) == pytest.approx(0.3, rel=0.1)
    assert noise(scatter + np.linspace(50, 0, 4000)) == pytest.approx(0.3, rel=0.1)
    spiked = scatter.copy()
    spiked[::100] = 1e6
    assert noise(spiked) == pytest.approx(0.3, rel=0.15)


def test_a_curve_is_summed_up():
    curve = curve_of(np.concatenate([np.linspace(2, 1, 500), np.linspace(1, 1.5, 500)]))
    assert curve.start == pytest.approx(2, abs=0.01)
    assert curve.best == pytest.approx(1, abs=0.06)
    assert curve.end == pytest.approx(1.5, abs=0.06)
    assert 450 <= curve.best_step <= 550
    assert curve.gain == pytest.approx(1, abs=0.1)
    assert curve.lost == pytest.approx(0.5, abs=0.1)


def test_a_straight_line_brings_a_quarter_in_its_last_quarter():
    assert curve_of(np.linspace(1, 0, 1000)).share_left() == pytest.approx(0.25, abs=0.03)
    assert curve_of(np.exp(-np.linspace(0, 12, 1000))).share_left() < 0.01


def test_a_flat_curve_has_not_fallen():
    rng = np.random.default_rng(1)
    assert abs(curve_of(rng.normal(2.3, 0.05, 800)).fallen) < 6
    assert curve_of(rng.normal(0, 0.05, 800) + np.linspace(2.3, 2.0, 800)).fallen > 20


def test_a_long_series_is_read_by_steps_and_not_by_what_thinning_kept():
    curve = curve_of(np.linspace(1, 0, 20_000))
    assert curve.share_left() == pytest.approx(0.25, abs=0.03)
    assert np.allclose(np.diff(curve.steps), 1000, atol=120)
    noisy = np.random.default_rng(2).normal(0, 0.1, 20_000)
    assert curve_of(noisy).noise == pytest.approx(0.1, rel=0.2)


def test_what_is_not_finite_is_passed_over():
    values = np.linspace(1, 0, 100)
    values[[10, 50]] = np.nan, np.inf
    assert curve_of(values).end < 0.1
    assert np.isnan(level(np.array([np.nan])))
    assert read_curve(series_of([np.nan] * 10 + [1.0, 2.0, 3.0])) is None
    assert slope(series_of([np.nan, 1.0, np.inf]), 3) == 0.0


def test_slope_is_per_step():
    assert slope(series_of(3.0 - 0.5 * np.arange(50)), 20) == pytest.approx(-0.5)


@given(
    st.lists(st.floats(-100, 100), min_size=4, max_size=200),
    st.sampled_from([1e-3, 1.0, 1e4]),
    st.sampled_from([-30.0, 0.0, 5.0]),
)
def test_gain_and_noise_move_with_the_unit_and_not_with_the_origin(values, scale, shift):
    plain, moved = curve_of(values), curve_of(np.asarray(values) * scale + shift)
    tolerance = 1e-9 * scale * 100 + 1e-9
    assert moved.gain == pytest.approx(plain.gain * scale, abs=tolerance)
    assert moved.noise == pytest.approx(plain.noise * scale, abs=tolerance)
