"""The searches that are compared in `benchmarks.repair`: all over the same mends, arms and scores."""

import difflib
from pathlib import Path
from typing import Any

from netsitter.treat.arm import Job, Program
from netsitter.treat.fix import Repair, fix
from netsitter.treat.trial import bench


def search(strategy: str, target: str, *, seeds: tuple[int, ...], trials: int) -> dict[str, Any]:
    """Run one strategy on a program in the working folder; then its result, plainly, on every seed."""
    program = Program(target=target)
    repair = fix(program, seeds=seeds, max_trials=trials, at_a_time=1)
    texts = repair.state.texts if repair.is_proven else repair.texts
    with bench(at_a_time=1, budget=600, max_trials=100) as arms:
        jobs = [Job(program=program, texts=texts, seed=seed, is_watched=False) for seed in seeds]
        outputs = [outcome.output if outcome is not None else "" for outcome in arms.run(jobs)]
    return {
        "outputs": outputs,
        "changed": repair.is_proven,
        "proven": repair.is_proven,
        "remedies": [one.candidate.name for one in repair.kept],
        "found": [finding["name"] for finding in repair.untreated.sick],
        "trials": repair.trials,
        "arm_seconds": repair.seconds,
        "run_seconds": repair.untreated.seconds,
        "diff": diff(repair),
    }


def diff(repair: Repair) -> str:
    """What was changed."""
    return "".join(
        line
        for path, text in repair.mended.items()
        for line in difflib.unified_diff(
            repair.texts[path].splitlines(keepends=True), text.splitlines(keepends=True), Path(path).name, Path(path).name
        )
    )
