"""The run folder: its files, its journal, its clock.

Resuming is repeating: the recipe runs from the top each time, and every piece of work that took
time is remembered in the journal under a key. A killed run therefore continues where it was and
ends with the same model. The clock enters only through ``decide``, so copying the decisions of a
finished run repeats it bit for bit without a clock.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from netsitter.errors import UsageError
from netsitter.files import write_atomic
from netsitter.run import Run


class RunFolder:
    """An open run folder. ``run`` is its log; a context manager, it holds the folder's lock.

    ``started`` is when the work on it began, on the clock of ``time.monotonic``; now by default.
    """

    def __init__(self, path: Path, *, started: float | None = None) -> None:
        self.path = path
        try:
            for part in ("state", "trials", "model"):
                (path / part).mkdir(parents=True, exist_ok=True)
            self._lock = _lock(path / "state" / "lock")
            self.run = Run.create(path)
            journal = path / "state" / "journal.jsonl"
            self._memory, whole = _read_journal(journal)
            self._journal = journal.open("a", encoding="utf-8")
            self._journal.truncate(whole)
        except OSError as error:
            raise UsageError(f"cannot write the run folder {path}: {error.strerror}.") from None
        self._spent_before = max((line["clock"] for line in self._memory.values()), default=0.0)
        self._started = time.monotonic() if started is None else started

    @property
    def spent(self) -> float:
        """Seconds of work put into this run, those before an interruption included."""
        return self._spent_before + time.monotonic() - self._started

    def once(self, key: str, compute: Callable[[], Any]) -> Any:
        """The value remembered under ``key``, or else the result of ``compute``, a JSON value."""
        return self._remember(key, compute, "result")

    def decide(self, key: str, choose: Callable[[], Any]) -> Any:
        """As ``once``, for what depends on the clock; a replay takes it from the run it repeats."""
        return self._remember(key, choose, "decision")

    def knows(self, key: str) -> bool:
        return key in self._memory

    def newest(self, prefix: str) -> Any:
        """The value remembered last under a key that begins with ``prefix``; None if there is none."""
        keys = (key for key in reversed(self._memory) if key.startswith(prefix))
        key = next(keys, None)
        return self._memory[key]["value"] if key is not None else None

    def seconds_of(self, key: str) -> float:
        """How long a finished piece of work took. Only to be read inside ``decide``."""
        clocks = [line["clock"] for line in self._memory.values()]
        place = list(self._memory).index(key)
        return max(0.0, clocks[place] - clocks[place - 1]) if place else clocks[0]

    def copy_decisions(self, other: Path) -> None:
        """Take over what another run decided by its clock."""
        for line in read_journal(other / "state" / "journal.jsonl").values():
            if line["kind"] == "decision" and line["key"] not in self._memory:
                self._append({**line, "clock": 0.0})

    def _remember(self, key: str, compute: Callable[[], Any], kind: str) -> Any:
        if key not in self._memory:
            value = compute()
            self._append({"key": key, "kind": kind, "value": value, "clock": round(self.spent, 3)})
        return self._memory[key]["value"]

    def _append(self, line: dict[str, Any]) -> None:
        # Through JSON also in memory: a resumed run must see exactly what an unbroken one saw.
        text = json.dumps(line)
        self._journal.write(text + "\n")
        self._journal.flush()
        self._memory[line["key"]] = json.loads(text)

    def write(self, name: str, content: bytes | str) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, content)
        return path

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.run.close()
        self._journal.close()
        self._lock.close()


def read_journal(path: Path) -> dict[str, dict[str, Any]]:
    """The lines of a journal by key; of one that another process writes, those that are whole."""
    return _read_journal(path)[0]


def is_locked(path: Path) -> bool:
    """Whether a process, also this one, works in the run folder ``path``."""
    try:
        _lock(path / "state" / "lock").close()
    except UsageError:
        return True
    return False


def _read_journal(path: Path) -> tuple[dict[str, dict[str, Any]], int]:
    """Lines by key, and the bytes up to the end of the last whole one: a torn line is forgotten."""
    lines: dict[str, dict[str, Any]] = {}
    whole = 0
    for text in path.read_bytes().splitlines(keepends=True) if path.exists() else ():
        try:
            line = json.loads(text)
        except ValueError:
            break
        if not text.endswith(b"\n"):
            break
        lines[line["key"]] = line
        whole += len(text)
    return lines, whole


def _lock(path: Path) -> Any:
    """Hold the folder for this process; the system lets go of it however the process ends."""
    file = path.open("w")
    try:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:  # no such locks on this system
        pass
    except OSError:
        file.close()
        raise UsageError(f"another process is working in {path.parent.parent}; wait for it to end.") from None
    return file
