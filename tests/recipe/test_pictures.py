"""What the recipe leaves for the report's pictures."""

import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from netsitter.recipe import train
from netsitter.recipe.pictures import (
    FEWEST_COLUMNS,
    FEWEST_ROWS,
    Shuffled,
    affordable_rows,
    calibration,
    column_importance,
    to_shuffle,
    worst_rows,
)
from netsitter.tables.schema import Task

ALL = Shuffled(columns=("a", "b", "unused", "word"), rows=150)


class Adder:
    """A model that adds two of its columns and looks at no other."""

    members = (SimpleNamespace(net=torch.nn.Linear(2, 1)),)

    def predict_scores(self, frame: pd.DataFrame) -> np.ndarray:
        return frame["a"].to_numpy() + 10 * frame["b"].to_numpy()


def problem(rows: int = 200) -> Any:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({name: rng.normal(size=rows) for name in ("a", "b", "unused")})
    frame["word"] = pd.Categorical(rng.choice(["x", "y"], rows))
    target = Adder().predict_scores(frame)
    return SimpleNamespace(
        frame=frame,
        target=target,
        task=Task.REGRESSION,
        metric="rmse",
        split=SimpleNamespace(validation=np.arange(50), test=np.arange(50, rows)),
        schema=SimpleNamespace(inputs=[SimpleNamespace(name=name) for name in frame.columns]),
        config=SimpleNamespace(recipe=SimpleNamespace(seed=0)),
        score=lambda prediction, truth: float(np.sqrt(np.mean((prediction - truth) ** 2))),
    )


def test_a_column_is_as_important_as_the_model_makes_it() -> None:
    lost = column_importance(problem(), Adder(), ALL)
    assert lost["unused"] == lost["word"] == {"value": 0.0, "low": 0.0, "high": 0.0}
    # Shuffling a standard normal column changes a term by sqrt(2) of its weight in the root mean square.
    assert lost["b"]["value"] == pytest.approx(10 * np.sqrt(2), rel=0.2)
    assert lost["a"]["value"] == pytest.approx(np.sqrt(2), rel=0.2)
    assert lost["b"]["low"] <= lost["b"]["value"] <= lost["b"]["high"]
    assert column_importance(problem(), Adder(), ALL) == lost


def test_a_slow_model_is_asked_about_fewer_rows() -> None:
    class Slow(Adder):
        def predict_scores(self, frame: pd.DataFrame) -> np.ndarray:
            time.sleep(0.05)
            return super().predict_scores(frame)

    few = affordable_rows(Slow(), problem(), seconds=0.01)
    assert few < FEWEST_ROWS
    assert affordable_rows(Slow(), problem(), seconds=60.0) > 1000 * few


def test_where_time_is_short_the_most_telling_columns_are_shuffled() -> None:
    names = [f"c{i}" for i in range(20)]
    wide = SimpleNamespace(schema=SimpleNamespace(inputs=[SimpleNamespace(name=name) for name in names]))
    few = to_shuffle(wide, ["c9", "c7"], affordable=10)
    assert few == Shuffled(columns=("c0", "c1", "c2", "c7", "c9"), rows=FEWEST_ROWS)
    assert len(few.columns) == FEWEST_COLUMNS
    many = to_shuffle(wide, ["c9", "c7"], affordable=20 * 3 * 100)
    assert many == Shuffled(columns=tuple(names), rows=100)


def test_the_worst_rows_come_first_with_their_cells() -> None:
    given = problem()
    prediction = given.target[given.split.test].copy()
    prediction[[7, 3]] += (5.0, -9.0)
    worst = worst_rows(given, prediction)
    assert [row["row"] for row in worst[:2]] == [50 + 3 + 1, 50 + 7 + 1]
    assert worst[0]["error"] == pytest.approx(-9.0)
    assert worst[0]["cells"]["a"] == given.frame["a"][53]
    assert worst[0]["cells"]["word"] in ("x", "y")


def test_calibration_bins_hold_every_row_once() -> None:
    rng = np.random.default_rng(0)
    sure = rng.uniform(0.5, 1, 1000)
    prediction = np.stack([sure, 1 - sure], axis=1)
    bins = calibration(prediction, (rng.random(1000) > sure).astype(int))
    assert sum(bins["count"]) == 1000
    assert np.abs(np.subtract(bins["confidence"], bins["accuracy"])).max() < 0.15


def test_a_recipe_leaves_pictures_and_a_look_inside(houses: pd.DataFrame, quick: dict, tmp_path) -> None:
    ample = {**quick, "recipe": {**quick["recipe"], "budget": 100}}
    run = train(houses, "price", out=tmp_path / "run", settings=ample).run
    assert set(run.facts["importance"]) == {"area", "rooms", "town"}
    assert len(run.facts["worst_rows"]) == 10
    assert run.facts["start"]["net.width"] == 16
    assert "grad_norm/*" in run
    assert "update_ratio/*" in run
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    for title in ("Inside the network", "What the network relies on", "Rows it got most wrong"):
        assert title in page
    assert "is left out" not in page
