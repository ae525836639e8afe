"""Programs built on frameworks run as they would without us, and are judged like any other.

They run from configurations and scikit-learn's digits alone: nothing is fetched.
"""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROGRAMS = Path(__file__).parent / "programs"
FRAMEWORKS = {
    "lightning_digits.py": "lightning",
    "transformers_trainer.py": "transformers",
    "accelerate_digits.py": "accelerate",
    "skorch_digits.py": "skorch",
    "keras_digits.py": "keras",
}
FAULTS = {
    "lightning_digits.py": "lr-too-high",
    "transformers_trainer.py": "lr-too-high",
    "accelerate_digits.py": "double-softmax",
    "skorch_digits.py": "zero-init",
    "keras_digits.py": "lr-too-high",
}
CLOCKS = re.compile(r"'\w*(?:runtime|per_second)': '[^']*'|\d+m?s(?:/step)?")
"""What programs print of the time they took."""

pytestmark = pytest.mark.slow


def call(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    cwd.mkdir()
    return subprocess.run(
        [sys.executable, *command],
        cwd=cwd,
        env={**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


def path_of(program: str) -> str:
    framework = FRAMEWORKS[program]
    if importlib.util.find_spec(framework) is None:
        pytest.skip(f"{framework} is not installed")
    return str(PROGRAMS / program)


def watched(path: str, *arguments: str, cwd: Path) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    """How the program ended, and the diagnosis."""
    file = cwd.with_suffix(".json")
    done = call("-m", "netsitter", "run", "--json", str(file), path, *arguments, cwd=cwd)
    return done, json.loads(file.read_text())


@pytest.mark.parametrize("program", FRAMEWORKS)
def test_a_healthy_program_is_left_as_it_is(program, tmp_path):
    path = path_of(program)
    plain = call(path, cwd=tmp_path / "plain")
    seen, verdict = watched(path, cwd=tmp_path / "seen")
    assert (plain.returncode, seen.returncode) == (0, 0), plain.stderr[-2000:] + seen.stderr[-2000:]
    assert CLOCKS.sub("", seen.stdout) == CLOCKS.sub("", plain.stdout)
    assert [f["name"] for f in verdict["findings"] if f["severity"] != "odd"] == []
    assert verdict["broken"] == {}
    assert "not-learning" not in verdict["unchecked"], "the training was not seen"


@pytest.mark.parametrize("program", FRAMEWORKS)
def test_a_planted_fault_is_named_first(program, tmp_path):
    seen, verdict = watched(path_of(program), "sick", cwd=tmp_path / "seen")
    assert seen.returncode == 0, seen.stderr[-2000:]
    assert [finding["name"] for finding in verdict["findings"]][:1] == [FAULTS[program]]
    assert verdict["broken"] == {}
