"""Who decays, who learns at which rate, and that every optimiser learns."""

import subprocess
import sys
from typing import Any

import pytest
import torch
from torch import nn

from netsitter.errors import UsageError
from netsitter.nets.blocks import build_network
from netsitter.nets.config import NetConfig
from netsitter.nets.optimizers import OPTIMIZERS, build_optimizer, parameter_groups, set_rate


def table_net(**settings: object) -> nn.Module:
    net, _ = build_network(
        NetConfig(width=8, depth=2, numeric_embedding="pbld", **settings),  # type: ignore[arg-type]
        numeric=torch.randn(32, 3),
        codes=torch.zeros(32, 2, dtype=torch.int64),
        is_continuous=[True] * 3,
        cardinalities=(5, 9),
        n_outputs=1,
    )
    return net


def names_by_role(net: nn.Module, **settings: object) -> dict[str, set[str]]:
    names = {p: name for name, p in net.named_parameters()}
    groups = parameter_groups(net, 0.1, **settings)  # type: ignore[arg-type]
    return {group["role"]: {names[p] for p in group["params"]} for group in groups}


def test_roles() -> None:
    roles = names_by_role(table_net(norm="batch-before"))
    assert roles["norm"] == {f"blocks.{i}.before.{n}" for i in (0, 1) for n in ("weight", "bias")}
    assert roles["scale"] == {"scaling.scale"}
    assert roles["embedding"] == {"categories.tables.0", "categories.tables.1"}
    assert roles["bias"] == {
        "blocks.0.linear.bias",
        "blocks.1.linear.bias",
        "output.bias",
        "numbers.bias",
        "numbers.phase",
    }
    assert roles["weight"] == {
        "blocks.0.linear.weight",
        "blocks.1.linear.weight",
        "output.weight",
        "numbers.weight",
        "numbers.frequency",
    }


def test_every_parameter_is_in_one_group() -> None:
    for net in (table_net(weight_norm=True), nn.TransformerEncoderLayer(8, 2), nn.LSTM(3, 4)):
        grouped = [p for group in parameter_groups(net, 0.1) for p in group["params"]]
        assert len(grouped) == len(set(grouped))
        assert set(grouped) == set(net.parameters())
    assert (
        "blocks.0.linear.parametrizations.weight.0.g" in names_by_role(table_net(weight_norm=True))["scale"]
    )


def test_tied_weights_and_frozen_ones() -> None:
    net = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 4))
    net[1].weight = net[0].weight
    net[2].requires_grad_(False)
    grouped = [p for group in parameter_groups(net, 0.1) for p in group["params"]]
    assert len(grouped) == 3


def test_only_what_is_named_decays() -> None:
    decays = {g["role"]: g["weight_decay"] for g in parameter_groups(table_net(norm="layer"), 0.1)}
    assert decays == {"weight": 0.1, "bias": 0.0, "norm": 0.0, "scale": 0.0, "embedding": 0.0}
    both = parameter_groups(table_net(), 0.1, decayed=("weight", "embedding"))
    assert {g["role"] for g in both if g["weight_decay"]} == {"weight", "embedding"}


def test_rates_by_role() -> None:
    groups = parameter_groups(table_net(), 0.0, rates={"scale": 10.0})
    optimizer = build_optimizer("adamw", groups, 1e-3)
    set_rate(optimizer, 2e-3)
    rates = {g["role"]: g["lr"] for g in optimizer.param_groups}
    assert rates["scale"] == pytest.approx(2e-2)
    assert rates["weight"] == pytest.approx(2e-3)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimiser_learns(name: str) -> None:
    net = nn.Linear(3, 1)
    x = torch.randn(100, 3, generator=torch.Generator().manual_seed(0))
    y = x.sum(1, keepdim=True)
    optimizer = build_optimizer(name, parameter_groups(net, 0.0), 0.02)
    for _ in range(300):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(net(x), y)
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.01


def test_adamws_decay_spares_the_bias() -> None:
    net = nn.Linear(3, 1)
    weight, bias = net.weight.detach().clone(), net.bias.detach().clone()
    optimizer = build_optimizer("adamw", parameter_groups(net, 0.5), 0.1)
    for parameter in net.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    assert torch.allclose(net.weight, weight * (1 - 0.5 * 0.1))
    assert torch.equal(net.bias, bias)


def test_unknown_names_get_a_suggestion() -> None:
    with pytest.raises(UsageError, match="Did you mean 'rmsprop'"):
        build_optimizer("rmspop", parameter_groups(nn.Linear(1, 1), 0.0), 0.1)
    with pytest.raises(UsageError, match="Did you mean 'scale'"):
        parameter_groups(nn.Linear(1, 1), 0.0, rates={"scael": 2.0})


@pytest.mark.parametrize("name", list(OPTIMIZERS))
def test_steps_are_torchs_own(name: str) -> None:
    theirs: dict[str, Any] = {
        "adamw": lambda groups: torch.optim.AdamW(groups, lr=0.01),
        "adam": lambda groups: torch.optim.Adam(groups, lr=0.01),
        "sgd": lambda groups: torch.optim.SGD(groups, lr=0.01, momentum=0.9, nesterov=True),
        "rmsprop": lambda groups: torch.optim.RMSprop(groups, lr=0.01, alpha=0.999),
    }
    x, ends = torch.randn(16, 3, generator=torch.Generator().manual_seed(0)), []
    for make in (lambda groups: build_optimizer(name, groups, lr=0.01), theirs[name]):
        torch.manual_seed(0)
        net = nn.Linear(3, 2)
        optimizer = make(parameter_groups(net, 0.1))
        for _ in range(5):
            optimizer.zero_grad()
            net(x).square().mean().backward()
            optimizer.step()
        assert type(optimizer).__name__ in {"AdamW", "Adam", "SGD", "RMSprop"}
        ends.append(net.weight.detach().clone())
    torch.testing.assert_close(*ends)


def test_training_does_not_import_a_compiler() -> None:
    code = (
        "import sys, torch\n"
        "from netsitter.nets.optimizers import build_optimizer, parameter_groups\n"
        "net = torch.nn.Linear(2, 1)\n"
        "optimizer = build_optimizer('adamw', parameter_groups(net, 0.1), lr=0.1)\n"
        "net(torch.ones(1, 2)).sum().backward()\n"
        "optimizer.step()\n"
        "optimizer.zero_grad()\n"
        "optimizer.state_dict()\n"
        "assert 'torch._dynamo' not in sys.modules\n"
        "torch.optim.SGD(net.parameters(), lr=0.1)\n"
        "assert 'torch._dynamo' in sys.modules, 'torch no longer needs the care that is taken here'\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
