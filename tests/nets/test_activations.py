"""Moments against their closed forms, and names."""

import math

import pytest
import torch

from netsitter.errors import UsageError
from netsitter.nets.activations import ACTIVATIONS, gain, make_activation, second_moments


def test_moments_are_the_closed_forms() -> None:
    assert second_moments("relu") == pytest.approx((0.5, 0.5), abs=1e-4)
    assert second_moments("identity") == pytest.approx((1, 1), abs=1e-4)
    slope = torch.nn.LeakyReLU().negative_slope
    below = math.exp(2) * 0.5 * math.erfc(2 / math.sqrt(2))
    assert second_moments("elu")[1] == pytest.approx(0.5 + below, abs=1e-4)
    assert second_moments("leaky-relu") == pytest.approx((0.5 * (1 + slope**2),) * 2, abs=1e-4)


def test_moments_are_those_of_the_paper() -> None:
    """The constants of Hendrycks & Gimpel 2017 (their code rounds to three places)."""
    assert second_moments("elu")[0] == pytest.approx(0.645, abs=1e-3)
    assert second_moments("gelu")[0] == pytest.approx(0.425, abs=1e-3)
    assert second_moments("tanh")[0] == pytest.approx(0.394, abs=1e-3)


def test_gain() -> None:
    assert gain("relu") == pytest.approx(math.sqrt(2), rel=1e-4)
    assert gain("selu") == pytest.approx(1, rel=1e-3)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_gain_keeps_the_variance_of_a_wide_layer(name: str) -> None:
    generator = torch.Generator().manual_seed(0)
    z = torch.randn(200_000, generator=generator)
    assert float((make_activation(name)(z) ** 2).mean()) * gain(name) ** 2 == pytest.approx(1, rel=0.02)


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(UsageError, match="Did you mean 'relu'"):
        make_activation("rellu")
