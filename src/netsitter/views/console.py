"""Findings as plain words for a terminal: one line each as they appear, a short summary at the end."""

import sys
from collections.abc import Iterable, Mapping

from netsitter.diagnosis import Diagnosis
from netsitter.finding import Finding, Severity

SHOWN = 4
"""Places named in one line; the rest are counted."""


def line(finding: Finding) -> str:
    """``sick[G001] message → where, since step N; try: …``"""
    parts = [f"{finding.severity}[{finding.code}] {finding.name}: {finding.message}"]
    if finding.where:
        more = len(finding.where) - SHOWN
        parts.append("→ " + ", ".join(finding.where[:SHOWN]) + (f" and {more} more" if more > 0 else ""))
    if finding.since is not None:
        parts.append(f"(since step {finding.since})")
    if finding.remedies:
        parts.append(f"\n    try: {finding.remedies[0].text}")
    return " ".join(parts).replace(" \n", "\n")


def summary(diagnosis: Diagnosis) -> str:
    """All findings, symptoms under their cause, and what could not be judged."""
    lines: list[str] = []
    causes = [finding for finding in diagnosis.findings if finding.explained_by is None]
    for finding in causes:
        lines.append(line(finding))
        folded = [f.name for f in diagnosis.findings if f.explained_by == finding.name]
        if folded:
            lines.append("    explains: " + ", ".join(folded))
    if not any(finding.severity is not Severity.ODD for finding in causes):
        lines.insert(0, "nothing wrong was found" + (", but:" if lines else ""))
    lines += _unchecked(diagnosis.unchecked)
    lines += [f"broken (ours, please report): {name}: {error}" for name, error in diagnosis.broken.items()]
    return "\n".join(lines)


def _unchecked(unchecked: Mapping[str, str]) -> list[str]:
    """Rules that lacked numbers, grouped by what they lacked."""
    if not unchecked:
        return []
    reasons: dict[str, list[str]] = {}
    for name, reason in unchecked.items():
        reasons.setdefault(reason.removeprefix("the run has "), []).append(name)
    ordered = sorted(reasons.items(), key=lambda item: -len(item[1]))
    shown = [f"{_few(names)} ({reason})" for reason, names in ordered[:5]]
    more = sum(len(names) for _, names in ordered[5:])
    return ["not checked: " + "; ".join(shown) + (f"; and {more} more" if more else "")]


def _few(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def say(lines: Iterable[str]) -> None:
    """Write to stderr. A closed or full stderr is no reason to disturb a training."""
    try:
        for text in lines:
            print("netsitter: " + text.replace("\n", "\nnetsitter: "), file=sys.stderr, flush=True)
    except (OSError, ValueError, AttributeError):
        return
