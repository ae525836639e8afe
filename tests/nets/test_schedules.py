"""The shapes of the schedules."""

import math
from itertools import pairwise

import pytest
import torch
from torch import nn

from netsitter.errors import UsageError
from netsitter.nets.schedules import SCHEDULES, factor


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("total", [1, 7, 1000])
@pytest.mark.parametrize("warmup", [0.0, 0.1, 1.0])
def test_every_factor_is_above_0_and_at_most_1(name: str, total: int, warmup: float) -> None:
    factors = [factor(name, step, total, warmup=warmup) for step in range(total)]
    assert all(0 < f <= 1 for f in factors)


@pytest.mark.parametrize("name", ["linear", "cosine", "step", "flat-then-anneal"])
def test_falling_schedules_never_rise(name: str) -> None:
    factors = [factor(name, step, 1000) for step in range(1000)]
    assert all(b <= a for a, b in pairwise(factors))
    assert factors[0] > 0.99


def test_one_cycle_is_torchs() -> None:
    optimizer = torch.optim.SGD(nn.Linear(1, 1).parameters(), lr=1.0)
    torchs = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=1000)
    for step in range(1000):
        assert factor("one-cycle", step, 1000) == pytest.approx(torchs.get_last_lr()[0], abs=4e-3)
        optimizer.step()
        if step < 999:
            torchs.step()


def test_coslog4_has_four_cycles_each_twice_as_long() -> None:
    factors = [factor("coslog4", step, 15_000) for step in range(15_000)]
    ends = [i for i in range(1, 14_999) if factors[i] < factors[i - 1] and factors[i] <= factors[i + 1]]
    assert ends == pytest.approx([1000, 3000, 7000], abs=2)


def test_warmup_rises_in_a_straight_line() -> None:
    factors = [factor("constant", step, 100, warmup=0.1) for step in range(100)]
    assert factors[:10] == pytest.approx([(i + 0.5) / 10 for i in range(10)])
    assert set(factors[10:]) == {1.0}


def test_cosine_is_half_way_down_at_half_time() -> None:
    assert factor("cosine", 500, 1001) == pytest.approx(0.5)
    assert factor("cosine", 250, 1001) == pytest.approx((1 + math.cos(math.pi * 250.5 / 1001)) / 2)


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(UsageError, match="Did you mean 'cosine'"):
        factor("cosin", 0, 10)
