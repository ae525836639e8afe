"""Repair on the gallery: which sick programs reach their own target on three seeds, by which means.

    python -m benchmarks.repair --only p0 --jobs 2            # some programs
    python -m benchmarks.repair --sample 10 --against random,rollback,autotrainer
    python -m benchmarks.repair --healthy --sample 10         # harm: is any healthy program changed?

*netsitter* is ``netsitter fix``. *random* draws from the same mends whatever the diagnosis and keeps what
raises the score on one seed, for as many runs as netsitter took. *rollback* goes back to the best weights
and halves the rate when the loss jumps, and no more. *autotrainer* takes the remedies of AutoTrainer (Zhang
et al., ICSE 2021) in a fixed order and keeps what raises the score on one seed.
A program is repaired if its changed source, run plainly, reaches its target on every seed. Unlike
netsitter a rival is told the target: it is stopped, as repaired, once what it kept reaches it on every seed.
"""

import argparse
import importlib
import json
import math
import multiprocessing
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = (ROOT.parent / "shared/cases/programs", ROOT / "tests/gallery/programs")
HEAVY = (
    "torch",
    "torch._dynamo",
    "pandas",
    "sklearn.datasets",
    "sklearn.model_selection",
    "libcst.metadata",
    "netsitter.treat.fix",
    "netsitter.treat.patient",
    "netsitter.treat.apply",
    "netsitter.rules",
)
TIMEOUT = 1800
RESULT = re.compile(r"^RESULT (\S+)=(\S+)$", re.MULTILINE)


def specimens(healthy: bool) -> list[dict[str, Any]]:
    """Entries of the galleries' truth with a target, sick or healthy ones."""
    found = []
    for folder in FOLDERS:
        if folder.exists():
            for entry in json.loads((folder / "truth.json").read_text(encoding="utf-8")):
                if entry["healthy"] == healthy and entry.get("target") is not None:
                    found.append(
                        {**entry, "path": str(folder / entry["file"]), "name": Path(entry["file"]).stem}
                    )
    return found


def repair(
    entry: Mapping[str, Any], strategy: str, seeds: tuple[int, ...], trials: int, budget: float
) -> dict[str, Any]:
    """One program in this process, a fork made for it."""
    from benchmarks.repair_baselines import search

    os.chdir(Path(entry["path"]).parent)
    began = time.perf_counter()
    done = search(
        strategy,
        Path(entry["path"]).name,
        seeds=seeds,
        trials=trials,
        budget=budget,
        reaches=lambda output: _reaches(_result(output, entry["metric_name"]), entry),
    )
    values = [_result(output, entry["metric_name"]) for output in done["outputs"]]
    reached = [_reaches(value, entry) for value in values]
    return {
        "name": entry["name"],
        "faults": entry["faults"],
        "strategy": strategy,
        "values": values,
        "target": entry["target"],
        "repaired": len(values) == len(seeds) and all(reached),
        "changed": done["changed"],
        "proven": done["proven"],
        "remedies": done["remedies"],
        "found": done["found"],
        "trials": done["trials"],
        "seconds": time.perf_counter() - began,
        "runs": done["arm_seconds"] / max(done["run_seconds"], 1e-9),
        "diff": done["diff"],
        "in_source": done["in_source"] and applies(done["diff"]),
    }


def applies(diff: str) -> bool:
    """Whether ``git apply`` takes a diff in the working folder; there must be one."""
    if not diff:
        return False
    command = ["git", "apply", "--check", "-"]
    outside = {**os.environ, "GIT_CEILING_DIRECTORIES": str(Path.cwd().parent)}
    done = subprocess.run(command, input=diff, text=True, env=outside, capture_output=True, check=False)
    return done.returncode == 0


def _result(output: str, metric: str) -> float | None:
    said = [value for name, value in RESULT.findall(output) if name == metric]
    try:
        return float(said[-1]) if said else None
    except ValueError:
        return None


def _reaches(value: float | None, entry: Mapping[str, Any]) -> bool:
    if value is None or math.isnan(value):
        return False
    return value >= entry["target"] if entry["better"] == "higher" else value <= entry["target"]


def repair_all(
    entries: list[dict[str, Any]], strategies: list[str], args: argparse.Namespace
) -> list[dict[str, Any]]:
    """Program after program, all strategies on each; what ``--out`` holds is not run again.

    Each run is in a fork of a process that has imported torch.
    """
    os.environ["OMP_NUM_THREADS"] = "1"
    for module in HEAVY:
        importlib.import_module(module)
    rows = known(args.out)
    with multiprocessing.get_context("fork").Pool(args.jobs, maxtasksperchild=1) as pool:
        for start in range(0, len(entries), args.jobs):
            for strategy in strategies:
                pending = [
                    (e, pool.apply_async(repair, (e, strategy, *_limits(e, rows, args), args.budget)))
                    for e in entries[start : start + args.jobs]
                    if (e["name"], strategy) not in rows
                ]
                for entry, result in pending:
                    rows[entry["name"], strategy] = _outcome(entry, strategy, result)
                    _keep(rows[entry["name"], strategy], args.out)
    return [rows[entry["name"], strategy] for strategy in strategies for entry in entries]


def _outcome(entry: Mapping[str, Any], strategy: str, result: Any) -> dict[str, Any]:
    try:
        return result.get(TIMEOUT)
    except Exception as error:
        return failed(entry, strategy, f"{type(error).__name__}: {error}")


def _keep(row: Mapping[str, Any], out: Path | None) -> None:
    print(line(row), file=sys.stderr, flush=True)
    if out:
        with out.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")


def known(out: Path | None) -> dict[tuple[str, str], dict[str, Any]]:
    """Outcomes of an earlier piece, by program and strategy."""
    if out is None or not out.exists():
        return {}
    rows = [json.loads(text) for text in out.read_text(encoding="utf-8").splitlines()]
    return {(row["name"], row["strategy"]): row for row in rows}


def _limits(
    entry: Mapping[str, Any], rows: Mapping[tuple[str, str], Mapping[str, Any]], args: argparse.Namespace
) -> tuple[tuple[int, ...], int]:
    """Seeds, and how many runs: to a rival as many as netsitter took for the same program."""
    seeds = tuple(int(seed) for seed in args.seeds.split(","))
    return seeds, rows.get((entry["name"], "netsitter"), {}).get("trials", args.max_trials)


def failed(entry: Mapping[str, Any], strategy: str, error: str) -> dict[str, Any]:
    """The row of a program on which the search itself broke."""
    same = {"name": entry["name"], "faults": entry["faults"], "strategy": strategy}
    return {**same, "repaired": False, "changed": False, "in_source": False, "error": error}


def line(row: Mapping[str, Any]) -> str:
    """One program's outcome."""
    if "error" in row:
        return f"{row['name']:32} {row['strategy']:11} ERROR {row['error']}"
    verdict = "repaired" if row["repaired"] else "changed" if row["changed"] else "unchanged"
    values = " ".join("none" if v is None else f"{v:.4g}" for v in row["values"])
    return (
        f"{row['name']:32} {row['strategy']:11} {verdict:9} {values} (target {row['target']:g}) "
        f"{row['trials']} trials, {row['runs']:.0f} runs; {', '.join(row['remedies']) or 'nothing'}"
        f" [{', '.join(row['faults']) or 'healthy'}; found {', '.join(row['found'][:3])}]"
    )


def report(rows: list[dict[str, Any]]) -> str:
    """Rates by strategy."""
    lines = []
    for strategy in dict.fromkeys(row["strategy"] for row in rows):
        mine = [row for row in rows if row["strategy"] == strategy]
        runs = sorted(row["runs"] for row in mine if "runs" in row)
        repaired = [row for row in mine if row["repaired"]]
        lines.append(
            f"{strategy:12} {len(repaired)} of {len(mine)} reach their target on every seed "
            f"({100 * len(repaired) / len(mine):.0f} %), {sum(row['in_source'] for row in repaired)} of them "
            f"by a diff that applies; {sum(row['changed'] for row in mine)} changed; "
            f"median {runs[len(runs) // 2] if runs else 0:.0f} times one run"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.repair", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--only", nargs="+", default=[""], metavar="TEXT", help="only paths that hold a TEXT")
    parser.add_argument("--sample", type=int, metavar="N", help="N programs, drawn with a fixed seed")
    parser.add_argument("--against", default="", help="comma-separated: random, rollback, autotrainer")
    parser.add_argument("--healthy", action="store_true", help="healthy programs: is any changed?")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--max-trials", type=int, default=120)
    parser.add_argument("--budget", type=float, default=600.0, help="seconds that netsitter searches")
    parser.add_argument("--jobs", type=int, default=1, help="programs at a time")
    parser.add_argument("--out", type=Path, metavar="FILE", help="a line an outcome; what it holds is kept")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="each Nth of them by the alphabet")
    parser.add_argument("--report", action="store_true", help="only from what --out holds")
    args = parser.parse_args()
    entries = [e for e in specimens(args.healthy) if any(text in e["path"] for text in args.only)]
    entries = sorted(entries, key=lambda e: e["name"])[:: args.every]
    if args.sample and args.sample < len(entries):
        entries = sorted(random.Random(0).sample(entries, args.sample), key=lambda e: e["name"])
    strategies = ["netsitter", *(s for s in args.against.split(",") if s)]
    rows = list(known(args.out).values()) if args.report else repair_all(entries, strategies, args)
    print(report(rows))


if __name__ == "__main__":
    main()
