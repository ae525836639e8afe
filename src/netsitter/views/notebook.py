"""Findings as a table for a notebook."""

import html
from collections.abc import Iterable

from netsitter.finding import Finding

SHOWN = 4
"""Places named in a row."""


def table(findings: Iterable[Finding], step: int) -> str:
    """HTML: one row a finding, under the step that was seen last."""
    rows = "".join(
        f"<tr><td>{f.severity}</td><td>{html.escape(f.name)}</td><td>{html.escape(f.message)}</td>"
        f"<td>{html.escape(', '.join(f.where[:SHOWN]))}</td></tr>"
        for f in findings
    )
    return f"<table><tr><th colspan=4>netsitter, step {step}</th></tr>{rows}</table>"
