"""The end of the recipe where rows must not be rotated, where groups stay whole, and with a refit."""

import numpy as np
import pandas as pd
import pytest

import netsitter


def test_rows_in_time_are_tested_on_the_newest_and_never_rotated(tmp_path, houses, quick):
    houses["sold"] = pd.date_range("2020-01-01", periods=len(houses), freq="D")
    settings = [quick, {"data": {"time": "sold"}}]
    result = netsitter.train(houses, "price", out=tmp_path / "run", settings=settings)
    stages = {row["stage"] for row in result.run.facts["leaderboard"]}
    assert "squeeze" not in stages
    assert result.run.facts["test"]["rmse"]["value"] > 0
    assert not result.run.facts["refit"]


def test_groups_are_on_one_side_of_every_split_and_no_input(tmp_path, flowers, quick):
    flowers["garden"] = np.arange(len(flowers)) % 20
    settings = [quick, {"data": {"group": "garden"}}]
    result = netsitter.train(flowers, "kind", out=tmp_path / "run", settings=settings)
    assert "garden" not in {column["name"] for column in result.run.facts["schema"]}
    assert len(result.predict(flowers.drop(columns="garden"))) == len(flowers)


def test_a_refit_learns_from_the_test_rows_after_they_have_judged(tmp_path, flowers, quick):
    longer = {"recipe": {"refit": True, "budget": 60, "max_trials": 1}, "fit": {"epochs": 30, "lr": 0.01}}
    settings = [quick, longer]
    result = netsitter.train(flowers, "kind", out=tmp_path / "run", settings=settings)
    assert result.run.facts["refit"]
    stages = [row["stage"] for row in result.run.facts["leaderboard"]]
    assert "refit" in stages
    assert result.run.facts["test"]["accuracy"]["value"] == pytest.approx(0.95, abs=0.1)


def test_the_users_own_test_rows_are_never_learnt_from(tmp_path, flowers, quick):
    test = tmp_path / "test.csv"
    flowers.iloc[:40].to_csv(test, index=False)
    settings = [quick, {"recipe": {"refit": True}, "data": {"test": str(test)}}]
    result = netsitter.train(flowers.iloc[40:], "kind", out=tmp_path / "run", settings=settings)
    assert not result.run.facts["refit"]
    assert result.run.facts["split"]["test"] == 40
