"""Are the specimens what the truth says? Runs every program plainly and prints a table.

    python -m tests.gallery.verify [--seeds 0,1,2] [--only TEXT ...] [--jobs 2]

A healthy program and a repaired twin must reach their target under every seed, a sick one must miss it.
Each program runs in a fork of a process that has already imported torch: importing costs more than training.
"""

import argparse
import contextlib
import importlib
import io
import json
import math
import multiprocessing
import os
import runpy
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "programs"
HEAVY = ("torch", "numpy", "pandas", "sklearn.datasets", "sklearn.model_selection", "sklearn.preprocessing")


def run(file: str, seed: int) -> tuple[float, float, str]:
    """The program's result, its seconds and its error; NaN without a result."""
    os.chdir(FOLDER)
    sys.path.insert(0, str((FOLDER / file).parent))
    os.environ["SEED"] = str(seed)
    started, error, output = time.process_time(), "", io.StringIO()
    try:
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(io.StringIO()):
            runpy.run_path(file, run_name="__main__")
    except (Exception, SystemExit) as caught:
        error = f"{type(caught).__name__}: {caught}"
    last = output.getvalue().strip().rpartition("\n")[2]
    value = float(last.partition("=")[2]) if last.startswith("RESULT ") else math.nan
    return value, time.process_time() - started, error


def reaches(entry: Mapping[str, Any], value: float) -> bool:
    """Whether a result is as good as the target; NaN never is."""
    return value >= entry["target"] if entry["better"] == "higher" else value <= entry["target"]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.gallery.verify")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--only", nargs="+", default=[""], metavar="TEXT")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    seeds = [int(seed) for seed in args.seeds.split(",")]
    truth = json.loads((FOLDER / "truth.json").read_text(encoding="utf-8"))
    rows = [(entry, entry["file"], entry["healthy"]) for entry in truth]
    rows += [(entry, entry["fixed"], True) for entry in truth if entry["fixed"]]
    rows = [row for row in rows if any(text in row[1] for text in args.only)]
    wrong = 0
    os.environ["OMP_NUM_THREADS"] = "1"
    for module in HEAVY:
        importlib.import_module(module)
    with multiprocessing.get_context("fork").Pool(args.jobs, maxtasksperchild=1) as pool:
        pending = [pool.starmap_async(run, [(row[1], seed) for seed in seeds], chunksize=1) for row in rows]
        for (entry, file, expected), results in zip(rows, (job.get() for job in pending), strict=True):
            good = all(reaches(entry, value) == expected for value, _, _ in results)
            wrong += not good
            values = " ".join(f"{value:8.4f}" for value, _, _ in results)
            slowest = max(seconds for _, seconds, _ in results)
            error = next((text for _, _, text in results if text), "").replace("\n", " | ")
            kind = "reach" if expected else "miss"
            sign = ">=" if entry["better"] == "higher" else "<="
            print(
                f"{'ok   ' if good else 'WRONG'} {file:44} {values}  must {kind} {sign} {entry['target']}"
                f"  {slowest:.1f} s  {error}".rstrip(),
                flush=True,
            )
    print(f"{len(rows) - wrong} of {len(rows)} as the truth says")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
