"""What the list shows of a run, and how the run is doing."""

import math
from typing import Any

import numpy as np

from netsitter.run import Run, jsonable
from netsitter.series import Series

QUIET = 120.0
"""Seconds without a line after which a run without an end counts as interrupted; watching writes at least
every second, but a long validation pass, or a stage of the recipe, writes nothing for a while."""
SPARK = 40
"""Points of the small curve in the list."""


def status_of(end: dict[str, Any] | None, error: dict[str, Any] | None, quiet: float) -> tuple[str, str]:
    """``running``, ``finished``, ``failed`` or ``interrupted``, and why, in words.

    ``end`` and ``error`` are the run's; ``quiet``: seconds since anything was written.
    """
    if end is not None:
        status = str(end.get("status", "finished"))
        reason = end.get("reason") or (error or {}).get("message", "")
        return status if status in ("failed", "interrupted") else "finished", str(reason)
    if quiet < QUIET:
        return "running", ""
    return "interrupted", f"no end is on record, and nothing was written for {_words(quiet)}"


def _words(seconds: float) -> str:
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} seconds"


def numbers_of(run: Run) -> dict[str, Any]:
    """Step, newest losses and a small curve. JSON values; what is not finite is a word."""
    validation = run["val/loss"]
    best = float(validation.finite.min()) if len(validation.finite) else None
    return {
        "step": max(run.last_step, 0),
        "loss": number(run["loss"].last) if run["loss"] else None,
        "val": number(validation.last) if validation else None,
        "best": best,
        "spark": spark(run["loss"] or validation),
    }


def number(value: float) -> float | str:
    return value if math.isfinite(value) else repr(value)


def spark(series: Series) -> list[float | None]:
    """Medians over equal parts of the steps; null where nothing was finite."""
    steps, values = series.steps, series.values
    if len(values) <= SPARK:
        return jsonable(values)
    edges = np.linspace(steps[0], steps[-1] + 1, SPARK + 1)[1:-1]
    parts = np.split(values, np.searchsorted(steps, edges))
    medians = [np.median(part[np.isfinite(part)]) for part in parts if np.isfinite(part).any()]
    return [float(f"{median:.4g}") for median in medians]
