"""What happened in every layer over time, as a table that a page can colour."""

import math
from typing import Any

import numpy as np

from netsitter.run import Run
from netsitter.views.page.card import number

FAMILIES = {
    "grad_norm": "gradient norm",
    "update_ratio": "size of an update against its weight",
    "act_std": "spread of the outputs",
    "dead": "dead units, share",
    "saturated": "saturated units, share",
    "weight_norm": "weight norm",
}
"""Numbers that are kept for each layer, and what the page calls them."""
ROWS, COLUMNS = 64, 96
"""A map has at most so many cells; of what falls into one cell the most extreme is kept."""


def layer_maps(run: Run) -> list[dict[str, Any]]:
    """One map a family: ``rows`` names, ``steps`` at which each column begins, ``cells`` row by row.

    A cell is a number, a word for what is not finite, or null where nothing was recorded.
    """
    maps = []
    for family, title in FAMILIES.items():
        series = {name: s for name, s in run.match(f"{family}/*").items() if len(s) > 1}
        if series:
            names = list(series)
            steps = np.unique(np.concatenate([s.steps for s in series.values()]))
            columns = min(COLUMNS, len(steps))
            edges = steps[np.linspace(0, len(steps), columns + 1).astype(int)[:-1]]
            groups = np.array_split(np.arange(len(names)), min(ROWS, len(names)))
            rows = [
                _row([(series[names[i]].steps, series[names[i]].values) for i in group], edges)
                for group in groups
            ]
            labels = [_label([names[i] for i in group]) for group in groups]
            maps.append(
                {"family": family, "title": title, "rows": labels, "steps": edges.tolist(), "cells": rows}
            )
    return maps


def _label(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} … {names[-1]}"


def _row(series: list[tuple[np.ndarray, np.ndarray]], edges: np.ndarray) -> list[float | str | None]:
    """The largest value in every column; NaN and infinity count as larger than all."""
    cells: list[float | str | None] = [None] * len(edges)
    highest = [-math.inf] * len(edges)
    for steps, values in series:
        columns = (np.searchsorted(edges, steps, side="right") - 1).tolist()
        for column, value in zip(columns, values.tolist(), strict=True):
            extremity = value if math.isfinite(value) else math.inf
            if extremity >= highest[column]:
                highest[column], cells[column] = extremity, _brief(value)
    return cells


def _brief(value: float) -> float | str:
    return float(f"{value:.4g}") if math.isfinite(value) else number(value)
