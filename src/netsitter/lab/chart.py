"""A chart of an experiment: named lines over one axis, drawn as SVG or told as a line of text."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from netsitter.views.report.plot import Plot, axis_over

Line = tuple[Sequence[float], Sequence[float]]
MOST_LINES = 8
"""As many as the palette of Okabe & Ito (2008) tells apart."""
SHADES = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, kw_only=True)
class Chart:
    """``lines`` maps a name to its x and y values; a value that is not finite breaks the line."""

    title: str
    x: str
    y: str
    lines: Mapping[str, Line]
    log_x: bool = False
    log_y: bool = False
    ceiling: float | None = None
    """Values above it lie on the upper edge: of a line that diverges only the others can be read."""

    def render(self) -> Markup:
        """The chart as ``<svg>``; its classes ``s0`` to ``s7`` are colours of the page."""
        xs = [x for line_x, _ in self.lines.values() for x in line_x]
        ys = [y for _, line_y in self.lines.values() for y in line_y if math.isfinite(y)]
        if self.ceiling is not None:
            ys = [min(y, self.ceiling) for y in ys]
        plot = Plot(
            x=axis_over(xs, is_log=self.log_x, label=self.x, margin=0.02),
            y=axis_over(ys, is_log=self.log_y, label=self.y),
            title=f"{self.title}: {self.y} over {self.x} for {', '.join(self.lines)}",
            width=560,
            height=320,
            left=70,
        )
        for index, (line_x, line_y) in enumerate(self.lines.values()):
            style = f"s{index % MOST_LINES}"
            plot.line(line_x, line_y, style)
            if len(line_x) <= 12:
                plot.dots(line_x, line_y, style, 3.5)
        return plot.render()

    def spark(self, name: str, width: int = 40) -> str:
        """The line of that name in one row of block characters, on the chart's own scale."""
        values = self._scaled(np.asarray(self.lines[name][1], dtype=float))
        everything = np.concatenate(
            [self._scaled(np.asarray(ys, dtype=float)) for _, ys in self.lines.values()]
        )
        known = everything[np.isfinite(everything)]
        if not len(known):
            return "×" * min(width, len(values))
        low, high = float(known.min()), float(known.max())
        at = np.linspace(0, len(values) - 1, min(width, len(values))).round().astype(int)
        return "".join(_shade(value, low, high) for value in values[at].tolist())

    def _scaled(self, values: np.ndarray) -> np.ndarray:
        if self.ceiling is not None:
            values = np.where(values > self.ceiling, self.ceiling, values)
        if self.log_y:
            with np.errstate(all="ignore"):
                values = np.log10(values)
        return values


def _shade(value: float, low: float, high: float) -> str:
    """``×`` where there is no number."""
    if not math.isfinite(value):
        return "×"
    share = (value - low) / (high - low) if high > low else 0.0
    return SHADES[min(int(share * len(SHADES)), len(SHADES) - 1)]
