"""The skeleton's checks find what they are for."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from netsitter.nets.blocks import build_network
from netsitter.nets.config import NetConfig
from netsitter.recipe import baselines
from netsitter.recipe.baselines import (
    BOOSTINGS,
    FEWEST_BOOSTINGS,
    affordable_boostings,
    baselines_for,
    batch_dependence,
)
from netsitter.recipe.rows import Rows
from netsitter.tables.schema import Task

ROWS = Rows(
    numeric=torch.randn(8, 3, generator=torch.Generator().manual_seed(0)),
    codes=torch.zeros(8, 0, dtype=torch.int64),
    target=torch.zeros(8),
)


class Mixing(torch.nn.Module):
    """Softmax over the batch instead of the classes: each output depends on every row."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = torch.nn.Linear(3, 2)

    def forward(self, numeric: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
        return self.linear(numeric).softmax(0)


def test_a_network_that_mixes_rows_is_found_by_backprop():
    assert batch_dependence(Mixing(), ROWS) > 0


@pytest.mark.parametrize("norm", ["none", "batch-before", "batch-after", "layer"])
def test_our_own_networks_do_not_mix_rows(norm):
    net, _ = build_network(
        NetConfig(width=8, depth=2, norm=norm),
        numeric=ROWS.numeric,
        codes=ROWS.codes,
        is_continuous=(True,) * 3,
        cardinalities=(),
        n_outputs=1,
    )
    assert batch_dependence(net, ROWS) == 0


def test_the_dumb_baseline_comes_first():
    assert list(baselines_for(Task.REGRESSION))[:2] == ["mean", "median"]
    assert next(iter(baselines_for(Task.BINARY))) == "majority"


def test_a_run_records_what_is_to_be_beaten(tmp_path, houses, quick):
    import netsitter

    settings = [quick, {"recipe": {"until": "baselines"}}]
    run = netsitter.train(houses, "price", out=tmp_path / "run", settings=settings).run
    assert run["baseline/boosted trees"].last < run["baseline/mean"].last
    assert run["init/loss"].last == pytest.approx(run["init/loss_expected"].last, rel=0.3)
    assert run["stage/baselines/one_batch"].last < 0.05
    assert run["stage/baselines/blind_score"].last == pytest.approx(run["baseline/mean"].last, rel=0.2)
    assert np.isfinite(run["stage/baselines/batch_dependence"].last)


@pytest.mark.parametrize(("seconds", "rounds"), [(0.0, FEWEST_BOOSTINGS), (2.1, 40), (100.0, BOOSTINGS)])
def test_trees_have_as_many_rounds_as_their_time_allows(monkeypatch, seconds, rounds):
    clock = [0.0]

    def boosted(problem, x, y, rounds):
        clock[0] += 0.1 + 0.05 * (rounds - 1)

    monkeypatch.setattr(baselines, "_boosted", boosted)
    monkeypatch.setattr(baselines.time, "monotonic", lambda: clock[0])
    rows = np.arange(20)
    problem = SimpleNamespace(
        split=SimpleNamespace(train=rows),
        target=rows,
        fit_encoder=lambda rows: None,
        features=lambda encoder, rows: rows,
    )
    assert affordable_boostings(problem, seconds) == rounds
