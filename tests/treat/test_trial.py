import math
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import stats

from netsitter.run import Run
from netsitter.treat.arm import Job, Program
from netsitter.treat.score import Score
from netsitter.treat.trial import T_QUANTILE, Bench, gain, hopeless


def share(value, rows=1e9):
    return Score(name="acc", value=value, kind="score", higher=True, rows=rows)


def test_the_quantiles_are_students():
    for freedom, value in T_QUANTILE.items():
        assert value == pytest.approx(stats.t.ppf(0.95, freedom), abs=1e-3)


def test_the_interval_is_students_over_paired_seeds():
    pairs = [(share(0.50), share(0.80)), (share(0.55), share(0.83)), (share(0.52), share(0.88))]
    found = gain(pairs)
    differences = np.array([0.30, 0.28, 0.36])
    low, high = stats.t.interval(0.9, 2, differences.mean(), differences.std(ddof=1) / math.sqrt(3))
    assert found.mean == pytest.approx(differences.mean())
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-3)
    assert found.is_proven


def test_few_rows_widen_the_interval_until_nothing_is_proven():
    pairs = [(share(0.80, rows), share(0.84, rows)) for rows in (20, 20, 20)]
    assert not gain(pairs).is_proven
    assert gain([(share(0.80), share(0.84))] * 3).is_proven


def test_a_gain_on_one_seed_only_is_not_proven():
    assert not gain([(share(0.5), share(0.9)), (share(0.9), share(0.5)), (share(0.7), share(0.7))]).is_proven


def test_a_treated_arm_without_a_number_proves_nothing():
    found = gain([(share(0.5), share(0.9)), (share(0.5), None), (share(0.5), share(0.9))])
    assert found.failed_after == 1
    assert not found.is_proven


def test_a_number_where_there_was_none_on_every_seed_is_a_gain():
    found = gain([(share(math.nan), share(0.9))] * 3)
    assert found.failed_before == 3
    assert found.is_proven


def test_a_measurement_is_right_or_it_is_not():
    fallen = gain([(share(0.9), share(0.6))] * 3)
    assert not fallen.is_proven
    assert replace(fallen, corrected=True, is_all=True).is_proven
    assert not replace(fallen, corrected=True).is_proven
    assert not replace(fallen, corrected=False, is_all=True).is_proven


def test_noise_alone_is_seldom_proven():
    rng = np.random.default_rng(0)
    proven = 0
    for _ in range(400):
        rows = 300
        draw = rng.binomial(rows, 0.8, size=(3, 2)) / rows
        proven += gain([(share(b, rows), share(a, rows)) for b, a in draw]).is_proven
    assert proven / 400 < 0.07


def losses(values):
    run = Run()
    for step, value in enumerate(values):
        run.append(step, {"loss": value})
    return run


def test_a_lost_run_is_hopeless_and_a_slow_one_is_not():
    usual = losses(np.linspace(2, 1, 100))
    assert "no number" in hopeless(losses([math.nan] * 40), usual)
    assert "risen" in hopeless(losses(np.linspace(2, 500, 60)), usual)
    assert hopeless(losses([2.1] * 60), usual) == ""
    assert hopeless(losses(np.linspace(2, 500, 60)), None) == ""
    assert hopeless(losses([math.nan] * 3), usual) == ""


def program(tmp_path, text, monkeypatch):
    (tmp_path / "train.py").write_text(text)
    monkeypatch.chdir(tmp_path)
    return Program(target="train.py", arguments=("--width", "7"))


def test_a_changed_source_runs_in_the_files_place(tmp_path, monkeypatch):
    given = program(tmp_path, "print('as it is')\n", monkeypatch)
    text = "import sys\nprint(__file__)\nprint(sys.argv)\nprint('RESULT acc=0.5')\n"
    path = str(tmp_path / "train.py")
    (outcome,) = Bench(folder=tmp_path / "arms").run(
        [Job(program=given, texts={path: text}, is_watched=False)]
    )
    assert outcome is not None
    assert outcome.status == 0
    assert outcome.output.splitlines() == [path, "['train.py', '--width', '7']", "RESULT acc=0.5"]
    assert (tmp_path / "train.py").read_text() == "print('as it is')\n"


def test_a_changed_module_is_what_the_program_imports(tmp_path, monkeypatch):
    (tmp_path / "sizes_of_mine.py").write_text("WIDTH = 1\n")
    given = program(tmp_path, "import sizes_of_mine\nprint(sizes_of_mine.WIDTH)\n", monkeypatch)
    texts = {str(tmp_path / "sizes_of_mine.py"): "WIDTH = 64\n"}
    (outcome,) = Bench(folder=tmp_path / "arms").run([Job(program=given, texts=texts, is_watched=False)])
    assert outcome is not None
    assert outcome.output == "64\n"


def test_a_seed_is_the_environments_where_the_program_reads_one(tmp_path, monkeypatch):
    text = "import os\nprint(os.environ.get('SEED', 0))\n"
    given = program(tmp_path, text, monkeypatch)
    texts = {str(tmp_path / "train.py"): text}
    jobs = [Job(program=given, texts=texts, seed=seed, is_watched=False) for seed in (0, 2)]
    outcomes = Bench(folder=tmp_path / "arms").run(jobs)
    assert [outcome.output for outcome in outcomes if outcome] == ["0\n", "2\n"]


def test_a_fixed_seed_is_shifted(tmp_path, monkeypatch):
    text = "import numpy as np\nnp.random.seed(3)\nprint(np.random.rand())\n"
    given = program(tmp_path, text, monkeypatch)
    texts = {str(tmp_path / "train.py"): text}
    jobs = [Job(program=given, texts=texts, seed=seed, is_watched=False) for seed in (0, 0, 1)]
    first, again, other = (one.output for one in Bench(folder=tmp_path / "arms").run(jobs) if one)
    assert first == again == f"{np.random.RandomState(3).rand()}\n"
    assert other != first


def test_a_program_that_hangs_is_stopped_with_what_it_started(tmp_path, monkeypatch):
    given = program(tmp_path, "import time\ntime.sleep(60)\n", monkeypatch)
    bench = Bench(folder=tmp_path / "arms")
    (quick,) = bench.run(
        [Job(program=given, texts={str(tmp_path / "train.py"): "print(1)"}, is_watched=False)]
    )
    monkeypatch.setattr("netsitter.treat.trial.SLACK", (1.0, 0.3))
    began = time.perf_counter()
    (outcome,) = bench.run([Job(program=given, is_watched=False)], against=quick)
    assert outcome is not None
    assert outcome.status is None
    assert "took more than" in outcome.stopped
    assert time.perf_counter() - began < 20


def test_arms_beside_each_other_share_the_threads(tmp_path, monkeypatch):
    given = program(tmp_path, "import torch\nprint(torch.get_num_threads())\n", monkeypatch)
    outcomes, threads = [], torch.get_num_threads()
    torch.set_num_threads(6)
    try:
        for at_a_time in (1, 2):
            bench = Bench(folder=tmp_path / str(at_a_time), at_a_time=at_a_time)
            outcomes += bench.run([Job(program=given, is_watched=False)])
    finally:
        torch.set_num_threads(threads)
    assert [outcome.output for outcome in outcomes if outcome] == ["6\n", "3\n"]


KILLED = """
import sys
from pathlib import Path
from netsitter.treat.arm import Job, Program
from netsitter.treat.trial import Bench

jobs = [Job(program=Program(target="hangs.py"), seed=seed, is_watched=False) for seed in (0, 1)]
Bench(folder=Path("arms")).run(jobs)
"""


def test_no_arm_outlives_a_process_that_is_killed(tmp_path):
    body = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(os.getpid(), child.pid, flush=True)\ntime.sleep(600)\n"
    )
    (tmp_path / "hangs.py").write_text(body)
    outputs = [tmp_path / f"arms/{arm:03d}/output.txt" for arm in (1, 2)]
    with subprocess.Popen([sys.executable, "-c", KILLED], cwd=tmp_path) as killed:
        wait(lambda: all(file.exists() and file.read_text().endswith("\n") for file in outputs))
        pids = [int(pid) for file in outputs for pid in file.read_text().split()]
        assert len(pids) == 4
        assert all(map(is_alive, pids))
        killed.send_signal(signal.SIGKILL)
    wait(lambda: not any(map(is_alive, pids)))


def wait(until, seconds=60.0):
    deadline = time.perf_counter() + seconds
    while not until():
        assert time.perf_counter() < deadline
        time.sleep(0.05)


def is_alive(pid):
    """A zombie is not: it waits to be reaped by the system."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return state.stdout.strip()[:1] not in ("", "Z")


def test_a_spent_bench_starts_no_candidate(tmp_path, monkeypatch):
    given = program(tmp_path, "print(1)\n", monkeypatch)
    bench = Bench(folder=tmp_path / "arms", max_trials=1)
    (first,) = bench.run([Job(program=given, is_watched=False)])
    assert bench.run([Job(program=given, is_watched=False)], against=first) == [None]
