"""Centred weight norm and batch-norm statistics."""

import copy

import pytest
import torch
from torch import nn

from netsitter.nets.dropout import Dropout
from netsitter.nets.normalization import CentredWeightNorm, centre_weights, refresh_batch_norm

GENERATOR = torch.Generator().manual_seed(0)


def test_rows_are_centred_and_have_the_length_g() -> None:
    layer = nn.Linear(12, 5)
    norms = (layer.weight - layer.weight.mean(1, keepdim=True)).norm(dim=1).detach()
    centre_weights(layer)
    assert torch.allclose(layer.weight.mean(1), torch.zeros(5), atol=1e-6)
    assert torch.allclose(layer.weight.norm(dim=1), norms, atol=1e-6)


def test_it_is_the_papers_formula_when_g_is_1() -> None:
    v = torch.randn(5, 12, generator=GENERATOR)
    norm = CentredWeightNorm(v)
    nn.init.ones_(norm.g)
    centred = v - v.mean(1, keepdim=True)
    assert torch.allclose(norm(v), centred / centred.norm(dim=1, keepdim=True))
    assert torch.allclose(norm(3 * v + 1), norm(v), atol=1e-5), "scale and shift of v do not matter"


def test_it_survives_training_and_copies() -> None:
    net = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 1))
    centre_weights(net)
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    x = torch.randn(20, 6, generator=GENERATOR)
    net(x).square().mean().backward()
    optimizer.step()
    assert torch.allclose(net[0].weight.mean(1), torch.zeros(8), atol=1e-6)
    twin = copy.deepcopy(net)
    assert torch.equal(twin(x), net(x))


def test_a_layer_of_one_input_is_left_alone() -> None:
    layer = nn.Linear(1, 4)
    weight = layer.weight
    centre_weights(layer)
    assert layer.weight is weight


def test_equal_weights_do_not_become_nan() -> None:
    layer = nn.Linear(4, 3)
    nn.init.constant_(layer.weight, 2.0)
    centre_weights(layer)
    assert torch.isfinite(layer(torch.ones(2, 4))).all()


def test_statistics_are_those_of_the_data_with_dropout_off() -> None:
    net = nn.Sequential(nn.Dropout(0.5), nn.BatchNorm1d(4), nn.Dropout(0.5))
    x = torch.randn(200, 4, generator=GENERATOR) * 3 + 1
    refresh_batch_norm(net, [(x[:100],), (x[100:],)])
    norm = net[1]
    assert torch.allclose(norm.running_mean, x.mean(0), atol=1e-5)
    halves = (x[:100].var(0) + x[100:].var(0)) / 2
    assert torch.allclose(norm.running_var, halves, rtol=1e-4)
    assert norm.momentum == 0.1
    assert all(m.training for m in net.modules())


def test_a_network_without_batch_norm_is_not_run() -> None:
    refresh_batch_norm(nn.Linear(2, 2), [("this would raise",)])  # type: ignore[list-item]


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("shape", [(4000, 25), (99_999,), (3, 5, 6667)])
def test_dropout_zeroes_a_share_p_and_keeps_the_expectation(p: float, shape: tuple) -> None:
    layer, x = Dropout(p), torch.ones(shape, requires_grad=True)
    out = layer(x)
    dropped = float((out == 0).float().mean())
    assert dropped == pytest.approx(p, abs=1 / 512 + 0.006)
    assert float(out.detach().mean()) == pytest.approx(1, abs=0.03)
    out.sum().backward()
    assert x.grad is not None
    assert torch.equal(x.grad, out.detach()), "the gradient is dropped where the unit was"
    layer.eval()
    assert layer(x) is x


def test_neighbouring_units_are_dropped_independently() -> None:
    out = (Dropout(0.5)(torch.ones(200_000)) == 0).double()
    for lag in range(1, 17):
        assert abs(float(torch.corrcoef(torch.stack([out[:-lag], out[lag:]]))[0, 1])) < 0.012
