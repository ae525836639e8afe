"""A repair as a document: the illness, what was kept and what it is worth, what was tried, and the diff."""

import difflib
from pathlib import Path
from typing import Any

import numpy as np

from netsitter.run import Run
from netsitter.treat.attempt import Attempt, described
from netsitter.treat.repair import Repair

CURVES = ("val/metric/accuracy", "val/metric/r2", "val/loss", "loss")
"""Drawn is the first of these that both runs have; a loss that was redefined is not comparable."""
POINTS = 60
"""Of a curve; longer ones are averaged over windows."""


def account(repair: Repair) -> dict[str, Any]:
    """JSON of a repair, as docs/fix.md describes it."""
    kept = repair.kept if repair.is_proven else []
    return {
        "program": repair.program.target,
        "healthy": repair.is_healthy,
        "has_trained": repair.untreated.has_trained,
        "status": repair.untreated.status,
        "findings": repair.untreated.diagnosis.get("findings", []),
        "left": [finding["name"] for finding in kept[-1].outcome.sick] if kept else None,
        "proven": repair.is_proven,
        "remedies": [_remedy(repair, one) for one in kept],
        "gain": repair.proof.to_json() if repair.proof is not None else None,
        "seeds": list(repair.seeds),
        "curves": curves(repair),
        "tried": [_tried(one) for one in ([] if repair.is_proven else repair.kept) + repair.rejected],
        "trials": repair.trials,
        "seconds": repair.seconds,
        "diff": diff(repair) if repair.is_proven else "",
    }


def _remedy(repair: Repair, one: Attempt) -> dict[str, Any]:
    mended = one.candidate.mended
    return {
        "name": one.candidate.name,
        "illness": one.candidate.illness,
        "text": one.candidate.text,
        "in_source": mended is not None,
        "file": mended.path if mended else None,
        "line": mended.line if mended else None,
        "places": [] if mended else _places(one),
        "before": one.before.value if one.before else None,
        "after": one.after.value if one.after else None,
        "score": one.after.name if one.after else None,
        "seconds": one.outcome.seconds,
    }


def _places(one: Attempt) -> list[dict[str, Any]]:
    """Lines of the program where a remedy through hooks acted."""
    for told in one.outcome.treatment.get("remedies", ()):
        if one.candidate.remedy is not None and told["name"] == one.candidate.remedy.name:
            return [{"file": p["file"], "line": p["line"], "what": p["what"]} for p in told["places"]]
    return []


def _tried(one: Attempt) -> dict[str, Any]:
    return {
        "name": one.candidate.name,
        "illness": one.candidate.illness,
        "text": one.candidate.text,
        "result": described(one),
        "helped": one.helped,
        "seconds": one.outcome.seconds,
    }


def curves(repair: Repair) -> dict[str, Any] | None:
    """The untreated and the treated run's course, of one score that means the same in both."""
    if not repair.kept:
        return None
    before, after = repair.untreated.run, repair.kept[-1].outcome.run
    spoilt = any({"loss", "training-loss"} & set(one.candidate.distorts) for one in repair.kept)
    for name in CURVES:
        if name.endswith("loss") and spoilt:
            continue
        lines = [_thinned(run, name) for run in (before, after)]
        if all(len(line) >= 2 for line in lines):
            return {"score": name, "untreated": lines[0], "treated": lines[1]}
    return None


def _thinned(run: Run | None, name: str) -> list[float]:
    if run is None or not run[name]:
        return []
    values = run[name].values
    windows = np.array_split(values, min(POINTS, len(values)))
    return [float(np.mean(window)) for window in windows]


def diff(repair: Repair) -> str:
    """A unified diff of every changed file, as ``git apply`` and ``patch -p1`` take it."""
    return "".join(unified(path, repair.texts[path], text) for path, text in repair.mended.items())


def unified(path: str, before: str, after: str) -> str:
    """The diff of one file, its name relative to the working folder where it is in it."""
    here = Path.cwd().resolve()
    name = Path(path).resolve()
    shown = name.relative_to(here).as_posix() if name.is_relative_to(here) else name.as_posix().lstrip("/")
    lines = difflib.unified_diff(_lines(before), _lines(after), f"a/{shown}", f"b/{shown}")
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _lines(text: str) -> list[str]:
    """Lines as patch counts them: only a line feed ends one."""
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])
