"""A picture with everything that goes with it: a caption, a key, and the same numbers as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

MOST_ROWS = 60
"""Of the table behind a picture; of a longer one every n-th row is shown, the last among them."""


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """The numbers behind a picture."""

    head: tuple[str, ...]
    rows: Sequence[Sequence[Any]] = ()

    @property
    def shown(self) -> Sequence[Sequence[Any]]:
        """At most ``MOST_ROWS`` of the rows, spread evenly from the first to the last."""
        if len(self.rows) <= MOST_ROWS:
            return self.rows
        last = len(self.rows) - 1
        return [self.rows[round(i * last / (MOST_ROWS - 1))] for i in range(MOST_ROWS)]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One or several views of the same numbers; with several the reader chooses."""

    views: Mapping[str, Markup]
    """The drawings by the name of each, for example linear and logarithmic."""
    caption: str
    """What is to be seen in it, in plain words."""
    numbers: Numbers | None = None
    key: Sequence[tuple[str, str]] = field(default_factory=tuple)
    """(style, meaning) of what the drawing itself does not name."""
    title: str = ""
    is_wide: bool = False


def figure(plot: Markup | None, caption: str, numbers: Numbers | None = None, **more: Any) -> Figure | None:
    """A figure of one drawing; None where there is nothing to draw."""
    return Figure(views={"": plot}, caption=caption, numbers=numbers, **more) if plot else None
