"""Processes that a watched program starts: they are watched, and stay as they are."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

TRAIN = """
import os, sys
import torch
from torch import nn
import torch.nn.functional as F

def train(rank=0):
    torch.manual_seed(rank)
    torch.set_num_threads(1)
    model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 2), nn.Softmax(1))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for step in range(40):
        x = torch.randn(32, 6)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), (x[:, 0] > 0).long())
        loss.backward()
        optimizer.step()
    print(repr(loss.item()), flush=True)
"""
STARTS = {
    "spawn": "import torch.multiprocessing as mp\n"
    "if __name__ == '__main__':\n    mp.spawn(train, nprocs=1)\n",
    "fork": (
        "import multiprocessing as mp\nif __name__ == '__main__':\n"
        "    child = mp.get_context('fork').Process(target=train)\n    child.start(); child.join()\n"
    ),
    "subprocess": (
        "import subprocess\nif len(sys.argv) > 1:\n    train()\nelse:\n"
        "    sys.exit(subprocess.run([sys.executable, __file__, 'child']).returncode)\n"
    ),
    "thread": "import threading\nthreading.Thread(target=train).start()\n",
    "_exit": "train()\nsys.stdout.flush()\nos._exit(3)\n",
    "atexit": "import atexit\natexit.register(print, 'bye')\ntrain()\nsys.exit(3)\n",
}

pytestmark = pytest.mark.slow


def call(*command: object, cwd: Path, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=cwd,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        **options,
    )


@pytest.mark.parametrize("start", STARTS)
def test_however_it_is_started_it_is_judged_and_prints_the_same(start, tmp_path):
    (tmp_path / "train.py").write_text(TRAIN + STARTS[start])
    plain = call("train.py", cwd=tmp_path)
    seen = call("-m", "netsitter", "run", "--json", "verdict.json", "train.py", cwd=tmp_path)
    assert (seen.stdout, seen.returncode) == (plain.stdout, plain.returncode), seen.stderr
    verdict = json.loads((tmp_path / "verdict.json").read_text())
    assert verdict["findings"][0]["name"] == "double-softmax", seen.stderr
    assert verdict["broken"] == {}


def test_the_ranks_of_torchrun_are_watched(tmp_path):
    program = TRAIN + (
        "import torch.distributed as dist\n"
        "dist.init_process_group('gloo')\ntrain(dist.get_rank())\ndist.destroy_process_group()\n"
    )
    (tmp_path / "train.py").write_text(program)
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "train.py"]
    seen = call(
        "-m", "netsitter", "run", "--run-dir", "runs", "--json", "verdict.json", *launch, cwd=tmp_path
    )
    assert seen.returncode == 0, seen.stderr
    assert len(seen.stdout.splitlines()) == 2
    assert json.loads((tmp_path / "verdict.json").read_text())["findings"][0]["name"] == "double-softmax"
    assert len(list((tmp_path / "runs" / "processes").glob("*/run.jsonl"))) == 2


def test_what_a_child_sees_of_us_is_its_environment(tmp_path):
    """Path, arguments, and the sitecustomize that the program has of its own."""
    (tmp_path / "sitecustomize.py").write_text("import builtins; builtins.customised = True\n")
    (tmp_path / "child.py").write_text(
        "import sys; print(customised, sys.path, sys.argv, 'torch' in sys.modules, sys.meta_path[-1])\n"
    )
    (tmp_path / "start.py").write_text(
        "import os, subprocess, sys\n"
        "places = os.environ.get('PYTHONPATH', '').split(os.pathsep)\n"
        "os.environ['PYTHONPATH'] = os.pathsep.join([*places, '.'])\n"
        "subprocess.run([sys.executable, 'child.py', 'x'])\n"
    )
    plain = call("start.py", cwd=tmp_path)
    seen = call("-m", "netsitter", "run", "start.py", cwd=tmp_path)
    assert plain.stdout.startswith("True")
    assert seen.stdout == plain.stdout
    assert seen.stderr == ""


def test_signals_end_it_as_they_end_python(tmp_path):
    (tmp_path / "train.py").write_text(
        TRAIN + "train()\nprint('up', flush=True)\nimport time\ntime.sleep(99)\n"
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        program = subprocess.Popen(
            [sys.executable, "-m", "netsitter", "run", "train.py"],
            cwd=tmp_path,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert program.stdout is not None
        while "up" not in program.stdout.readline():
            pass
        time.sleep(0.2)
        program.send_signal(number)
        _, said = program.communicate(timeout=60)
        assert program.returncode == -number
        assert ("KeyboardInterrupt" in said) == (number == signal.SIGINT)
        assert "double-softmax" in said


def test_standard_input_and_packages_are_the_programs(tmp_path):
    package = tmp_path / "pkg"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "other.py").write_text("word = 'relative'\n")
    (package / "__main__.py").write_text(
        "import argparse\nfrom .other import word\n"
        "p = argparse.ArgumentParser()\np.add_argument('--n', type=int)\n"
        "print(word, p.parse_args().n, input(), __package__, __spec__.name)\n"
    )
    plain = call("-m", "pkg", "--n", "3", cwd=tmp_path, input="hello\n")
    seen = call("-m", "netsitter", "run", "-m", "pkg", "--n", "3", cwd=tmp_path, input="hello\n")
    assert plain.returncode == 0
    assert (seen.stdout, seen.returncode, seen.stderr) == (plain.stdout, 0, "")
    bad = call("-m", "netsitter", "run", "-m", "pkg", "--m", cwd=tmp_path)
    assert bad.returncode == 2
