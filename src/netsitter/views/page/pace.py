"""Whether the page may work on, or would take time from a training."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

NICE = 10
"""Priority of the server: where cores are short, a training gets about ten times as much of one."""
SHARED = 1.3
"""Wall time over processor time from which on work counts as having waited for a core."""
SHARE = 0.005
"""Of one core, where it is shared with a training."""
BURST = 3.0
"""Seconds of a shared core that may be spent in advance: a page that is opened wants to be seen."""


def be_nice() -> None:
    """Let trainings go first."""
    with suppress(OSError, AttributeError):
        os.nice(NICE)


class Pace:
    """Measures pieces of work and says how long to rest after each. Idle cores cost nothing."""

    def __init__(self) -> None:
        self._credit = BURST
        self._counted = time.monotonic()

    @contextmanager
    def of(self, is_training: bool) -> Iterator[Callable[[], float]]:
        """Do a piece of work inside, and after it call what this yields for the seconds to rest.

        Without a training there is nothing to rest for.
        """
        wall, own = time.perf_counter(), time.thread_time()
        took: list[float] = []
        yield lambda: self._rest(took[0] if is_training else 0.0)
        own = time.thread_time() - own
        has_waited = time.perf_counter() - wall > SHARED * own + 1e-3
        took.append(own if has_waited else 0.0)

    def _rest(self, spent: float) -> float:
        now = time.monotonic()
        earned = SHARE * (now - self._counted)
        self._counted = now
        self._credit = min(BURST, self._credit + earned) - spent
        return -self._credit / SHARE if spent and self._credit < 0 else 0.0
