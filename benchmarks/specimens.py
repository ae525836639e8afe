"""Specimens: programs with the truth about them, and what netsitter said of each.

A gallery is a folder of programs with a ``truth.json``, one entry a program:
``file``; ``healthy``; ``faults`` (what is truly wrong); ``accept`` (other fair diagnoses);
``fixed`` (the repaired twin, healthy too).
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


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

    @property
    def verdict(self) -> str:
        """In a word; empty where a healthy program was left in peace."""
        if self.error:
            return "ERROR"
        if self.program.healthy:
            return "FALSE ALARM" if self.alarms else ""
        if self.is_named:
            return "named"
        return "misnamed" if self.is_detected else "MISSED"


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
