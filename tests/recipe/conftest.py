"""Small real-looking tables, and settings under which the whole recipe takes seconds."""

import numpy as np
import pandas as pd
import pytest

QUICK = {
    "recipe": {"budget": 4, "max_trials": 2, "folds": 2, "threads": 1, "refit": False},
    "fit": {"epochs": 3, "patience": 0},
    "net": {"width": 16, "depth": 1},
}


@pytest.fixture
def quick() -> dict:
    return QUICK


@pytest.fixture
def houses() -> pd.DataFrame:
    """240 rows: numbers with gaps, categories, a positive skewed target."""
    rng = np.random.default_rng(0)
    n = 240
    area, rooms = rng.gamma(4, 30, n), rng.integers(1, 7, n)
    town = rng.choice(["Ulm", "Bonn", "Köln"], n)
    price = 900 * area * (1 + 0.2 * (town == "Köln")) + 9000 * rooms + rng.normal(0, 5000, n)
    frame = pd.DataFrame({"area": area, "rooms": rooms, "town": town, "price": price.round()})
    frame.loc[rng.choice(n, 20, replace=False), "area"] = np.nan
    return frame


@pytest.fixture
def flowers() -> pd.DataFrame:
    """180 rows of three kinds that two numbers tell apart."""
    rng = np.random.default_rng(1)
    kind = np.repeat(["rose", "lily", "iris"], 60)
    centre = {"rose": (0.0, 0.0), "lily": (3.0, 0.5), "iris": (0.5, 3.0)}
    points = np.array([centre[k] for k in kind]) + rng.normal(0, 0.7, (180, 2))
    frame = pd.DataFrame({"length": points[:, 0], "width": points[:, 1], "kind": kind})
    return frame.sample(frac=1, random_state=0, ignore_index=True)
