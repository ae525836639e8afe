"""The numeric and category embeddings against plain definitions."""

import math

import torch

from netsitter.nets.embeddings import PBLD, CategoryEmbedding, Periodic, PiecewiseLinear, category_size

GENERATOR = torch.Generator().manual_seed(0)
X = torch.randn(50, 3, generator=GENERATOR)


@torch.no_grad()
def test_pbld_is_its_formula() -> None:
    layer = PBLD(3, frequencies=5, scale=0.3, size=2)
    layer.reset(GENERATOR)
    for column in range(3):
        waves = torch.cos(X[:, [column]] * layer.frequency[column] + layer.phase[column])
        expected = waves @ layer.weight[column] + layer.bias[column]
        assert torch.allclose(layer(X)[:, 2 * column : 2 * column + 2], expected, atol=1e-5)
    many = PBLD(100, frequencies=100, scale=0.3, size=2)
    many.reset(GENERATOR)
    assert math.isclose(float(many.frequency.std()), 2 * math.pi * 0.3, rel_tol=0.05)


@torch.no_grad()
def test_periodic_is_its_formula() -> None:
    layer = Periodic(3, frequencies=4, scale=1.0, size=6)
    layer.reset(GENERATOR)
    angle = X[:, [1]] * layer.frequency[1]
    expected = torch.cat([angle.cos(), angle.sin()], 1) @ layer.weight[1] + layer.bias[1]
    assert torch.allclose(layer(X)[:, 6:12], expected.relu(), atol=1e-5)


@torch.no_grad()
def test_piecewise_linear_counts_the_bins_that_are_behind() -> None:
    layer = PiecewiseLinear(1, bins=4, size=4)
    layer.set_bins(torch.arange(0.0, 101.0)[:, None])
    layer.weight.copy_(torch.eye(4)[None])
    layer.bias.zero_()
    codes = layer(torch.tensor([[0.0], [25.0], [60.0], [100.0], [125.0], [-25.0]]))
    expected = torch.tensor(
        [[0, 0, 0, 0], [1, 0, 0, 0], [1, 1, 0.4, 0], [1, 1, 1, 1], [1, 1, 1, 2], [-1, 0, 0, 0]]
    )
    assert torch.allclose(codes, expected.float(), atol=1e-5)


@torch.no_grad()
def test_piecewise_linear_with_few_distinct_values() -> None:
    layer = PiecewiseLinear(2, bins=8, size=3)
    layer.reset(GENERATOR)
    layer.set_bins(torch.stack([torch.ones(40), torch.arange(40) % 3], 1).float())
    out = layer(torch.tensor([[1.0, 0.0], [5.0, 2.0], [-5.0, 1.0]]))
    assert torch.isfinite(out).all()
    assert torch.equal(out[0, :3], out[1, :3]), "a constant column says nothing"
    assert not torch.equal(out[0, 3:], out[1, 3:])


@torch.no_grad()
def test_category_tables_are_one_embedding_a_column() -> None:
    layer = CategoryEmbedding((3, 50, 4), (2, 8, 2))
    layer.reset(GENERATOR)
    codes = torch.tensor([[2, 49, 0], [0, 0, 3]])
    small, large = layer.tables
    expected = torch.cat([small[codes[:, 0]], small[3 + codes[:, 2]], large[codes[:, 1]]], 1)
    assert torch.equal(layer(codes), expected)
    assert layer.out_features == expected.shape[1]


def test_category_size() -> None:
    assert category_size(30, 8) == 8
    assert category_size(3, 8) == 3
    assert category_size(100, 0) == round(1.6 * 100**0.56)
    assert category_size(1_000_000, 0) == 64
    assert category_size(1, 0) == 1
