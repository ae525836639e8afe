"""One run that is served: its log, its verdict, and its card in the list."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from netsitter.run import Run
from netsitter.views.page.card import numbers_of, status_of
from netsitter.views.page.log import SLICE, Log, sample
from netsitter.views.page.verdict import Judge, headline

LONG = 1 << 23
"""Bytes from which on a log is sampled first, so that something is seen at once."""
BLOCKS = 400
"""Places at which a long log is sampled: 7 MB are read whatever its length."""
RESAMPLE = 10.0
"""Seconds after which the sample of a long log that is still being read is taken anew."""

MAKING_WAY = 0.005
"""Seconds in which a page that waits gets hold of the lock: locks go to the quickest, not to the first."""
TRIALS, TRIAL_END = "trials", {"status": "finished"}
"""The recipe writes the log of a trial in one piece when the trial is over, without a word of its end."""


class Entry:
    """A run by its opaque ``id``. Its lock is held while its numbers change or are looked at."""

    def __init__(self, run_id: str, path: Path, name: str, parent: str | None) -> None:
        self.id, self.path, self.name, self.parent = run_id, path, name, parent
        self._lock = threading.RLock()
        self._waiting: set[object] = set()
        """Pages that want to look."""
        self.log: Log | None = None
        self.judge = Judge()
        self.size, self.changed = 0, 0.0
        self.status, self.reason = "unread", ""
        self.is_settled = False
        """Whether the log was once read to its end; from then on it is followed."""
        self.points = 0
        """Points kept in memory."""
        self.card: dict[str, Any] = {}
        """What the list shows; JSON."""
        self.version = 0
        """Raised whenever the card changes."""
        self._sample: Run | None = None
        self._sampled = 0.0
        self._read_size = -1
        """The file's size when it was last read to its end."""
        self._seen: dict[str, Any] | None = None
        """Numbers, end and error as last read; kept when the log is forgotten."""

    # ---- what is there

    def notice(self) -> bool:
        """See how long the file is; False if it is gone."""
        try:
            status = self.path.stat()
        except OSError:
            return False
        self.size, self.changed = status.st_size, max(status.st_mtime, self.changed)
        self.renew_card()
        return True

    @property
    def run(self) -> Run:
        """What is known of the run: all of it, or a sample while it is read for the first time."""
        if self.is_sampled:
            return self._sample or Run()
        return self.log.run if self.log is not None else Run()

    @property
    def is_sampled(self) -> bool:
        return self._sample is not None and not self.is_settled

    @property
    def read_share(self) -> float:
        """How much of the log has been read, from 0 to 1."""
        if self.is_settled or not self.size:
            return 1.0
        return self.log.offset / self.size if self.log is not None else 0.0

    @property
    def is_behind(self) -> bool:
        return self.size != self._read_size

    @property
    def urgency(self) -> tuple[bool, bool, float]:
        """Sort key for reading: those not seen yet first, then the short ones, then the newest."""
        return (self._seen is not None, self.size > LONG, -self.changed)

    # ---- work

    @contextmanager
    def looked_at(self) -> Iterator[None]:
        """For a page: nothing changes inside. Who reads slice after slice makes way."""
        page = object()
        self._waiting.add(page)
        with self._lock:
            self._waiting.discard(page)
            yield

    def wake(self) -> Log:
        """The log; a forgotten one is read again."""
        with self._lock:
            if self.log is None:
                self.log, self.is_settled, self._read_size = Log(self.path), False, -1
            return self.log

    def read_on(self) -> bool:
        """Read a slice, or take a first look. False if someone else is at it.

        An unreadable file is left alone until it changes.
        """
        if self._waiting:
            time.sleep(MAKING_WAY)
        if not self._lock.acquire(blocking=False):
            return False
        try:
            self._read()
        except OSError as error:
            self._read_size, self.reason = self.size, f"cannot be read: {error.strerror}"
        finally:
            self.renew_card()
            self._lock.release()
        return True

    def _read(self) -> None:
        if self._seen is None:
            self._see(sample(self.path, blocks=0))
        elif not self.is_settled and self.size > LONG and time.monotonic() - self._sampled > RESAMPLE:
            self._sample, self._sampled = sample(self.path, blocks=BLOCKS), time.monotonic()
            self._see(self._sample)
        else:
            self._read_slice(self.wake())

    def _read_slice(self, log: Log) -> None:
        size, generation = self.size, log.generation
        took = log.read(SLICE)
        if log.generation != generation:
            self.is_settled = False
        if took == 0 or log.offset >= size:
            self._read_size, self.is_settled, self._sample = size, True, None
            self._see(log.run)
            self.points = sum(len(log.run[name]) for name in log.run.names())

    def _see(self, run: Run) -> None:
        end = run.end or (TRIAL_END if self.path.parent.parent.name == TRIALS else None)
        error = run.facts.get("error")
        self._seen = {
            "numbers": numbers_of(run),
            "end": end,
            "error": error if isinstance(error, dict) else None,
        }

    @property
    def _place(self) -> object:
        return (self.log.generation, self.log.offset, self.status == "running") if self.log else None

    @property
    def is_due(self) -> bool:
        """Whether there is something to judge."""
        return self.log is not None and self.is_settled and self.judge.is_due(self._place)

    def judge_run(self) -> None:
        with self._lock:
            if self.log is not None:
                self.judge.judge(self.log.run, self._place, goes_on=self.status == "running")
                self.renew_card()

    def forget(self) -> None:
        """Give back the numbers; the card and the verdict stay."""
        with self._lock:
            self.log, self.points, self._sample = None, 0, None

    def renew_card(self) -> None:
        seen = self._seen
        if seen is not None:
            self.status, self.reason = status_of(seen["end"], seen["error"], time.time() - self.changed)
        card = {
            "id": self.id,
            "name": self.name,
            "parent": self.parent,
            "status": self.status,
            "reason": self.reason,
            "changed": round(self.changed),
            "size": self.size,
            "verdict": headline(self.judge.verdict),
            **(seen["numbers"] if seen is not None else {}),
        }
        if card != self.card:
            self.card = card
            self.version += 1
