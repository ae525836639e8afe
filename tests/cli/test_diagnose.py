"""`netsitter diagnose`: a verdict on a log, for people and for programs."""

import json
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner

from netsitter.cli import cli
from netsitter.diagnosis import diagnose
from netsitter.run import Run


@pytest.fixture
def overfitted(tmp_path):
    """The folder of a run whose validation loss turns up."""
    with Run.create(tmp_path / "run") as run:
        for step in range(400):
            run.append(step, {"loss": float(np.exp(-step / 50))})
            if step % 20 == 19:
                run.append(step, {"val/loss": float(np.exp(-step / 50) + max(0, step - 100) / 200)})
    return tmp_path / "run"


@pytest.fixture
def healthy(tmp_path):
    path = tmp_path / "metrics.csv"
    path.write_text("step,train_loss\n" + "".join(f"{i},{float(np.exp(-i / 20))}\n" for i in range(200)))
    return path


def test_json_is_what_the_library_says(overfitted):
    result = CliRunner().invoke(cli, ["diagnose", str(overfitted), "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout) == json.loads(json.dumps(diagnose(Run.open(overfitted)).to_json()))


def test_words(overfitted, healthy):
    assert "overfitting" in CliRunner().invoke(cli, ["diagnose", str(overfitted)]).stdout
    assert "nothing wrong was found" in CliRunner().invoke(cli, ["diagnose", str(healthy)]).stdout


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ([], 0),
        (["--strict"], 5),
        (["--strict", "--ignore", "F006"], 0),
        (["--strict", "--select", "overfitting"], 5),
    ],
)
def test_exit_status(overfitted, options, status):
    assert CliRunner().invoke(cli, ["diagnose", str(overfitted), *options]).exit_code == status


def test_select_leaves_the_others_out(overfitted):
    result = CliRunner().invoke(cli, ["diagnose", str(overfitted), "--json", "--select", "G"])
    verdict = json.loads(result.stdout)
    assert verdict["findings"] == []
    assert set(verdict["unchecked"]) >= {"vanishing-gradients"}
    assert "overfitting" not in verdict["unchecked"]


def test_mistakes_are_one_sentence_and_exit_2(tmp_path):
    for arguments in (
        ["diagnose", str(tmp_path / "gone")],
        ["diagnose", str(tmp_path), "--select", "nonsense"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "netsitter", *arguments], capture_output=True, text=True, check=False
        )
        assert done.returncode == 2
        assert done.stdout == ""
        assert len(done.stderr.strip().splitlines()) == 1
