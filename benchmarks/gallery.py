"""The gallery: sick and healthy trainings under ``netsitter run``; what is seen, named, and cried wolf about.

    python -m benchmarks.gallery                                   # every program, seed 0
    python -m benchmarks.gallery --seeds 0,1,2 --jobs 2 --out gallery.json
    python -m benchmarks.gallery --keep logs                       # keep each run.jsonl
    python -m benchmarks.gallery --offline logs                    # judge kept logs again, in seconds

A gallery is a folder of programs with a ``truth.json``, one entry a program:
``file``; ``healthy``; ``faults`` (what is truly wrong); ``accept`` (other fair diagnoses);
``fixed`` (the repaired twin, healthy too).

*detected*: a sick program has any finding of severity fatal or sick. *named*: its first finding is one
of ``faults`` or ``accept``. *false alarm*: a healthy program has a finding of severity fatal or sick.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = (ROOT.parent / "shared/cases/programs", ROOT / "tests/gallery/programs")
TIMEOUT = 300
"""Seconds after which a program counts as hung; the slowest takes about ten."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """One specimen and the truth about it."""

    path: Path
    name: str
    healthy: bool
    faults: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What netsitter said of one program under one seed."""

    program: Program
    seed: int
    findings: tuple[dict[str, Any], ...] = ()
    broken: dict[str, str]
    error: str | None = None
    """Why there is no diagnosis, or why the watched program differs from the plain one."""

    @property
    def alarms(self) -> list[str]:
        return [f["name"] for f in self.findings if f["severity"] in ("fatal", "sick")]

    @property
    def first(self) -> str | None:
        return self.findings[0]["name"] if self.findings else None

    @property
    def is_detected(self) -> bool:
        return bool(self.alarms)

    @property
    def is_named(self) -> bool:
        return self.is_detected and self.first in self.program.faults + self.program.accept


def load(folder: Path) -> list[Program]:
    """The programs of a gallery, repaired twins included as healthy."""
    programs = []
    label = folder.parent.name
    for entry in json.loads((folder / "truth.json").read_text(encoding="utf-8")):
        faults, accept = tuple(entry["faults"]), tuple(entry["accept"])
        stem = Path(entry["file"]).stem
        programs.append(
            Program(
                path=folder / entry["file"],
                name=f"{label}/{stem}",
                healthy=entry["healthy"],
                faults=faults,
                accept=accept,
            )
        )
        if entry["fixed"]:
            programs.append(Program(path=folder / entry["fixed"], name=f"{label}/{stem}.fixed", healthy=True))
    return programs


def run_program(command: Sequence[str], program: Program, seed: int) -> subprocess.CompletedProcess[str]:
    """Run a program in its own folder, one thread, under a seed."""
    return subprocess.run(
        [*command, program.path.name],
        cwd=program.path.parent,
        env={**os.environ, "SEED": str(seed), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


def result_line(stdout: str) -> str:
    """The last line, which names the program's result."""
    lines = stdout.strip().splitlines()
    return lines[-1] if lines else ""


def watch(program: Program, seed: int, keep: Path | None, verify: bool) -> Outcome:
    """Run one program under ``netsitter run`` and read its diagnosis."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "diagnosis.json"
        command = [sys.executable, "-m", "netsitter", "run", "--json", str(report)]
        if keep:
            kept = log_folder(keep, program, seed)
            (kept / "run.jsonl").unlink(missing_ok=True)
            command += ["--run-dir", str(kept)]
        try:
            done = run_program(command, program, seed)
            text = report.read_text(encoding="utf-8")
        except subprocess.TimeoutExpired:
            return Outcome(program=program, seed=seed, broken={}, error=f"hung: over {TIMEOUT} s")
        except OSError:
            return Outcome(program=program, seed=seed, broken={}, error=f"no diagnosis: {done.stderr[-300:]}")
        diagnosis = json.loads(text)
        return Outcome(
            program=program,
            seed=seed,
            findings=tuple(diagnosis["findings"]),
            broken=diagnosis["broken"],
            error=difference(done, run_program([sys.executable], program, seed)) if verify else None,
        )


def difference(
    watched: subprocess.CompletedProcess[str], plain: subprocess.CompletedProcess[str]
) -> str | None:
    """How the watched program differs from the plain one; None when it does not."""
    if watched.returncode != plain.returncode:
        return f"exit status {watched.returncode}, plain {plain.returncode}"
    if result_line(watched.stdout) != result_line(plain.stdout):
        return f"{result_line(watched.stdout)!r}, plain {result_line(plain.stdout)!r}"
    return None


def log_folder(logs: Path, program: Program, seed: int) -> Path:
    return logs.resolve() / program.name / str(seed)


def judge(program: Program, seed: int, logs: Path) -> Outcome:
    """Diagnose a kept log again, without running anything."""
    from netsitter.diagnose import diagnose
    from netsitter.run import Run

    try:
        diagnosis = diagnose(Run.open(log_folder(logs, program, seed))).to_json()
    except (OSError, ValueError) as error:
        return Outcome(program=program, seed=seed, broken={}, error=f"no log: {error}")
    return Outcome(
        program=program, seed=seed, findings=tuple(diagnosis["findings"]), broken=diagnosis["broken"]
    )


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
        lines.append(f"{label}  {' '.join(marks.values())}  {verdict(outcome)}".rstrip())
    return "\n".join(lines)


def verdict(outcome: Outcome) -> str:
    if outcome.error:
        return "ERROR"
    if outcome.program.healthy:
        return "FALSE ALARM" if outcome.alarms else ""
    if outcome.is_named:
        return "named"
    return "misnamed" if outcome.is_detected else "MISSED"


def shortfalls(outcomes: Iterable[Outcome]) -> list[str]:
    """One line for each miss, wrong name, false alarm and error, with the first three findings."""
    lines = []
    for outcome in outcomes:
        if verdict(outcome) not in ("", "named"):
            said = ", ".join(f"{f['name']} ({f['severity']})" for f in outcome.findings[:3]) or "nothing"
            truth = "healthy" if outcome.program.healthy else " ".join(outcome.program.faults)
            where = f"{outcome.program.name} seed {outcome.seed}"
            lines.append(f"{verdict(outcome)}  {where}  is {truth}; said: {outcome.error or said}")
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
    parser.add_argument("--only", default="", help="only programs whose name holds this text")
    parser.add_argument("--jobs", type=int, default=2, help="programs at a time (default: 2)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write every outcome as JSON")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep each run.jsonl under DIR")
    parser.add_argument(
        "--offline", type=Path, metavar="DIR", help="judge the logs kept under DIR, run nothing"
    )
    parser.add_argument("--verify", action="store_true", help="also run plainly and compare the RESULT line")
    return parser.parse_args()


def main() -> None:
    args = parse()
    folders = args.programs or [folder for folder in FOLDERS if folder.exists()]
    programs = [p for folder in folders for p in load(folder.resolve()) if args.only in p.name]
    todo = [(program, int(seed)) for program in programs for seed in args.seeds.split(",")]
    if args.offline:
        outcomes = [judge(program, seed, args.offline) for program, seed in todo]
    else:
        with ThreadPoolExecutor(args.jobs) as pool:
            outcomes = list(pool.map(lambda job: watch(*job, args.keep, args.verify), todo))
    print(report(outcomes))
    if args.out:
        rows = [asdict(outcome) for outcome in outcomes]
        args.out.write_text(
            json.dumps({"summary": summary(outcomes), "outcomes": rows}, default=str, indent=1)
        )


if __name__ == "__main__":
    main()
