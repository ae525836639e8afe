"""The gallery: sick and healthy trainings under ``netsitter run``; what is seen, named, and cried wolf about.

    python -m benchmarks.gallery                                   # every program, seed 0
    python -m benchmarks.gallery --seeds 0,1,2 --jobs 2 --out gallery.json
    python -m benchmarks.gallery --keep logs                       # keep each run.jsonl
    python -m benchmarks.gallery --keep logs --resume              # go on where a run of it was stopped
    python -m benchmarks.gallery --offline logs                    # judge kept logs again, in seconds

*detected*: a sick program has any finding of severity fatal or sick. *named*: its first finding is one
of ``faults`` or ``accept``. *false alarm*: a healthy program has a finding of severity fatal or sick.
"""

import argparse
import contextlib
import importlib
import io
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from benchmarks.specimens import Outcome, Program, load

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = (ROOT.parent / "shared/cases/programs", ROOT / "tests/gallery/programs")
HEAVY = (
    "torch",
    "pandas",
    "sklearn.datasets",
    "sklearn.model_selection",
    "sklearn.preprocessing",
    "netsitter.observe.watch",
    "netsitter.cli.run",
)
TIMEOUT = 600
"""Seconds after which a program counts as hung; the slowest takes about ten."""


def run_cold(command: Sequence[str], program: Program, seed: int) -> subprocess.CompletedProcess[str]:
    """Run a program in its own folder by a fresh interpreter."""
    return subprocess.run(
        [sys.executable, *command, program.path.name],
        cwd=program.path.parent,
        env={**os.environ, "SEED": str(seed)},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


def difference(program: Program, seed: int) -> str | None:
    """How the watched program's exit status or last line differ from the plain one's."""
    watched, plain = run_cold(["-m", "netsitter", "run"], program, seed), run_cold([], program, seed)
    if watched.returncode != plain.returncode:
        return f"exit status {watched.returncode}, plain {plain.returncode}: {watched.stderr[-300:]}"
    last, truth = (done.stdout.strip().rpartition("\n")[2] for done in (watched, plain))
    return None if last == truth else f"{last!r}, plain {truth!r}"


def watch(program: Program, seed: int, keep: Path | None) -> dict[str, Any]:
    """Run one program under ``netsitter run`` in this process, a fork made for it; returns the diagnosis.

    Plain data comes back: the program has taken the place of the module that our classes live in.
    """
    from netsitter.cli import main as netsitter

    os.chdir(program.path.parent)
    os.environ["SEED"] = str(seed)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "diagnosis.json"
        sys.argv = ["netsitter", "run", "--json", str(report)]
        if keep:
            kept = log_folder(keep, program, seed)
            shutil.rmtree(kept, ignore_errors=True)
            sys.argv += ["--run-dir", str(kept)]
        sys.argv.append(program.path.name)
        said = io.StringIO()
        with (
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(said),
            contextlib.suppress(SystemExit),
        ):
            netsitter()
        try:
            return json.loads(report.read_text(encoding="utf-8"))
        except OSError:
            return failure(f"no diagnosis: {said.getvalue()[-300:]}")


def watch_all(todo: Sequence[tuple[Program, int]], keep: Path | None, at_a_time: int) -> list[Outcome]:
    """Each program in a fork of a process that has imported torch: importing costs more than training."""
    from netsitter.rules import all_rules

    os.environ["OMP_NUM_THREADS"] = "1"
    for module in HEAVY:
        importlib.import_module(module)
    all_rules()
    outcomes = []
    with multiprocessing.get_context("fork").Pool(at_a_time, maxtasksperchild=1) as pool:
        pending = [pool.apply_async(watch, (program, seed, keep)) for program, seed in todo]
        for (program, seed), result in zip(todo, pending, strict=True):
            try:
                diagnosis = result.get(TIMEOUT)
            except multiprocessing.TimeoutError:
                diagnosis = failure(f"hung: over {TIMEOUT} s")
            except Exception as error:
                diagnosis = failure(f"{type(error).__name__}: {error}")
            outcomes.append(judged(program, seed, diagnosis))
            print(f"{len(outcomes)}/{len(todo)} {program.name} {outcomes[-1].verdict}", file=sys.stderr)
    return outcomes


def failure(error: str) -> dict[str, Any]:
    """In the place of a diagnosis."""
    return {"findings": [], "broken": {}, "error": error}


def judged(program: Program, seed: int, diagnosis: Mapping[str, Any]) -> Outcome:
    return Outcome(
        program=program,
        seed=seed,
        findings=tuple(diagnosis["findings"]),
        broken=diagnosis["broken"],
        error=diagnosis.get("error"),
    )


def log_folder(logs: Path, program: Program, seed: int) -> Path:
    return logs.resolve() / program.name / str(seed)


def judge(program: Program, seed: int, logs: Path) -> Outcome:
    """Diagnose a kept log again, without running anything."""
    from netsitter.diagnosis import diagnose, join
    from netsitter.run import Run

    files = sorted(log_folder(logs, program, seed).glob("**/run.jsonl"))
    if not files:
        return judged(program, seed, failure(f"no log under {logs}"))
    return judged(program, seed, join([diagnose(Run.open(file)) for file in files]).to_json())


def is_kept(program: Program, seed: int, logs: Path) -> bool:
    """Whether the program has run to its end before, and its logs were kept."""
    from netsitter.run import Run

    files = [*log_folder(logs, program, seed).glob("**/run.jsonl")]
    return bool(files) and all(Run.open(file).end is not None for file in files)


def matrix(outcomes: Sequence[Outcome]) -> str:
    """Programs down, rules across: ``F`` first finding, ``x`` fatal or sick, ``·`` odd or folded."""
    codes = sorted({f["code"] for o in outcomes for f in o.findings})
    names = {f["code"]: f["name"] for o in outcomes for f in o.findings}
    width = max((len(f"{o.program.name} {o.seed}") for o in outcomes), default=0)
    lines = ["  ".join(f"{code} {names[code]}" for code in codes[i : i + 6]) for i in range(0, len(codes), 6)]
    lines.append("")
    for row in range(4):
        lines.append(" " * (width + 2) + " ".join(code.ljust(4)[row] for code in codes))
    for outcome in outcomes:
        marks = dict.fromkeys(codes, " ")
        for place, finding in enumerate(outcome.findings):
            sure = finding["severity"] != "odd" and not finding.get("explained_by")
            marks[finding["code"]] = "F" if place == 0 and sure else "x" if sure else "·"
        label = f"{outcome.program.name} {outcome.seed}".ljust(width)
        lines.append(f"{label}  {' '.join(marks.values())}  {outcome.verdict}".rstrip())
    return "\n".join(lines)


def shortfalls(outcomes: Iterable[Outcome]) -> list[str]:
    """One line for each miss, wrong name, false alarm and error, with the first three findings."""
    lines = []
    for outcome in outcomes:
        if outcome.verdict not in ("", "named"):
            said = ", ".join(f"{f['name']} ({f['severity']})" for f in outcome.findings[:3]) or "nothing"
            truth = "healthy" if outcome.program.healthy else " ".join(outcome.program.faults)
            where = f"{outcome.program.name} seed {outcome.seed}"
            lines.append(f"{outcome.verdict}  {where}  is {truth}; said: {outcome.error or said}")
    return sorted(lines)


def summary(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The three rates, and what broke."""
    sick = [o for o in outcomes if not o.program.healthy]
    healthy = [o for o in outcomes if o.program.healthy]
    return {
        "sick": len(sick),
        "healthy": len(healthy),
        "detected": sum(o.is_detected for o in sick),
        "named": sum(o.is_named for o in sick),
        "false_alarms": sum(bool(o.alarms) for o in healthy),
        "errors": sum(o.error is not None for o in outcomes),
        "broken_rules": sorted({f"{name}: {why}" for o in outcomes for name, why in o.broken.items()}),
    }


def rate(part: int, whole: int) -> str:
    return f"{part} of {whole} ({100 * part / whole:.1f} %)" if whole else "none to judge"


def report(outcomes: Sequence[Outcome]) -> str:
    """Everything for the terminal."""
    total = summary(outcomes)
    return "\n".join(
        [
            matrix(outcomes),
            "",
            *shortfalls(outcomes),
            "",
            f"detected      {rate(total['detected'], total['sick'])}",
            f"named first   {rate(total['named'], total['sick'])}",
            f"false alarms  {rate(total['false_alarms'], total['healthy'])}",
            f"errors        {total['errors']}",
            *(f"broken rule   {line}" for line in total["broken_rules"]),
        ]
    )


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gallery", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--programs", type=Path, nargs="+", metavar="DIR", help="galleries to run")
    parser.add_argument("--seeds", default="0", help="comma-separated (default: 0)")
    parser.add_argument("--only", nargs="+", default=[""], metavar="TEXT", help="only names that hold a TEXT")
    parser.add_argument("--jobs", type=int, default=2, help="programs at a time (default: 2)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write every outcome as JSON")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep each run.jsonl under DIR")
    parser.add_argument("--resume", action="store_true", help="judge what --keep holds already, run the rest")
    parser.add_argument(
        "--offline", type=Path, metavar="DIR", help="judge the logs kept under DIR, run nothing"
    )
    parser.add_argument("--verify", action="store_true", help="also run plainly and compare the RESULT line")
    return parser.parse_args()


def main() -> None:
    args = parse()
    folders = args.programs or [folder for folder in FOLDERS if folder.exists()]
    programs = [
        p for folder in folders for p in load(folder.resolve()) if any(text in p.name for text in args.only)
    ]
    todo = [(program, int(seed)) for program in programs for seed in args.seeds.split(",")]
    if args.offline:
        outcomes = [judge(program, seed, args.offline) for program, seed in todo]
    else:
        kept = [one for one in todo if args.resume and args.keep and is_kept(*one, args.keep)]
        outcomes = [judge(program, seed, args.keep) for program, seed in kept]
        outcomes += watch_all([one for one in todo if one not in kept], args.keep, args.jobs)
        outcomes.sort(key=lambda outcome: todo.index((outcome.program, outcome.seed)))
    if args.verify:
        outcomes = [replace(o, error=o.error or difference(o.program, o.seed)) for o in outcomes]
    print(report(outcomes))
    if args.out:
        rows = [asdict(outcome) for outcome in outcomes]
        args.out.write_text(
            json.dumps({"summary": summary(outcomes), "outcomes": rows}, default=str, indent=1)
        )


if __name__ == "__main__":
    main()
