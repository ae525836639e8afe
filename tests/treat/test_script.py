"""A program under a prescription: its own output and status, and what is written down."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROGRAM = """
import os, sys
import torch
from torch import nn

torch.manual_seed(int(os.environ["SEED"]))
x = torch.randn(300, 6)
y = (x[:, 0] + x[:, 1] > 0).long()
model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for epoch in range(4):
    for rows in torch.randperm(200).split(20):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        accuracy = (model(x[200:]).argmax(1) == y[200:]).float().mean().item()
print(sys.argv[1:], repr(loss.item()), accuracy, torch.rand(1).item())
sys.exit(3)
"""


def run(
    folder: Path, prescription: list[dict[str, Any]], *, program: str = PROGRAM, seed: int = 0
) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    """The program under treatment, and its treatment.json."""
    (folder / "train.py").write_text(program)
    (folder / "prescription.json").write_text(json.dumps(prescription))
    command = ["-m", "netsitter.treat.script", "--prescription", "prescription.json", "--out", "out"]
    done = subprocess.run(
        [sys.executable, *command, "--seed", str(seed), "train.py", "a", "--b"],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    path = folder / "out" / "treatment.json"
    return done, json.loads(path.read_text()) if path.exists() else {}


@pytest.fixture(scope="module")
def untreated(tmp_path_factory):
    return run(tmp_path_factory.mktemp("untreated"), [])


def test_an_empty_prescription_changes_nothing(untreated, tmp_path):
    (tmp_path / "train.py").write_text(PROGRAM)
    plain = subprocess.run(
        [sys.executable, "train.py", "a", "--b"],
        cwd=tmp_path,
        env={**os.environ, "SEED": "0"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    done, treatment = untreated
    assert (done.stdout, done.returncode) == (plain.stdout, plain.returncode)
    assert treatment["status"] == 3
    assert treatment["remedies"] == []
    assert treatment["broken"] == {}


def test_the_yardstick_is_what_the_program_itself_measures(untreated):
    done, treatment = untreated
    accuracy = float(done.stdout.split("]")[1].split()[1])
    assert treatment["yardstick"]["on"] == "validation"
    assert treatment["yardstick"]["rows"] == 100
    assert treatment["yardstick"]["error"] == pytest.approx(1 - accuracy)
    assert [entry["step"] for entry in treatment["yardstick"]["passes"]] == [10, 20, 30, 40]


def test_places_are_lines_of_the_program(untreated):
    lines = PROGRAM.splitlines()
    places = {place["what"]: lines[place["line"] - 1].strip() for place in untreated[1]["places"]}
    assert places["optimizer"].startswith("optimizer = ")
    assert places["loss"].startswith("loss = ")
    assert places["backward"] == "loss.backward()"
    assert places["step"] == "optimizer.step()"
    assert places["zero_grad"] == "optimizer.zero_grad()"


def test_a_remedy_is_in_force_and_the_data_order_stays(untreated, tmp_path):
    done, treatment = run(tmp_path, [{"name": "lower-rate", "settings": {"factor": 1e-9}}])
    assert treatment["remedies"][0]["applied"]
    assert done.stdout.split()[-1] == untreated[0].stdout.split()[-1]
    errors = [entry["error"] for entry in treatment["yardstick"]["passes"]]
    assert len(set(errors)) == 1


def test_a_remedy_that_does_not_exist_is_one_sentence(tmp_path):
    done, _ = run(tmp_path, [{"name": "lower-rat"}])
    assert done.returncode == 2
    assert done.stderr.strip() == "netsitter: There is no remedy 'lower-rat'. Did you mean 'lower-rate'?"
