"""Every architecture that the settings allow: shapes, the first loss, learning, saving, determinism."""

import msgspec
import pytest
import torch

from netsitter.errors import DataError
from netsitter.nets.blocks import TableNet, build_network
from netsitter.nets.config import NetConfig, describe_fields
from netsitter.nets.losses import make_loss
from netsitter.nets.optimizers import build_optimizer, parameter_groups
from netsitter.nets.save import describe_network, load_network, save_weights

GENERATOR = torch.Generator().manual_seed(0)
ROWS = 600
NUMERIC = torch.randn(ROWS, 6, generator=GENERATOR)
NUMERIC[:, 5] = (NUMERIC[:, 5] > 0).float()
CODES = torch.stack([torch.randint(0, n, (ROWS,), generator=GENERATOR) for n in (3, 30)], 1)
TARGET = NUMERIC[:, 0] * NUMERIC[:, 1] + NUMERIC[:, 5] + 0.1 * CODES[:, 1]
TARGET = (TARGET - TARGET.mean()) / TARGET.std()
IS_CONTINUOUS = (True, True, True, True, True, False)

CONFIGS = [
    {},
    {"depth": 0},
    {"hidden": (20, 10)},
    {"scaling": False},
    {"norm": "batch-before"},
    {"norm": "batch-after", "dropout": 0.2},
    {"norm": "layer", "residual": True},
    {"weight_norm": True},
    {"numeric_embedding": "pbld"},
    {"numeric_embedding": "periodic", "frequency_scale": 0.5},
    {"numeric_embedding": "piecewise-linear", "bins": 8},
    {"embedding_size": 0},
    {"init": "lsuv", "activation": "tanh"},
    {"init": "data-dependent", "activation": "relu"},
]


def build(seed: int = 0, **settings: object) -> TableNet:
    net, _ = build_network(
        msgspec.convert({"width": 32, "depth": 2, **settings}, NetConfig),
        numeric=NUMERIC,
        codes=CODES,
        is_continuous=IS_CONTINUOUS,
        cardinalities=(3, 30),
        n_outputs=1,
        output_bias=make_loss("mse").best_constant(TARGET),
        generator=torch.Generator().manual_seed(seed),
    )
    return net


@pytest.mark.parametrize("settings", CONFIGS, ids=str)
def test_a_network_starts_where_theory_says_and_learns(settings: dict) -> None:
    net, loss = build(**settings), make_loss("mse")
    start = loss(net(NUMERIC, CODES), TARGET).item()
    assert start == pytest.approx(loss.expected_at_start(TARGET), rel=0.1)
    optimizer = build_optimizer("adamw", parameter_groups(net, 1e-2), 1e-2)
    for _ in range(30):
        optimizer.zero_grad()
        loss(net(NUMERIC, CODES), TARGET).backward()
        optimizer.step()
    assert all(p.grad is not None for p in net.parameters())
    net.eval()
    assert loss(net(NUMERIC, CODES), TARGET).item() < 0.85 * start


@pytest.mark.parametrize("settings", CONFIGS, ids=str)
def test_saved_and_loaded_it_answers_the_same(settings: dict) -> None:
    net = build(**settings).eval()
    description = msgspec.json.decode(msgspec.json.encode(describe_network(net)))
    loaded = load_network(description, save_weights(net))
    assert not loaded.training
    assert torch.equal(net(NUMERIC, CODES), loaded(NUMERIC, CODES))


@pytest.mark.parametrize("settings", CONFIGS, ids=str)
def test_one_seed_one_network_and_no_global_randomness(settings: dict) -> None:
    before = torch.random.get_rng_state()
    first, second, other = build(0, **settings), build(0, **settings), build(1, **settings)
    assert torch.equal(before, torch.random.get_rng_state())
    same = first.state_dict()
    assert all(torch.equal(same[name], value) for name, value in second.state_dict().items())
    assert not all(torch.equal(same[name], value) for name, value in other.state_dict().items())


@pytest.mark.parametrize("settings", CONFIGS, ids=str)
def test_a_row_depends_on_no_other_row_when_evaluated(settings: dict) -> None:
    net = build(**settings).eval()
    whole, part = net(NUMERIC, CODES), net(NUMERIC[:5], CODES[:5])
    assert torch.allclose(whole[:5], part, atol=1e-5)


@pytest.mark.parametrize(("n_numeric", "cardinalities"), [(0, (4,)), (3, ())])
@pytest.mark.parametrize("embedding", ["none", "pbld", "piecewise-linear"])
def test_tables_of_one_kind_of_column(n_numeric: int, cardinalities: tuple, embedding: str) -> None:
    net, _ = build_network(
        NetConfig(width=8, numeric_embedding=embedding),  # type: ignore[arg-type]
        numeric=torch.randn(20, n_numeric),
        codes=torch.zeros(20, len(cardinalities), dtype=torch.int64),
        is_continuous=[True] * n_numeric,
        cardinalities=cardinalities,
        n_outputs=3,
    )
    out = net(torch.randn(7, n_numeric), torch.zeros(7, len(cardinalities), dtype=torch.int64))
    assert out.shape == (7, 3)


def test_indicator_columns_are_not_expanded() -> None:
    wide = build(numeric_embedding="pbld", numeric_embedding_size=3, embedding_size=8)
    # 6 numbers, 5 of them expanded to 3 features each, categories of 3 and 8 features
    assert wide.blocks[0].linear.in_features == 6 + 5 * 3 + 3 + 8  # type: ignore[union-attr]


def test_a_file_that_does_not_fit_is_refused() -> None:
    net = build()
    with pytest.raises(DataError, match="cannot be read"):
        load_network(describe_network(net), save_weights(build(width=16)))
    with pytest.raises(DataError, match="cannot be read"):
        load_network(describe_network(net), b"not a file of weights")
    with pytest.raises(DataError, match="cannot be read"):
        load_network({**describe_network(net), "config": {"width": "many"}}, save_weights(net))


def test_every_setting_is_described() -> None:
    assert set(describe_fields()) == set(NetConfig.__struct_fields__)
    assert all(describe_fields().values())


@pytest.mark.parametrize(
    "wrong", [{"dropout": 1.0}, {"width": 0}, {"norm": "batch"}, {"widht": 3}, {"bins": 1}], ids=str
)
def test_wrong_settings_are_refused(wrong: dict) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, NetConfig)
