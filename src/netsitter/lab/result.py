"""What an experiment measured: numbers, pictures, and whether each part of its claim held."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from netsitter.lab.chart import Chart


@dataclass(frozen=True, kw_only=True)
class Check:
    """One part of a claim, as a sentence, and what was measured of it."""

    text: str
    held: bool
    measured: str


@dataclass(frozen=True, kw_only=True)
class Result:
    """What ``measure()`` returns."""

    seeds: tuple[int, ...]
    columns: tuple[str, ...]
    """What the numbers of ``rows`` are."""
    rows: Mapping[str, Sequence[float]]
    """Arm → its numbers, means over the seeds."""
    checks: tuple[Check, ...]
    charts: tuple[Chart, ...]
    said: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Arm → illnesses, fatal or sick, that netsitter named while watching; under any seed."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """An experiment that was run."""

    name: str
    title: str
    about: str
    claim: str
    result: Result
    checks: tuple[Check, ...]
    seconds: float

    @property
    def held(self) -> bool:
        return all(check.held for check in self.checks)

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "claim": self.claim,
            "held": self.held,
            "checks": [
                {"text": check.text, "held": check.held, "measured": check.measured} for check in self.checks
            ],
            "seeds": list(self.result.seeds),
            "columns": list(self.result.columns),
            "rows": {arm: list(numbers) for arm, numbers in self.result.rows.items()},
            "said": {arm: list(names) for arm, names in self.result.said.items()},
            "seconds": round(self.seconds, 1),
        }
