"""A small plot as inline SVG. Colours are classes of the page's style sheet, so dark mode just works."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from markupsafe import Markup

from netsitter.views.report.text import number, visible

FEW = 5.0
"""A logarithmic axis over less than this ratio has ordinary round ticks."""
TINY = 1e-250
"""A logarithmic axis takes what is smaller for 0: near the end of the floats ratios are lost."""
Numbers = Sequence[float] | np.ndarray

MOST_POINTS = 700
"""Of one line: more than a screen can show at the width of a plot."""
LABEL_HEIGHT = 13.0
"""Room that a line of text takes in a plot, in its own units."""


@dataclass(frozen=True, kw_only=True)
class Axis:
    """From numbers to a place between 0 and 1, with round ticks."""

    low: float
    high: float
    is_log: bool = False
    label: str = ""

    def place(self, value: float) -> float:
        if self.is_log:
            low, high = math.log10(self.low), math.log10(self.high)
            return (math.log10(max(value, self.low)) - low) / (high - low)
        return (value - self.low) / (self.high - self.low)

    def value(self, place: float) -> float:
        """The inverse of ``place``."""
        if self.is_log:
            low, high = math.log10(self.low), math.log10(self.high)
            return 10 ** (low + place * (high - low))
        return self.low + place * (self.high - self.low)

    def ticks(self, count: int = 5) -> list[float]:
        """Round values within the axis, about ``count`` of them."""
        if self.is_log and self.high / self.low > FEW:
            return _log_ticks(self.low, self.high)
        step = _round_step((self.high - self.low) / count)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [i * step for i in range(first, last + 1)]


def axis_over(
    values: Iterable[float], *, is_log: bool = False, label: str = "", margin: float = 0.05
) -> Axis:
    """An axis that holds all finite ``values`` with some air around them."""
    finite = [float(v) for v in values if math.isfinite(v) and (v > TINY or not is_log)] or [1.0, 2.0]
    low, high = min(finite), max(finite)
    if is_log:
        first, last = math.log10(low), math.log10(high)
        air = max(margin * (last - first), 0.02)
        return Axis(low=10 ** (first - air), high=10 ** (last + air), is_log=True, label=label)
    size = max(abs(low), abs(high))
    if high - low <= max(1e-9 * size, TINY):
        air = 0.1 * (size if size > TINY else 1.0)
        low, high = low - air, high + air
    air = margin * (high - low)
    return Axis(low=low - air, high=high + air, label=label)


def _round_step(step: float) -> float:
    power = 10 ** math.floor(math.log10(step))
    return next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= step * (1 - 1e-9))


def _log_ticks(low: float, high: float) -> list[float]:
    """1-2-5 in each decade, fewer where there are many decades."""
    decades = math.log10(high) - math.log10(low)
    heads = (1, 2, 5) if decades < 2.5 else (1,)
    stride = max(1, round(decades / 5))
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [h * 10.0**p for p in powers if p % stride == 0 for h in heads]
    return [t for t in ticks if low <= t <= high]


@dataclass(kw_only=True)
class Plot:
    """Marks on two axes; ``render`` makes one ``<svg>`` of them. Later marks lie above earlier ones."""

    x: Axis
    y: Axis
    title: str
    """Says to a screen reader what is to be seen."""
    width: int = 640
    height: int = 280
    left: int = 62
    right: int = 14
    top: int = 12
    bottom: int = 40
    marks: list[Markup] = field(default_factory=list)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a point lies on the canvas; one beyond an axis lies on its edge."""
        across = min(max(self.x.place(x), 0.0), 1.0)
        up = min(max(self.y.place(y), 0.0), 1.0)
        return (
            self.left + across * (self.width - self.left - self.right),
            self.height - self.bottom - up * (self.height - self.top - self.bottom),
        )

    def line(self, xs: Numbers, ys: Numbers, style: str, *, keep: Iterable[float] = ()) -> None:
        """A line that breaks where a value is not finite; points at the places ``keep`` are never dropped."""
        path, pen_up = [], True
        for x, y in thinned(xs, ys, keep=keep):
            if not math.isfinite(y):
                pen_up = True
                continue
            px, py = self.at(x, y)
            path.append(f"{'M' if pen_up else 'L'}{px:.1f} {py:.1f}")
            pen_up = False
        self._mark('<path class="line {}" d="{}"/>', style, "".join(path))

    def broken(self, xs: Numbers, ys: Numbers) -> None:
        """A bar along the top over every stretch of values that are no finite numbers, named at the first."""
        x, lost = np.asarray(xs, dtype=float), ~np.isfinite(np.asarray(ys, dtype=float))
        if not lost.any():
            return
        starts = np.flatnonzero(lost & ~np.r_[False, lost[:-1]])
        ends = np.flatnonzero(lost & ~np.r_[lost[1:], False])
        bars = [
            (self.at(x[i], self.y.high)[0], self.at(x[j], self.y.high)[0])
            for i, j in zip(starts, ends, strict=True)
        ]
        path = "".join(
            f"M{start:.1f} {self.top}h{max(end - start, 3):.1f}v5h-{max(end - start, 3):.1f}z"
            for start, end in bars
        )
        self._mark('<path class="lost" d="{}"/>', path)
        first = float(x[starts[0]])
        is_right = self.x.place(first) > 0.6
        anchor, side = ("end", -6) if is_right else ("start", 6)
        words = f"no number from step {first:,.0f}"
        self.text(first, self.y.high, words, anchor=anchor, style="lost halo", shift=(side, 18))

    def ends(self, named: Mapping[str, tuple[float, str]], *, at: float | None = None) -> None:
        """Names beside the ends of lines, in the right margin: ``{"training": (value, style)}``."""
        levels = {name: level for name, (level, _) in named.items() if math.isfinite(level)}
        for name, level in self.apart(levels):
            x = self.x.high if at is None else at
            self.text(x, level, name, style=f"end {named[name][1]}", shift=(6, 4))

    def apart(self, levels: Mapping[str, float]) -> list[tuple[str, float]]:
        """Heights at which to write each name so that no two overlap: from the bottom up."""
        room = LABEL_HEIGHT / (self.height - self.top - self.bottom)
        placed: list[tuple[str, float]] = []
        for name, level in sorted(levels.items(), key=lambda item: item[1]):
            lowest = self.y.place(placed[-1][1]) + room if placed else 0.0
            placed.append((name, self.y.value(max(self.y.place(level), lowest))))
        return placed

    def band(self, xs: Numbers, low: Numbers, high: Numbers, style: str) -> None:
        """The area between two lines."""
        edge = [*zip(xs, high, strict=True), *reversed(list(zip(xs, low, strict=True)))]
        points = " ".join(f"{px:.1f},{py:.1f}" for px, py in (self.at(x, y) for x, y in edge))
        self._mark('<polygon class="band {}" points="{}"/>', style, points)

    def dots(self, xs: Numbers, ys: Numbers, style: str, radius: float = 2.5) -> None:
        for x, y in zip(xs, ys, strict=True):
            if math.isfinite(x) and math.isfinite(y):
                px, py = self.at(x, y)
                self._mark(
                    '<circle class="dot {}" cx="{}" cy="{}" r="{}"/>', style, f"{px:.1f}", f"{py:.1f}", radius
                )

    def bar(self, x: tuple[float, float], y: tuple[float, float], style: str) -> None:
        (x0, y0), (x1, y1) = self.at(x[0], y[0]), self.at(x[1], y[1])
        self._mark(
            '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>',
            style,
            f"{min(x0, x1):.1f}",
            f"{min(y0, y1):.1f}",
            f"{abs(x1 - x0):.1f}",
            f"{abs(y1 - y0):.1f}",
        )

    def across(self, y: float, style: str, label: str = "") -> None:
        """A horizontal line through the whole plot, with its label at the right end above it."""
        self.line([self.x.low, self.x.high], [y, y], style)
        if label:
            self.text(self.x.high, y, label, anchor="end", style=style, shift=(-4, -4))

    def upright(self, x: float, style: str, label: str = "") -> None:
        """A vertical line through the whole plot, with its label at the top."""
        self.line([x, x], [self.y.low, self.y.high], style)
        if label:
            is_right = self.x.place(x) > 0.7
            anchor, side = ("end", -5) if is_right else ("start", 5)
            self.text(x, self.y.high, label, anchor=anchor, style=f"halo {style}", shift=(side, 12))

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        anchor: str = "start",
        style: str = "",
        shift: tuple[float, float] = (0, 0),
    ) -> None:
        px, py = self.at(x, y)
        self._mark(
            '<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>',
            style,
            f"{px + shift[0]:.1f}",
            f"{py + shift[1]:.1f}",
            anchor,
            visible(text),
        )

    def _mark(self, template: str, *values: object) -> None:
        self.marks.append(Markup(template).format(*values))

    def render(self, *, x_ticks: bool = True, y_ticks: bool = True) -> Markup:
        """The whole plot; without ticks an axis is bare, for rows that carry their own names."""
        grid = [*(self._x_ticks() if x_ticks else []), *(self._y_ticks() if y_ticks else [])]
        head = Markup('<svg class="plot" role="img" aria-label="{}" viewBox="0 0 {} {}">').format(
            visible(self.title), self.width, self.height
        )
        return head + Markup("").join([*grid, *self.marks]) + Markup("</svg>")

    def _x_ticks(self) -> Iterable[Markup]:
        floor = self.height - self.bottom
        for value in self.x.ticks():
            px = self.at(value, self.y.low)[0]
            yield Markup('<line class="grid" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>').format(
                f"{px:.1f}", self.top, floor
            )
            yield _tick(px, floor + 15, "middle", number(value))
        if self.x.label:
            middle = (self.left + self.width - self.right) / 2
            yield _tick(middle, self.height - 6, "middle", self.x.label)

    def _y_ticks(self) -> Iterable[Markup]:
        for value in self.y.ticks():
            py = self.at(self.x.low, value)[1]
            yield Markup('<line class="grid" x1="{1}" x2="{2}" y1="{0}" y2="{0}"/>').format(
                f"{py:.1f}", self.left, self.width - self.right
            )
            yield _tick(self.left - 7, py + 4, "end", number(value))
        if self.y.label:
            middle = (self.top + self.height - self.bottom) / 2
            yield Markup(
                '<text class="tick" transform="translate(13 {}) rotate(-90)" text-anchor="middle">{}</text>'
            ).format(f"{middle:.1f}", visible(self.y.label))


def _tick(x: float, y: float, anchor: str, text: str) -> Markup:
    return Markup('<text class="tick" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        f"{x:.1f}", f"{y:.1f}", anchor, visible(text)
    )


def thinned(xs: Numbers, ys: Numbers, *, keep: Iterable[float] = ()) -> list[tuple[float, float]]:
    """About ``MOST_POINTS`` points, in order: of every stretch the smallest, the largest and the first that
    is no finite number, and every point at a place that ``keep`` names."""
    x, y = np.asarray(xs, dtype=float), np.asarray(ys, dtype=float)
    chosen = np.arange(len(y))
    if len(y) > MOST_POINTS:
        size = math.ceil(len(y) / (MOST_POINTS / 2))
        kept = {0, len(y) - 1, *np.flatnonzero(np.isin(x, list(keep))).tolist()}
        for start in range(0, len(y), size):
            part = y[start : start + size]
            lost = np.flatnonzero(~np.isfinite(part))
            kept |= {start + int(lost[0])} if len(lost) else set()
            if len(lost) < len(part):
                kept |= {start + int(np.nanargmin(_finite(part))), start + int(np.nanargmax(_finite(part)))}
        chosen = np.array(sorted(kept))
    return list(zip(x[chosen].tolist(), y[chosen].tolist(), strict=True))


def _finite(values: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(values), values, np.nan)
