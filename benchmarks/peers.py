"""netsitter beside other ways to learn a table, on tables with fixed splits, in one run.

    python -m benchmarks.peers [--tables concrete churn] [--peers netsitter RealMLP-TD] [--quick]

The folder holds NAME.csv, NAME.train.txt and NAME.test.txt (row numbers from 0) and tables.json (target and
task). Every peer learns the training rows and answers for the test rows, in a process of its own, so that
its memory and processor seconds are its own; imports are not counted. Ranks are of the primary metric (log
loss, RMSE), and their mean has an interval from resampled test rows (percentile bootstrap). ``--quick``
leaves out the tables and peers that take longest.
"""

import argparse
import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.machine import describe
from benchmarks.peer_models import NEEDS, PEERS, Question
from netsitter.recipe.score import all_scores, metric_names, row_losses
from netsitter.tables.schema import Task

FOLDER = Path(__file__).parents[2] / "shared" / "cases" / "tables"
QUICK_TABLES, QUICK_PEERS = ("concrete", "digits", "hpc"), ("netsitter", "HistGradientBoosting", "RealMLP-TD")
LIMIT = 1800
"""Seconds after which a peer is given up on a table."""
RESAMPLES = 1000

Outcome = dict[str, Any]


def read_question(folder: Path, name: str, *, threads: int, budget: float | None) -> Question:
    about = json.loads((folder / "tables.json").read_text())[name]
    frame = pd.read_csv(folder / f"{name}.csv")
    train, test = (np.loadtxt(folder / f"{name}.{part}.txt", dtype=int) for part in ("train", "test"))
    target, inputs = frame[about["target"]], frame.drop(columns=about["target"])
    return Question(
        train=inputs.iloc[train].reset_index(drop=True),
        target=target.iloc[train].reset_index(drop=True),
        new=inputs.iloc[test].reset_index(drop=True),
        task=about["task"],
        threads=threads,
        budget=budget,
        answers=target.iloc[test].reset_index(drop=True),
    )


def truth(question: Question) -> np.ndarray:
    """Values, or numbers of the classes in sorted order."""
    if question.is_regression:
        return question.answers.to_numpy(dtype=np.float64)
    classes = np.sort(question.target.unique())
    return np.searchsorted(classes, question.answers.to_numpy())


def run_here(peer: str, question: Question, out: Path) -> None:
    """One peer on one table, in this process; the answers and what they took are written to ``out``."""
    package = NEEDS.get(peer, "sklearn")
    importlib.import_module(package)
    before, started = _processor_seconds(), time.monotonic()
    prediction = PEERS[peer](question)
    wall, processor = time.monotonic() - started, _processor_seconds() - before
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    np.savez(out, prediction=prediction, wall=wall, processor=processor, megabytes=peak / 1024)


def _processor_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def run_apart(peer: str, table: str, arguments: argparse.Namespace, out: Path) -> Outcome | str:
    """The same in a process of its own; a reason in words if nothing came of it."""
    command = [sys.executable, "-m", "benchmarks.peers", "--one", peer, table, str(out)]
    command += ["--folder", str(arguments.folder), "--threads", str(arguments.threads)]
    command += ["--budget", str(arguments.budget)] if arguments.budget else []
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), str(arguments.threads))
    try:
        done = subprocess.run(
            command, env={**os.environ, **threads}, capture_output=True, text=True, timeout=LIMIT, check=False
        )
    except subprocess.TimeoutExpired:
        return f"took more than {LIMIT} s"
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["no word"])[-1]
    with np.load(out) as saved:
        return {key: saved[key] for key in saved}


def mean_ranks(losses: dict[str, dict[str, np.ndarray]]) -> dict[str, tuple[float, float, float]]:
    """Mean rank of each peer over the tables, with a 95 % interval; ``losses``: table → peer → (n,).

    Only of peers that have answered on every table.
    """
    peers = [p for p in PEERS if losses and all(p in by_peer for by_peer in losses.values())]
    tables = [np.stack([by_peer[peer] for peer in peers]) for by_peer in losses.values()] if peers else []
    rng = np.random.default_rng(0)

    def ranks(means: np.ndarray) -> np.ndarray:
        return means.argsort(0).argsort(0) + 1

    if not tables:
        return {}
    draws = np.empty((RESAMPLES, len(peers)))
    for i in range(RESAMPLES):
        samples = [table[:, rng.integers(0, table.shape[1], table.shape[1])] for table in tables]
        draws[i] = np.mean([ranks(sample.mean(1)) for sample in samples], axis=0)
    values = np.mean([ranks(table.mean(1)) for table in tables], axis=0)
    low, high = np.quantile(draws, (0.025, 0.975), axis=0)
    return {p: (float(values[i]), float(low[i]), float(high[i])) for i, p in enumerate(peers)}


def show_table(table: str, question: Question, outcomes: dict[str, Outcome]) -> dict[str, np.ndarray]:
    """Print what every peer came to on a table; the primary metric's row losses of each."""
    task, target, losses = Task(question.task), truth(question), {}
    rows, columns = question.train.shape
    print(f"\n{table}: {task}, {rows} training rows, {len(target)} test rows, {columns} columns")
    for peer, outcome in outcomes.items():
        scores = all_scores(task, outcome["prediction"], target)
        shown = "  ".join(f"{name} {scores[name]:<10.5g}" for name in metric_names(task))
        print(
            f"  {peer:22s}{shown}  {float(outcome['wall']):7.1f} s  processor "
            f"{float(outcome['processor']):7.1f} s  {float(outcome['megabytes']):6.0f} MB",
            flush=True,
        )
        losses[peer] = row_losses(metric_names(task)[0], outcome["prediction"], target)
    return losses


def main() -> None:
    arguments = _arguments()
    if arguments.one:
        peer, table, out = arguments.one
        question = read_question(arguments.folder, table, threads=arguments.threads, budget=arguments.budget)
        run_here(peer, question, Path(out))
        return
    print(describe(), f"{arguments.threads} threads", sep=", ")
    peers = [peer for peer in arguments.peers if _is_there(peer)]
    losses: dict[str, dict[str, np.ndarray]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for table in arguments.tables:
            question = read_question(arguments.folder, table, threads=arguments.threads, budget=None)
            outcomes: dict[str, Outcome] = {}
            for peer in peers:
                outcome = run_apart(peer, table, arguments, Path(folder) / "answer.npz")
                if isinstance(outcome, str):
                    print(f"{peer} gave nothing on {table}: {outcome}", flush=True)
                else:
                    outcomes[peer] = outcome
            losses[table] = show_table(table, question, outcomes)
    print(f"\nmean rank by log loss or RMSE over {len(losses)} tables, 95 % interval")
    for peer, (value, low, high) in sorted(mean_ranks(losses).items(), key=lambda item: item[1]):
        print(f"  {peer:22s}{value:5.2f}  ({low:.2f} to {high:.2f})")


def _is_there(peer: str) -> bool:
    package = NEEDS.get(peer)
    try:
        found = package is None or importlib.util.find_spec(package) is not None
    except ModuleNotFoundError:
        found = False
    if not found:
        print(f"skipped: {peer} ({package} is not installed)")
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--tables", nargs="+")
    parser.add_argument("--peers", nargs="+", choices=list(PEERS))
    parser.add_argument("--quick", action="store_true", help="three tables, three peers")
    parser.add_argument("--budget", type=float, help="seconds, for peers that take a budget")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--one", nargs=3, metavar=("PEER", "TABLE", "OUT"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    known = list(json.loads((arguments.folder / "tables.json").read_text()))
    arguments.tables = arguments.tables or (list(QUICK_TABLES) if arguments.quick else known)
    arguments.peers = arguments.peers or list(QUICK_PEERS if arguments.quick else PEERS)
    return arguments


if __name__ == "__main__":
    main()
