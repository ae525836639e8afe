"""Ends the arms of a process that dies without a word: killed, it cannot end them itself.

An arm is in a process session of its own, so that it can be ended with all that it started; but so it also
outlives the process that began it. The warden is a small process that knows the arms by a pipe: each arm
puts itself down, and is struck off when it is over. The pipe closes when the process that holds it is gone;
the warden then ends the arms that are left.
"""

import contextlib
import os
import signal
from typing import Self

BEGUN, OVER = b"+", b"-"


class Warden:
    """Enter it before arms are forked; leaving it ends the warden, and no arm."""

    def __enter__(self) -> Self:
        end, self._book = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(self._book)
            _watch(end)
        os.close(end)
        return self

    def __exit__(self, *exc: object) -> None:
        os.close(self._book)
        os.waitpid(self._pid, 0)

    def put_down(self) -> None:
        """In a new arm: from here on it ends with the process that began it."""
        self._write(BEGUN, os.getpid())
        os.close(self._book)

    def strike_off(self, pid: int) -> None:
        """An arm is over."""
        self._write(OVER, pid)

    def _write(self, what: bytes, pid: int) -> None:
        # Shorter than PIPE_BUF: written whole, whoever else writes (POSIX.1).
        with contextlib.suppress(BrokenPipeError):
            os.write(self._book, b"%s%d\n" % (what, pid))


def _watch(end: int) -> None:
    """In the warden: keep the book until the pipe is closed, then end who is left in it."""
    try:
        os.setsid()  # Ctrl-C is for the process that began it, which ends its arms in order
        with os.fdopen(end, "rb") as book:
            running: set[int] = set()
            for line in book:
                pid = int(line[1:])
                (running.add if line.startswith(BEGUN) else running.discard)(pid)
        for pid in running:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
    finally:
        os._exit(0)
