"""Findings as plain words for a terminal: one line each as they appear, a short summary at the end."""

import os
import re
import sys
import textwrap
from collections.abc import Iterable, Mapping

from netsitter.diagnosis import Diagnosis
from netsitter.finding import Finding, Severity
from netsitter.run import Run
from netsitter.views.spark import spark
from netsitter.views.visible import visible

SHOWN = 4
"""Places named in one line; the rest are counted."""
FEWEST_POINTS = 8
"""Of a loss before its course is drawn."""
PREFIX = "netsitter: "
COLOURS = {"fatal": "1;31", "sick": "1;33", "odd": "36"}
_SEVERITY = re.compile(r"(fatal|sick|odd)\[\w+\]")


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


def course(run: Run) -> str:
    """What the loss did, in one line; empty for a run of a few steps."""
    loss = run["loss"]
    if len(loss) < FEWEST_POINTS:
        return ""
    values = loss.values.tolist()
    curve = spark(values, 24, encoding=getattr(sys.stderr, "encoding", None) or "ascii")
    return f"loss {values[0]:.4g} to {values[-1]:.4g} in {run.last_step + 1} steps  {curve}"


def say(lines: Iterable[str]) -> None:
    """Write to stderr. A closed or full stderr is no reason to disturb a training."""
    try:
        encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
        for text in lines:
            shown = "\n".join(_dressed(line) for line in text.split("\n"))
            print(shown.encode(encoding, "replace").decode(encoding), file=sys.stderr, flush=True)
    except (OSError, ValueError, AttributeError):
        return


def _dressed(text: str) -> str:
    """Our name before a line; on a terminal also wrapped to its width, and the severity in colour."""
    text = visible(text)
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return PREFIX + text
    width = max(os.get_terminal_size(sys.stderr.fileno()).columns, 2 * len(PREFIX))
    indent = PREFIX + " " * (len(text) - len(text.lstrip(" "))) + "  "
    lines = textwrap.wrap(PREFIX + text, width - 1, subsequent_indent=indent, break_on_hyphens=False)
    severity = _SEVERITY.match(text)
    if severity is None or os.environ.get("NO_COLOR"):
        return "\n".join(lines)
    word = severity[0]
    return "\n".join(lines).replace(word, f"\x1b[{COLOURS[severity[1]]}m{word}\x1b[0m", 1)
