"""Running a program as python would: what it sees, what it prints, how it ends."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(int(sys.argv[1]))


def main():
    x = torch.randn(200, 6)
    y = (x[:, 0] > 0).long()
    model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 2), *TAIL)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for step in range(40):
        rows = torch.randint(0, 200, (32,))
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x[rows]), y[rows] + SHIFT)
        loss.backward()
        optimizer.step()
    print(__name__, sys.argv, repr(loss.item()), torch.rand(1).item())
    sys.exit(STATUS)


main()
"""


def program(folder: Path, *, tail: str = "[]", shift: int = 0, status: str = "0") -> Path:
    path = folder / "train.py"
    path.write_text(PROGRAM.replace("TAIL", tail).replace("SHIFT", str(shift)).replace("STATUS", status))
    return path


def call(*command: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def watched(*command: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return call("-m", "netsitter", "run", *command, cwd=cwd)


@pytest.mark.slow
def test_output_and_results_are_those_of_python(tmp_path):
    path = program(tmp_path, status="3")
    plain = call(path.name, "7", "--lr", "1", cwd=tmp_path)
    seen = watched(
        "--json", "out/verdict.json", "--run-dir", "run", path.name, "7", "--lr", "1", cwd=tmp_path
    )
    assert seen.stdout == plain.stdout
    assert seen.stdout.startswith("__main__ ['train.py', '7', '--lr', '1'] ")
    assert (plain.returncode, seen.returncode) == (3, 3)
    verdict = json.loads((tmp_path / "out" / "verdict.json").read_text())
    assert set(verdict) == {"findings", "unchecked", "broken"}
    assert (tmp_path / "run" / "run.jsonl").stat().st_size > 1000


@pytest.mark.slow
def test_a_module_is_run_as_with_m(tmp_path):
    package = tmp_path / "pkg"
    package.mkdir()
    (package / "__init__.py").write_text("")
    program(package)
    plain = call("-m", "pkg.train", "1", cwd=tmp_path)
    seen = watched("-m", "pkg.train", "1", cwd=tmp_path)
    assert seen.stdout == plain.stdout
    assert (plain.returncode, seen.returncode) == (0, 0)


@pytest.mark.slow
def test_findings_go_to_stderr_and_strict_gives_5(tmp_path):
    path = program(tmp_path, tail="[nn.Softmax(1)]")
    seen = watched("--strict", "--select", "double-softmax", path.name, "1", cwd=tmp_path)
    assert seen.returncode == 5
    assert "sick[O002] double-softmax" in seen.stderr
    assert "netsitter" not in seen.stdout


@pytest.mark.slow
def test_a_program_that_dies_keeps_its_traceback_and_is_diagnosed(tmp_path):
    path = program(tmp_path, shift=5)
    plain = call(path.name, "1", cwd=tmp_path)
    seen = watched("--json", "verdict.json", path.name, "1", cwd=tmp_path)
    assert (plain.returncode, seen.returncode) == (1, 1)
    theirs = seen.stderr[: seen.stderr.index("netsitter: ")] if "netsitter: " in seen.stderr else seen.stderr
    assert theirs == plain.stderr
    names = [f["name"] for f in json.loads((tmp_path / "verdict.json").read_text())["findings"]]
    assert names[0] in ("wrong-output-size", "target-out-of-range")


def test_what_is_not_there_is_a_usage_error(tmp_path):
    seen = watched("nowhere.py", cwd=tmp_path)
    assert seen.returncode == 2
    assert "nowhere.py" in seen.stderr
    assert "Traceback" not in seen.stderr
