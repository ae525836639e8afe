"""The verdict on a run as the page shows it: the same rules as everywhere, and what is too early to tell."""

import time
from typing import Any

from netsitter.diagnosis import Diagnosis, diagnose
from netsitter.finding import Depth, Finding, Severity
from netsitter.run import Run, jsonable

LEAST_REST = 2.0
"""Seconds between two verdicts on a run that goes on."""
REST = 500
"""And this many times as long as judging took: a fifth of a percent of a core."""


class Judge:
    """Judges one run now and then, as far as it has been read."""

    def __init__(self) -> None:
        self.verdict: dict[str, Any] | None = None
        """JSON: the diagnosis, each finding with ``early``; None before the first."""
        self.version = 0
        self._judged_at: object = None
        self._due = 0.0
        self._suspected: dict[str, int] = {}
        """Name of a finding → step at which it was first found."""

    def is_due(self, place: object) -> bool:
        """Whether there is something new to judge; ``place`` tells how far the log was read."""
        return place != self._judged_at and time.monotonic() >= self._due

    def judge(self, run: Run, place: object, *, goes_on: bool) -> None:
        started = time.monotonic()
        diagnosis = diagnose(run)
        names = {finding.name for finding in diagnosis.findings}
        self._suspected = {name: step for name, step in self._suspected.items() if name in names}
        verdict = self._to_json(diagnosis, run, goes_on)
        if verdict != self.verdict:
            self.verdict = verdict
            self.version += 1
        self._judged_at = place
        now = time.monotonic()
        self._due = now + max(LEAST_REST, REST * (now - started))

    def _to_json(self, diagnosis: Diagnosis, run: Run, goes_on: bool) -> dict[str, Any]:
        findings = [
            {**finding.to_json(), "early": goes_on and not self._is_ripe(finding, run)}
            for finding in diagnosis.findings
        ]
        return jsonable({**diagnosis.to_json(), "findings": findings})

    def _is_ripe(self, finding: Finding, run: Run) -> bool:
        """Whether it can be told while the training goes on.

        What is proven can be told at once, an outcome when the run is over, anything between when it
        still holds after twice as many steps: early in a run nothing thrives yet.
        """
        if finding.severity is Severity.FATAL or finding.depth is Depth.MECHANISM:
            return True
        step = max(run.last_step, 1)
        first = self._suspected.setdefault(finding.name, finding.since or step)
        return finding.depth is not Depth.OUTCOME and step >= 2 * first


def headline(verdict: dict[str, Any] | None) -> dict[str, Any] | None:
    """What the list of runs says: the worst severity, ``well`` if there is none, and the names."""
    if verdict is None:
        return None
    told = [f for f in verdict["findings"] if not f["early"] and f["explained_by"] is None]
    ranks = {str(severity): severity.rank for severity in Severity}
    worst = min((f["severity"] for f in told), key=ranks.__getitem__, default="well")
    return {"worst": worst, "names": [f["name"] for f in told][:8], "count": len(told)}
