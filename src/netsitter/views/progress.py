"""Progress of a recipe on stderr: the stages, the trials, the best so far, the time left."""

import math
import sys
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from netsitter.views.spark import spark
from netsitter.views.visible import visible

if TYPE_CHECKING:
    from rich.table import Table


class Progress(Protocol):
    """What the recipe tells of its progress."""

    def say(self, text: str) -> None:
        """A line that stays: a guess, a plan, a decision."""
        ...

    def stage_began(self, stage: str, time_left: Callable[[], float]) -> None: ...

    def trial_ended(self, best: float | None, curve: Sequence[float] = ()) -> None:
        """The best score so far, and the validation scores of the trial that has ended, in order."""
        ...

    def stage_ended(self, stage: str, text: str, findings: Sequence[str]) -> None: ...


class Quiet:
    """Says nothing."""

    def say(self, text: str) -> None: ...

    def stage_began(self, stage: str, time_left: Callable[[], float]) -> None: ...

    def trial_ended(self, best: float | None, curve: Sequence[float] = ()) -> None: ...

    def stage_ended(self, stage: str, text: str, findings: Sequence[str]) -> None: ...


class Terminal:
    """One paragraph a stage; on a terminal, below them, a table of the stages that moves.

    Nothing moves where stderr is no terminal or a dumb one. A context manager: leaving it takes the
    moving table away, whatever happened.
    """

    REFRESH = 2.0
    """Drawings a second: often enough for a clock, and each costs the training about a millisecond."""
    WIDE_ENOUGH = 56
    """Columns of a terminal from which on there is room for the curves."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.live import Live

        self.console = Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())
        self._stages: dict[str, _Stage] = {}
        self._told: set[str] = set()
        self._time_left: Callable[[], float] = lambda: 0.0
        moves = self.console.is_terminal and not self.console.is_dumb_terminal
        self._live = (
            Live(
                get_renderable=self._table,
                console=self.console,
                refresh_per_second=self.REFRESH,
                transient=True,
                redirect_stdout=False,
            )
            if moves
            else None
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def say(self, text: str) -> None:
        self.console.print(visible(text), markup=False)

    def stage_began(self, stage: str, time_left: Callable[[], float]) -> None:
        self._stages[stage] = _Stage()
        self._time_left = time_left
        if self._live is not None:
            self._live.start(refresh=True)

    def trial_ended(self, best: float | None, curve: Sequence[float] = ()) -> None:
        stage = next(reversed(self._stages.values()), None)
        if stage is not None:
            stage.trials += 1
            stage.best = best
            stage.bests.append(math.nan if best is None else best)
            stage.curve = tuple(curve)

    def stage_ended(self, stage: str, text: str, findings: Sequence[str]) -> None:
        if stage in self._stages:
            self._stages[stage].ended = time.monotonic()
        new = [name for name in findings if name not in self._told]
        self._told |= set(new)
        self.console.print(f"\n[bold]{stage}[/bold]", markup=True)
        self.say(text)
        if new:
            self.console.print(f"found: {', '.join(new)}", markup=False, style="yellow")

    def _table(self) -> "Table":
        """One row a stage; what does not fit into a narrow terminal is left out."""
        from rich.table import Table

        is_wide = self.console.width >= self.WIDE_ENOUGH
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
        heads = ("", "stage", "time", "trials", "best", "best by trial", "last trial")
        for head in heads if is_wide else heads[:5]:
            is_number = head in ("time", "trials", "best")
            table.add_column(
                head, no_wrap=True, overflow="ellipsis", justify="right" if is_number else "left"
            )
        for name, stage in self._stages.items():
            mark, trials = "✓" if stage.ended else "●", str(stage.trials) if stage.trials else ""
            cells = [mark, name, _minutes(stage.seconds), trials, stage.best_shown]
            if is_wide:
                encoding = self.console.encoding
                curves = spark(stage.bests, 16, encoding=encoding), spark(stage.curve, 10, encoding=encoding)
                cells += curves
            table.add_row(*map(self._shown, cells), style=None if stage.ended is None else "dim")
        table.add_row("", "time left", _minutes(self._time_left()), style="bold")
        return table

    def _shown(self, text: str) -> str:
        """Only what the terminal's encoding has a character for."""
        encoding = self.console.encoding
        return text.replace("✓", "x").replace("●", "*") if not encoding.lower().startswith("utf") else text


class _Stage:
    """What the table shows of a stage."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.ended: float | None = None
        self.trials = 0
        self.best: float | None = None
        self.bests: list[float] = []
        self.curve: tuple[float, ...] = ()

    @property
    def seconds(self) -> float:
        return (self.ended or time.monotonic()) - self.began

    @property
    def best_shown(self) -> str:
        if not self.trials:
            return ""
        return "none" if self.best is None else f"{self.best:.4g}"


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(max(0, round(seconds)), 60)
    return f"{minutes}:{rest:02d}"
