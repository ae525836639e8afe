"""The default budget follows the machine and the table."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from netsitter.recipe import budget
from netsitter.recipe.budget import LEAST, MOST, default_budget
from netsitter.recipe.config import Config


def of_rows(rows: int) -> Any:
    return SimpleNamespace(
        split=SimpleNamespace(train=np.arange(rows), validation=np.arange(0)), config=Config()
    )


@pytest.mark.parametrize(
    ("rows", "per_step", "seconds"),
    [
        (16_000, 0.005, budget.AROUND * 256 * 50 * 0.005),  # 0.8 of them are 50 batches of 256
        (16_100, 0.010, budget.AROUND * 256 * 50 * 0.010),
        (100, 0.005, LEAST),
        (10_000_000, 0.005, MOST),
    ],
)
def test_it_is_what_a_reference_network_takes_here(
    monkeypatch: pytest.MonkeyPatch, rows: int, per_step: float, seconds: float
) -> None:
    monkeypatch.setattr(budget, "seconds_per_step", lambda *asked, **how: per_step)
    assert default_budget(of_rows(rows)) == pytest.approx(seconds, abs=0.1)
