"""Progress of a recipe on stderr: the stage, the time left, the best so far."""

import sys
import time
from collections.abc import Callable, Sequence
from typing import Protocol


class Progress(Protocol):
    """What the recipe tells of its progress."""

    def say(self, text: str) -> None:
        """A line that stays: a guess, a plan, a decision."""
        ...

    def stage_began(self, stage: str, time_left: Callable[[], float]) -> None: ...

    def trial_ended(self, best: float | None) -> None: ...

    def stage_ended(self, stage: str, text: str, findings: Sequence[str]) -> None: ...


class Quiet:
    """Says nothing."""

    def say(self, text: str) -> None: ...

    def stage_began(self, stage: str, time_left: Callable[[], float]) -> None: ...

    def trial_ended(self, best: float | None) -> None: ...

    def stage_ended(self, stage: str, text: str, findings: Sequence[str]) -> None: ...


class Terminal:
    """One paragraph a stage; on a terminal also one line that is rewritten as trials end."""

    REFRESH = 0.2
    """Seconds between two drawings of the moving line."""

    def __init__(self, metric: str = "") -> None:
        from rich.console import Console

        self.console = Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())
        self.metric = metric
        self._stage, self._number, self._drawn = "", 0, 0.0
        self._time_left: Callable[[], float] = lambda: 0.0
        self._status = self.console.status("", spinner="dots") if self.console.is_terminal else None

    def say(self, text: str) -> None:
        self.console.print(text, markup=False)

    def stage_began(self, stage: str, time_left: Callable[[], float]) -> None:
        self._stage, self._number, self._time_left = stage, 0, time_left
        if self._status is not None:
            self._status.start()
            self._status.update(f"{stage} · {_minutes(time_left())} left")

    def trial_ended(self, best: float | None) -> None:
        self._number += 1
        if self._status is None or time.monotonic() - self._drawn < self.REFRESH:
            return
        self._drawn = time.monotonic()
        shown = f"best {best:.4g}" if best is not None else "none usable yet"
        self._status.update(
            f"{self._stage} · trial {self._number} · {shown} · {_minutes(self._time_left())} left"
        )

    def stage_ended(self, stage: str, text: str, findings: Sequence[str]) -> None:
        if self._status is not None:
            self._status.stop()
        self.console.print(f"\n[bold]{stage}[/bold]", markup=True)
        self.say(text)


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(max(0, round(seconds)), 60)
    return f"{minutes}:{rest:02d}"
