"""The whole recipe on small tables: it ends with a model one can trust, and can be repeated."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

import netsitter
from netsitter.errors import DataError, UsageError
from netsitter.recipe.entry import resume
from netsitter.recipe.folder import read_journal


@pytest.fixture
def trained(tmp_path, flowers, quick):
    return netsitter.train(flowers, "kind", out=tmp_path / "run", settings=quick)


def test_a_classification_ends_with_everything_a_run_folder_has(trained, flowers):
    for name in ("run.jsonl", "report.html", "leaderboard.json", "README.md", "model/model.safetensors"):
        assert (trained.path / name).stat().st_size > 0, name
    result = trained.to_json()
    assert result["task"] == "multiclass"
    assert result["test"]["accuracy"]["low"] <= result["test"]["accuracy"]["value"]
    assert set(result["baselines"]) == {"majority", "linear", "nearest neighbour", "boosted trees"}
    assert "majority baseline" in result["verdict"]
    stages = trained.run.facts["stages"]
    assert list(stages) == ["look", "baselines", "overfit", "regularize", "tune", "squeeze"]
    assert all(stage["text"] for stage in stages.values())
    json.dumps(result)


def test_predictions_are_one_row_per_row_in_order(trained, flowers):
    predictions = trained.predict(flowers.drop(columns="kind"))
    assert list(predictions) == ["prediction", "probability_iris", "probability_lily", "probability_rose"]
    assert len(predictions) == len(flowers)
    assert predictions.filter(like="probability").sum(axis=1).to_numpy() == pytest.approx(
        np.ones(len(flowers))
    )


def test_prediction_takes_columns_in_any_order_more_columns_and_gaps(trained, flowers):
    plain = trained.predict(flowers)
    shuffled = flowers[["kind", "width", "length"]].assign(more="x")
    pd.testing.assert_frame_equal(trained.predict(shuffled), plain)
    with_gap = flowers.copy()
    with_gap.loc[0, "length"] = np.nan
    assert np.isfinite(trained.predict(with_gap).filter(like="probability").to_numpy()).all()
    with pytest.raises(DataError, match="'width'"):
        trained.predict(flowers.drop(columns="width"))


def test_a_loaded_model_predicts_the_same(trained, flowers):
    again = netsitter.load(trained.path)
    pd.testing.assert_frame_equal(again.predict(flowers), trained.predict(flowers))
    assert not list(trained.path.rglob("*.pkl")) + list(trained.path.rglob("*.pt"))


def test_a_regression_speaks_the_users_unit_with_intervals(tmp_path, houses, quick):
    settings = [quick, {"fit": {"epochs": 40, "lr": 0.01}, "net": {"width": 32}}]
    result = netsitter.train(houses, "price", out=tmp_path / "run", settings=settings)
    predictions = result.predict(houses)
    assert list(predictions) == ["prediction", "lower", "upper"]
    assert (predictions.lower < predictions.prediction).all()
    assert (predictions.prediction < predictions.upper).all()
    inside = ((predictions.lower <= houses.price) & (houses.price <= predictions.upper)).mean()
    assert inside > 0.75
    assert result.run.facts["test"]["rmse"]["value"] < houses.price.std()


def same_model(one, two) -> bool:
    files = ("model/model.safetensors", "model/model.json")
    return all((one / name).read_bytes() == (two / name).read_bytes() for name in files)


def test_a_replay_repeats_a_run_bit_for_bit(trained, tmp_path, flowers, quick):
    again = netsitter.train(flowers, "kind", out=tmp_path / "again", settings=quick, replay=trained.path)
    assert same_model(trained.path, again.path)
    assert again.to_json()["test"] == trained.to_json()["test"]


@pytest.mark.parametrize("delay", [0.4, 1.2, 2.5])
def test_a_run_killed_at_any_moment_resumes_to_the_model_of_its_plan(tmp_path, flowers, quick, delay):
    table = tmp_path / "flowers.csv"
    flowers.to_csv(table, index=False)
    path = tmp_path / "run"
    settings = {**quick, "fit": {"epochs": 60, "patience": 0}}
    code = (
        f"import netsitter; netsitter.train({str(table)!r}, 'kind', out={str(path)!r}, settings={settings!r})"
    )
    child = subprocess.Popen([sys.executable, "-c", code])
    while not (path / "state" / "order.json").exists():
        assert child.poll() is None
        time.sleep(0.02)
    time.sleep(delay)
    child.send_signal(signal.SIGKILL)
    child.wait()
    remembered = [key.removeprefix("trial/") for key in read_journal(path / "state" / "journal.jsonl")]
    weights = [path / "trials" / name / "best.safetensors" for name in remembered]
    stamps = {file: file.stat().st_mtime_ns for file in weights if file.exists()}
    finished = resume(path)
    assert all(file.stat().st_mtime_ns == stamp for file, stamp in stamps.items()), (
        "finished work was done again"
    )
    replayed = netsitter.train(table, "kind", out=tmp_path / "unbroken", settings=settings, replay=path)
    assert same_model(finished.path, replayed.path)


def test_until_ends_after_the_stage_and_leaves_a_model_when_there_is_one(tmp_path, flowers, quick):
    early = netsitter.train(
        flowers, "kind", out=tmp_path / "a", settings=[quick, {"recipe": {"until": "look"}}]
    )
    assert list(early.run.facts["stages"]) == ["look"]
    with pytest.raises(UsageError, match="before a network was trained"):
        early.predict(flowers)
    later = netsitter.train(
        flowers, "kind", out=tmp_path / "b", settings=[quick, {"recipe": {"until": "overfit"}}]
    )
    assert "test" not in later.run.facts
    assert len(later.predict(flowers)) == len(flowers)


def test_nothing_is_learned_from_validation_or_test_rows(tmp_path, houses, quick):
    """A canary: rows outside of training are changed beyond recognition; the training is the same."""
    settings = [quick, {"recipe": {"until": "overfit"}}]
    parts = [houses.iloc[:160], houses.iloc[160:200], houses.iloc[200:]]
    weights = []
    for number, factor in enumerate((1.0, 1e6)):
        files = {}
        for name, part in zip(("train", "validation", "test"), parts, strict=True):
            part = part.copy()
            if name != "train":
                part["area"] *= factor
                part["town"] = part["town"] if factor == 1 else "Elsewhere"
            files[name] = tmp_path / f"{name}{number}.csv"
            part.to_csv(files[name], index=False)
        own = {"data": {"validation": str(files["validation"]), "test": str(files["test"])}}
        plan = {} if not weights else {"replay": tmp_path / "run0"}
        run = netsitter.train(
            files["train"], "price", out=tmp_path / f"run{number}", settings=[*settings, own], **plan
        )
        log = netsitter.Run.open(run.path / "trials" / "overfit-16x1")
        weights.append(log["loss"].values)
    assert weights[0].tolist() == weights[1].tolist()


def test_settings_that_are_pinned_are_never_varied(trained):
    for row in trained.run.facts["leaderboard"]:
        assert "net.width" not in row["settings"]
    trial = json.loads((trained.path / "state" / "order.json").read_text())["config"]
    assert trial["net"]["width"] == 16


def test_a_folder_in_use_is_not_written_over(trained, flowers, quick):
    with pytest.raises(UsageError, match="is there already"):
        netsitter.train(flowers, "kind", out=trained.path, settings=quick)


def test_a_changed_table_is_not_resumed(tmp_path, flowers, quick):
    table = tmp_path / "flowers.csv"
    flowers.to_csv(table, index=False)
    netsitter.train(table, "kind", out=tmp_path / "run", settings=[quick, {"recipe": {"until": "look"}}])
    flowers.iloc[:-5].to_csv(table, index=False)
    with pytest.raises(DataError, match="has changed"):
        resume(tmp_path / "run")


def test_an_interrupt_leaves_a_model_and_a_folder_that_can_be_resumed(tmp_path, flowers, quick):
    table = tmp_path / "flowers.csv"
    flowers.to_csv(table, index=False)
    path = tmp_path / "run"
    command = [sys.executable, "-m", "netsitter", "train", str(table), "-t", "kind", "--out", str(path)]
    options = ["--set", "net.width=16", "--set", "recipe.threads=1", "--budget", "60s"]
    child = subprocess.Popen([*command, *options], stderr=subprocess.PIPE, text=True, env={**os.environ})
    deadline = time.monotonic() + 120
    journal = path / "state" / "journal.jsonl"
    while not journal.exists() or "trial/overfit" not in journal.read_text():
        assert child.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    child.send_signal(signal.SIGINT)
    _, said = child.communicate()
    assert child.returncode == 130
    assert "Traceback" not in said
    assert "--resume" in said
    assert len(netsitter.load(path).predict(flowers)) == len(flowers)
