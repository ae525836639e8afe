"""Layer by time: what happened inside the network, one row a layer, one column a look."""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from netsitter.run import Run
from netsitter.series import Series
from netsitter.views.report.figure import Figure, Numbers, figure
from netsitter.views.report.text import number, short, visible

SHADES = 9
"""Steps of the colour scale, as classes of the style sheet: a reading of viridis, dark to light."""
MOST_LAYERS = 36
"""Rows of a map. Layers that a finding names are always among them; the rest are spread over the depth."""
MOST_LOOKS = 72
"""Columns of a map: several looks share one where there were more, and the most extreme is shown."""
ROW, LEFT, WIDTH, TOP = 15, 150, 560, 8


@dataclass(frozen=True, kw_only=True)
class Map:
    """One number of every layer over time."""

    pattern: str
    title: str
    words: str
    is_log: bool = False
    limits: tuple[float, float] | None = None
    """Ends of the colour scale; those of the numbers themselves where None."""


MAPS = (
    Map(
        pattern="grad_norm/*",
        title="Gradients",
        words="Length of each layer's gradient. Rows that darken towards the top are layers which hardly "
        "learn; a row that turns bright is one whose steps grow.",
        is_log=True,
    ),
    Map(
        pattern="update_ratio/*",
        title="Updates",
        words="How far one step moves a layer's weights, relative to their length. Around 10⁻³ is usual; "
        "10⁻¹ overwrites what was learnt, 10⁻⁶ changes nothing.",
        is_log=True,
    ),
    Map(
        pattern="dead/*",
        title="Dead units",
        words="Share of units that are 0 for every row of the batch. Bright rows have lost units for good.",
        limits=(0.0, 1.0),
    ),
    Map(
        pattern="saturated/*",
        title="Saturated units",
        words="Share of sigmoid or tanh outputs at their flat ends, where hardly any gradient passes.",
        limits=(0.0, 1.0),
    ),
    Map(
        pattern="act_std/*",
        title="Signal",
        words="Standard deviation of each layer's output. Even from row to row is healthy; a signal that "
        "fades or swells with the depth is an initialisation that does not fit.",
        is_log=True,
    ),
)


def layer_figures(run: Run, named: Collection[str] = ()) -> list[Figure]:
    """Every map that the run can fill; ``named`` are layers that findings point at."""
    model = run.facts.get("model") or {}
    known = [*(model.get("modules") or {}), *(model.get("parameters") or {})]
    made = [_figure(view, _rows(run.match(view.pattern), named, known)) for view in MAPS]
    return [map_ for map_ in made if map_]


def _rows(found: Mapping[str, Series], named: Collection[str], known: Iterable[str]) -> dict[str, Series]:
    """Weights rather than biases, from the input side down, at most ``MOST_LAYERS``."""
    order = {name: place for place, name in enumerate(known)}
    rows = {name: series for name, series in found.items() if len(series) > 1 and not name.endswith("bias")}
    rows = dict(sorted(rows.items(), key=lambda item: order.get(item[0], len(order))))
    if len(rows) <= MOST_LAYERS:
        return rows
    wanted = [name for name in rows if name in named][: MOST_LAYERS // 2]
    spread = np.linspace(0, len(rows) - 1, MOST_LAYERS - len(wanted)).astype(int)
    chosen = {*wanted, *(list(rows)[i] for i in spread)}
    return {name: series for name, series in rows.items() if name in chosen}


def looks(rows: Mapping[str, Series]) -> tuple[np.ndarray, np.ndarray]:
    """First step of each column, shape (c,), and values, shape (rows, c).

    Where several looks share a column the one farthest from the layer's median is kept, and one that is no
    finite number before any other, as infinity. NaN stands for no look.
    """
    steps = np.unique(np.concatenate([series.steps for series in rows.values()]))
    parts = np.array_split(steps, min(MOST_LOOKS, len(steps)))
    starts = np.array([part[0] for part in parts])
    table = np.full((len(rows), len(parts)), np.nan)
    for row, series in enumerate(rows.values()):
        middle = float(np.median(series.finite)) if len(series.finite) else 0.0
        column = np.searchsorted(starts, series.steps, side="right") - 1
        farthest: dict[int, float] = {}
        for place, value in zip(column.tolist(), series.values.tolist(), strict=True):
            distance = abs(value - middle) if math.isfinite(value) else math.inf
            if distance >= farthest.get(place, -1.0):
                farthest[place] = distance
                table[row, place] = value if math.isfinite(value) else math.inf
    return starts, table


def _figure(view: Map, rows: Mapping[str, Series]) -> Figure | None:
    if not rows:
        return None
    starts, table = looks(rows)
    known = table[np.isfinite(table) & ((table > 0) | (not view.is_log))]
    if not len(known):
        return None
    low, high = view.limits or (float(known.min()), float(known.max()))
    shades = _shades(table, low, high, is_log=view.is_log)
    numbers = Numbers(
        head=("layer", "first", "median", "last", "smallest", "largest"),
        rows=[(name, *_summary(series)) for name, series in rows.items()],
    )
    words = view.words + f" {len(starts)} looks at {len(rows)} layers, the input side on top."
    drawn = _draw(view, list(rows), starts, shades, (low, high))
    return figure(drawn, words, numbers, title=view.title)


def _summary(series: Series) -> tuple[float, ...]:
    finite = series.finite if len(series.finite) else np.array([math.nan])
    return (series.first, float(np.median(finite)), series.last, float(finite.min()), float(finite.max()))


def _shades(table: np.ndarray, low: float, high: float, *, is_log: bool) -> np.ndarray:
    """The step of the colour scale of each value, SHADES for a value that was no number, -1 for none."""
    values = np.where(np.isfinite(table), table, low)
    with np.errstate(divide="ignore"):
        values, ends = (
            (np.log10(values), np.log10([low, high])) if is_log else (values, np.array([low, high]))
        )
    share = (values - ends[0]) / max(ends[1] - ends[0], 1e-12)
    shades = np.clip(share * SHADES, 0, SHADES - 1).astype(int)
    return np.where(np.isnan(table), -1, np.where(np.isinf(table), SHADES, shades))


def _draw(
    view: Map, names: list[str], starts: np.ndarray, shades: np.ndarray, ends: tuple[float, float]
) -> Markup:
    """One path a shade, each cell a small box of it: a map of a thousand cells stays a few kB."""
    floor = TOP + ROW * len(names)
    wide = (WIDTH - LEFT - 14) / len(starts)
    marks = []
    for shade in np.unique(shades[shades >= 0]).tolist():
        boxes = [
            f"M{LEFT + wide * column:.1f} {TOP + ROW * row}h{wide + 0.3:.1f}v{ROW - 1}h-{wide + 0.3:.1f}z"
            for row, column in zip(*np.nonzero(shades == shade), strict=True)
        ]
        style = "lost" if shade == SHADES else f"shade{shade}"
        marks.append(Markup('<path class="{}" d="{}"/>').format(style, "".join(boxes)))
    for row, name in enumerate(names):
        marks.append(_label(LEFT - 8, TOP + ROW * row + 11, short(name, 24), "end", "label small"))
    for column in np.unique(np.linspace(0, len(starts) - 1, min(6, len(starts))).astype(int)).tolist():
        marks.append(
            _label(LEFT + wide * (column + 0.5), floor + 14, f"{starts[column]:,}", "middle", "tick")
        )
    marks.append(_label((LEFT + WIDTH) / 2, floor + 30, "step (each column is one look)", "middle", "tick"))
    marks += _scale(floor + 40, ends, has_lost=bool((shades == SHADES).any()))
    title = f"{view.title}: {len(names)} layers over {len(starts)} looks, a map of colours"
    return Markup('<svg class="plot" role="img" aria-label="{}" viewBox="0 0 {} {}">{}</svg>').format(
        visible(title), WIDTH, floor + 56, Markup("").join(marks)
    )


def _scale(top: float, ends: tuple[float, float], *, has_lost: bool) -> list[Markup]:
    """The colours with the numbers at their ends."""
    box = 20
    marks = [
        Markup('<rect class="shade{}" x="{}" y="{}" width="{}" height="9"/>').format(
            i, LEFT + box * i, top, box
        )
        for i in range(SHADES)
    ]
    marks.append(_label(LEFT - 8, top + 9, number(ends[0]), "end", "tick"))
    marks.append(_label(LEFT + box * SHADES + 8, top + 9, number(ends[1]), "start", "tick"))
    if has_lost:
        marks.append(
            Markup('<rect class="lost" x="{}" y="{}" width="14" height="9"/>').format(LEFT + 262, top)
        )
        marks.append(_label(LEFT + 281, top + 9, "no finite number", "start", "tick"))
    return marks


def _label(x: float, y: float, text: str, anchor: str, style: str) -> Markup:
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        style, f"{x:.1f}", f"{y:.1f}", anchor, visible(text)
    )
