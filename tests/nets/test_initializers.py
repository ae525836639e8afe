"""Each scheme against its formula's variance, and against torch's own where torch has it."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import nn

from netsitter.errors import UsageError
from netsitter.nets import data_initializers
from netsitter.nets.initializers import INITIALIZERS, initialize


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def deep(activation: type[nn.Module] = nn.ReLU, depth: int = 4, dropout: float = 0.0) -> nn.Sequential:
    layers: list[nn.Module] = []
    width = 30
    for _ in range(depth):
        layers += [nn.Linear(width, 128), activation(), nn.Dropout(dropout)]
        width = 128
    return nn.Sequential(*layers, nn.Linear(width, 3))


def rows(n: int = 512) -> torch.Tensor:
    return torch.randn(n, 30, generator=seeded(1)) * torch.linspace(0.1, 5, 30)


FAN_IN, FAN_OUT = 400, 300
FORMULAS = {
    "zeros": 0.0,
    "constant": 0.0,
    "normal": 1.0,
    "xavier": math.sqrt(2 / (FAN_IN + FAN_OUT)),
    "xavier-uniform": math.sqrt(2 / (FAN_IN + FAN_OUT)),
    "he": math.sqrt(2 / FAN_IN),
    "lecun": math.sqrt(1 / FAN_IN),
}


@pytest.mark.parametrize("scheme", FORMULAS)
def test_standard_deviation_is_the_formula(scheme: str) -> None:
    layer = nn.Linear(FAN_IN, FAN_OUT)
    initialize(layer, scheme, generator=seeded())
    # 120,000 draws know their standard deviation to 0.2 %.
    weight = layer.weight.detach()
    assert float(weight.std()) == pytest.approx(FORMULAS[scheme], rel=0.01, abs=1e-5)
    assert float(weight.mean()) == pytest.approx(10.0 if scheme == "constant" else 0.0, abs=0.01)
    assert not layer.bias.any()


TORCH: dict[str, Callable[..., torch.Tensor]] = {
    "normal": nn.init.normal_,
    "xavier": nn.init.xavier_normal_,
    "xavier-uniform": nn.init.xavier_uniform_,
    "he": lambda w, generator: nn.init.kaiming_normal_(w, nonlinearity="relu", generator=generator),
    "lecun": lambda w, generator: nn.init.kaiming_normal_(w, nonlinearity="linear", generator=generator),
    "orthogonal": nn.init.orthogonal_,
}


@pytest.mark.parametrize("scheme", TORCH)
@pytest.mark.parametrize("layer", [nn.Linear(40, 30), nn.Conv2d(3, 8, 5)])
def test_the_same_draws_as_torch(scheme: str, layer: nn.Module) -> None:
    initialize(layer, scheme, generator=seeded())
    expected = TORCH[scheme](torch.empty(layer.weight.shape), generator=seeded())
    assert torch.allclose(layer.weight, expected, atol=1e-6)


def test_orthogonal_rows() -> None:
    net = deep()
    initialize(net, "orthogonal", activation="relu", generator=seeded())
    weight = net[3].weight.detach()
    assert torch.allclose(weight @ weight.T, 2 * torch.eye(128), atol=1e-4)


@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_dropout_corrected_keeps_the_formula(dropout: float) -> None:
    net = deep(dropout=dropout)
    initialize(net, "dropout-corrected", activation="relu", generator=seeded())
    keep = 1 - dropout
    squares = [(net[i].weight ** 2).sum(1).mean().item() for i in (0, 3, 12)]
    assert squares[0] == pytest.approx(1 / (1 + 0.5 * keep), rel=1e-3)
    assert squares[1] == pytest.approx(1 / (0.5 / keep + 0.5 * keep), rel=1e-3)
    assert squares[2] == pytest.approx(1 / (0.5 / keep + 1), rel=1e-3)


@pytest.mark.parametrize("activation", [nn.ReLU, nn.Tanh, nn.SiLU])
def test_lsuv_gives_every_layer_unit_variance(activation: type[nn.Module]) -> None:
    net = deep(activation)
    assert initialize(net, "lsuv", inputs=(rows(),), generator=seeded()) == ()
    x = rows()
    for layer in net:
        x = layer(x)
        if isinstance(layer, nn.Linear):
            assert float(x.detach().var()) == pytest.approx(1, abs=0.05)


def test_within_layer_correction_gives_every_unit_mean_0_and_variance_1(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(data_initializers, "ROUNDS", 0)
    net = deep(nn.Tanh)
    initialize(net, "data-dependent", inputs=(rows(),), generator=seeded())
    x = rows()
    for layer in net:
        x = layer(x)
        if isinstance(layer, nn.Linear):
            assert float(x.detach().mean(0).abs().max()) < 1e-4
            assert torch.allclose(x.std(0), torch.ones(x.shape[1]), atol=1e-3)


def rates(net: nn.Sequential) -> torch.Tensor:
    """C_k of Krähenbühl et al. 2015, from gradients of single rows."""
    layers = [m for m in net if isinstance(m, nn.Linear)]
    totals = torch.zeros(len(layers))
    direction = torch.randn(3, generator=seeded(2))
    for row in rows(64):
        net.zero_grad()
        (net(row[None]) * direction).sum().backward()
        totals += torch.tensor([((m.weight.grad**2).mean() / (m.weight**2).sum()).item() for m in layers])
    return totals.log()


def test_between_layer_correction_evens_the_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    spreads, outputs = [], []
    for rounds in (0, 10):
        monkeypatch.setattr(data_initializers, "ROUNDS", rounds)
        net = deep(nn.ReLU)
        initialize(net, "data-dependent", inputs=(rows(),), generator=seeded())
        for layer in net:
            if isinstance(layer, nn.Linear):
                nn.init.zeros_(layer.bias)
        spreads.append(float(rates(net).std()))
        outputs.append(net(rows()))
    assert spreads[1] < spreads[0] / 2
    assert torch.allclose(outputs[0], outputs[1], rtol=1e-3, atol=1e-3), "a network of ReLUs is unchanged"


@pytest.mark.parametrize("scheme", ["lsuv", "data-dependent"])
@pytest.mark.parametrize("inputs", [torch.zeros(64, 30), torch.full((64, 30), float("nan"))])
def test_a_dead_layer_is_left_alone_and_named(scheme: str, inputs: torch.Tensor) -> None:
    net = deep()
    notes = initialize(net, scheme, inputs=(inputs,), generator=seeded())
    assert any("'0'" in note for note in notes)
    assert all(torch.isfinite(p).all() for p in net.parameters())


@pytest.mark.parametrize("scheme", INITIALIZERS)
def test_nothing_but_the_weights_changes(scheme: str) -> None:
    """One seed, one result; the global generator, modes and statistics are left as they were."""
    net = nn.Sequential(nn.Linear(30, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 1))
    net[3].eval()
    before, running = torch.random.get_rng_state(), net[1].running_mean.clone()
    initialize(net, scheme, inputs=(rows(),), generator=seeded())
    first = [p.clone() for p in net.parameters()]
    initialize(net, scheme, inputs=(rows(),), generator=seeded())
    assert all(torch.equal(a, b) for a, b in zip(first, net.parameters(), strict=True))
    assert torch.equal(before, torch.random.get_rng_state())
    assert torch.equal(running, net[1].running_mean)
    assert net[0].training
    assert not net[3].training
    assert not any(m._forward_hooks for m in net)


def test_output_scale_touches_the_last_layer_only() -> None:
    whole, small = deep(), deep()
    initialize(whole, "he", generator=seeded())
    initialize(small, "he", generator=seeded(), output_scale=0.1)
    assert torch.equal(whole[0].weight, small[0].weight)
    assert torch.allclose(whole[-1].weight * 0.1, small[-1].weight)


def test_mistakes_are_named() -> None:
    with pytest.raises(UsageError, match="Did you mean 'xavier'"):
        initialize(deep(), "xavir")
    with pytest.raises(UsageError, match="batch of rows"):
        initialize(deep(), "lsuv")
