"""Judge a run by the rules: what is wrong, what could not be checked, which rules broke."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from netsitter.finding import Finding, Severity
from netsitter.rule import Rule
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """The verdict on a run; findings in the order in which to act on them."""

    findings: tuple[Finding, ...] = ()
    unchecked: Mapping[str, str] = field(default_factory=dict)
    """Rule name → what it would have needed."""
    broken: Mapping[str, str] = field(default_factory=dict)
    """Rule name → the error of ours that stopped it."""

    @property
    def is_sick(self) -> bool:
        """Whether any finding is fatal or sick."""
        return any(finding.severity is not Severity.ODD for finding in self.findings)

    def named(self, name: str) -> Finding | None:
        return next((finding for finding in self.findings if finding.name == name), None)

    def to_json(self) -> dict[str, Any]:
        return {
            "findings": [finding.to_json() for finding in self.findings],
            "unchecked": dict(self.unchecked),
            "broken": dict(self.broken),
        }

    def _repr_html_(self) -> str:
        """For notebooks: the findings as a table."""
        from netsitter.views.notebook import diagnosis_html

        return diagnosis_html(self)


def diagnose(run: Run, rules: Iterable[Rule] | None = None) -> Diagnosis:
    """Judge ``run`` by ``rules``, by default all of them.

    A rule whose needs the run does not meet is listed under ``unchecked``; one that raises is
    listed under ``broken``: nothing of ours reaches the caller as an exception.
    """
    if rules is None:
        from netsitter.rules import all_rules

        rules = all_rules()
    findings: list[Finding] = []
    unchecked: dict[str, str] = {}
    broken: dict[str, str] = {}
    explains: dict[str, tuple[str, ...]] = {}
    for rule in rules:
        try:
            missing = rule.missing(run)
            if missing:
                unchecked[rule.name] = "the run has no " + ", no ".join(map(_readable, missing))
                continue
            # An overflow in a diverging run is what we are here to see, not a warning to print.
            with np.errstate(all="ignore"):
                findings += rule.check(run)
        except Exception as error:
            broken[rule.name] = f"{type(error).__name__}: {error}"
        explains[rule.name] = rule.explains
    return Diagnosis(findings=_ordered(findings, explains), unchecked=unchecked, broken=broken)


def join(verdicts: list[Diagnosis]) -> Diagnosis:
    """One verdict on several trainings: each illness once, unchecked only what none could check."""
    findings: dict[str, Finding] = {}
    for verdict in verdicts:
        for finding in verdict.findings:
            known = findings.get(finding.name)
            if known is None or finding.order < known.order:
                findings[finding.name] = finding
    checked = [set(verdict.unchecked) for verdict in verdicts]
    nowhere = set.intersection(*checked) if checked else set()
    return Diagnosis(
        findings=tuple(sorted(findings.values(), key=lambda finding: finding.order)),
        unchecked={name: why for v in verdicts[:1] for name, why in v.unchecked.items() if name in nowhere},
        broken={name: why for verdict in verdicts for name, why in verdict.broken.items()},
    )


def _readable(need: str) -> str:
    return need.replace("@", "").replace("|", " or ")


def _ordered(findings: list[Finding], explains: Mapping[str, tuple[str, ...]]) -> tuple[Finding, ...]:
    """Fold symptoms under the first sure cause that explains them, then sort."""
    causes = [f for f in sorted(findings, key=lambda f: f.order) if f.severity is not Severity.ODD]
    folded: list[Finding] = []
    for finding in findings:
        cause = next(
            (c for c in causes if finding.name in explains[c.name] and c.order < finding.order),
            None,
        )
        folded.append(replace(finding, explained_by=cause.name) if cause else finding)
    return tuple(sorted(folded, key=lambda finding: finding.order))
