"""Bins that are looked up come to what the encodings multiplied out come to."""

import math

import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from netsitter.nets.bins import Bins, mix
from netsitter.nets.embeddings import PiecewiseLinear


def multiplied_out(layer: PiecewiseLinear, x: torch.Tensor) -> torch.Tensor:
    """The definition: every number's encoding by all bins, times the column's matrix."""
    through = torch.addcmul(layer.start, x.t().unsqueeze(2), layer.slope).clamp(layer.low, layer.high)
    return torch.baddbmm(layer.bias, through, layer.weight).transpose(0, 1).flatten(1)


@example(bins=6, columns=3, distinct=15, seed=15)
@settings(deadline=None, max_examples=40)
@given(
    bins=st.integers(1, 20), columns=st.integers(1, 4), distinct=st.integers(1, 60), seed=st.integers(0, 99)
)
def test_looked_up_is_multiplied_out(bins: int, columns: int, distinct: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    # On a grid: of bins a thousandth wide and less float32 knows where they end to 1e-4 of them only,
    # whichever way they are read.
    values = (64 * torch.randn(distinct, columns, generator=generator)).round() / 64
    layer = PiecewiseLinear(columns, bins=bins, size=3)
    with torch.no_grad():
        layer.reset(generator)
        layer.set_bins(values[torch.randint(distinct, (100,), generator=generator)])
    # Rows that were seen lie on edges; the others between them and beyond.
    x = torch.cat([values, 3 * torch.randn(30, columns, generator=generator)])
    expected, found = multiplied_out(layer, x), layer(x)
    assert torch.allclose(found, expected, atol=1e-4, rtol=1e-4)
    slope = torch.randn(found.shape, generator=generator)
    weights = (layer.weight, layer.bias)
    wanted, got = torch.autograd.grad(expected, weights, slope), torch.autograd.grad(found, weights, slope)
    for theirs, mine in zip(wanted, got, strict=True):
        assert torch.allclose(mine, theirs, atol=1e-3, rtol=1e-3)


def test_a_stack_looks_up_in_the_bins_of_each_of_its_networks() -> None:
    generator = torch.Generator().manual_seed(0)
    layers = [PiecewiseLinear(3, bins=6, size=2) for _ in range(4)]
    with torch.no_grad():
        for number, layer in enumerate(layers):
            layer.reset(generator)
            layer.set_bins(torch.randn(80, 3, generator=generator) + number)
    x = torch.randn(4, 10, 3, generator=generator)
    stacked = {name: torch.stack([getattr(one, name) for one in layers]) for name in ("weight", "bias")}
    parts = ("slope", "start", "low", "high")
    bins = Bins.of(*(torch.stack([getattr(one, name) for one in layers]) for name in parts))
    found = mix(*bins.find(x), stacked["weight"], stacked["bias"])
    expected = torch.stack([layer(rows) for layer, rows in zip(layers, x, strict=True)])
    assert torch.allclose(found, expected, atol=1e-6)


def test_numbers_far_beyond_the_bins_go_on_along_the_last_ones() -> None:
    layer = PiecewiseLinear(1, bins=4, size=1)
    with torch.no_grad():
        layer.weight.fill_(1.0)
        layer.bias.zero_()
        layer.set_bins(torch.arange(101.0)[:, None])
    low, high = layer(torch.tensor([[-1000.0], [1000.0]])).flatten().tolist()
    assert math.isclose(low, -40.0, rel_tol=1e-5)
    assert math.isclose(high, 40.0, rel_tol=1e-5)
