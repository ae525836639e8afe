"""Processes that join a search: what they find is taken up, and their death costs nobody anything."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

import netsitter
from netsitter.errors import UsageError
from netsitter.recipe.entry import join

ENV = {**os.environ, "OMP_NUM_THREADS": "1"}


def start(table, path, seconds: int) -> subprocess.Popen[str]:
    options = [
        "--set",
        "net.width=16",
        "--set",
        "net.depth=1",
        "--set",
        "recipe.threads=1",
        "--budget",
        f"{seconds}s",
    ]
    command = [
        sys.executable,
        "-m",
        "netsitter",
        "train",
        str(table),
        "-t",
        "kind",
        "--out",
        str(path),
        *options,
    ]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, text=True, env=ENV)


def joiner(path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "netsitter", "train", "--join", str(path), "--json", "--quiet"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENV)


def wait_for(condition, child, seconds=120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert child.poll() is None, "ended too early"
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.slow
def test_what_joined_processes_find_is_taken_up_and_a_dead_one_loses_nothing(tmp_path, flowers):
    table, path = tmp_path / "flowers.csv", tmp_path / "run"
    flowers.to_csv(table, index=False)
    first = start(table, path, 120)
    wait_for((path / "state" / "order.json").exists, first)
    with joiner(path) as helper, joiner(path) as victim:
        wait_for(lambda: len(list(path.glob("joined/*/trials/*/best.safetensors"))) > 4, first)
        victim.send_signal(signal.SIGKILL)
        first.wait(timeout=250)
        assert first.returncode == 0
        said = json.loads(helper.communicate(timeout=60)[0])
    assert helper.returncode == 0
    assert said["trials"] > 0
    board = netsitter.Run.open(path).facts["leaderboard"]
    joined = [row["name"] for row in board if row["name"].startswith("joined-")]
    assert joined
    assert all((path / "trials" / name / "best.safetensors").exists() for name in joined)
    again = netsitter.train(table, "kind", out=tmp_path / "again", settings=_settings(path), replay=path)
    for name in ("model/model.safetensors", "model/model.json"):
        assert (path / name).read_bytes() == (again.path / name).read_bytes()


def _settings(path):
    config = json.loads((path / "state" / "order.json").read_text())["config"]
    pinned = config.pop("pinned")
    return {
        section: {key: config[section][key] for key in config[section] if f"{section}.{key}" in pinned}
        for section in config
    }


def test_nobody_joins_what_nobody_does(tmp_path, flowers, quick):
    with pytest.raises(UsageError, match="is not a run folder"):
        join(tmp_path)
    table = tmp_path / "flowers.csv"
    flowers.to_csv(table, index=False)
    netsitter.train(table, "kind", out=tmp_path / "run", settings=[quick, {"recipe": {"until": "look"}}])
    with pytest.raises(UsageError, match="no process is working"):
        join(tmp_path / "run")


def test_a_finished_search_cannot_be_helped(tmp_path, flowers, quick):
    table = tmp_path / "flowers.csv"
    flowers.to_csv(table, index=False)
    netsitter.train(table, "kind", out=tmp_path / "run", settings=[quick, {"recipe": {"until": "tune"}}])
    assert join(tmp_path / "run") == 0
