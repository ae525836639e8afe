"""All runs that are served: found by scanning, read on in slices, judged now and then.

Two threads work, and only while a page is open: one reads, one judges. Both rest when they find that
they take time from a training (see ``pace``).
"""

import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from netsitter.run import FILE_NAME
from netsitter.views import console
from netsitter.views.page.entry import Entry
from netsitter.views.page.pace import Pace

DEPTH = 5
"""Folders below the one served in which runs are looked for."""
FOUND = 20_000
"""More runs than this are not looked for."""
RESCAN = 2.0
"""Seconds between two searches for new and grown runs; more where a search takes long."""
GLANCE = 0.5
"""Seconds between two looks at whether the runs that are shown have grown."""
STUMBLED = 10.0
"""Seconds of rest after an error of ours."""
POINTS = 2_000_000
"""Points of all runs together that are kept in memory, about 80 bytes each."""
NO_RUNS = {"model", "state", "__pycache__", "node_modules"}


class Library:
    """The runs under some folders, by their opaque ids."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self.roots = [root.resolve() for root in roots]
        self.entries: dict[str, Entry] = {}
        self.is_closed = False
        self.is_scanned = False
        self._shown: dict[object, frozenset[str]] = {}
        """Open pages → the runs that each shows."""
        self._awake = threading.Condition()
        self._pace = Pace()
        self._scan_at = 0.0

    # ---- pages

    def look(self, page: object, shown: Sequence[str]) -> None:
        """A page is open and shows these runs: there is something to do."""
        with self._awake:
            self._shown[page] = frozenset(shown)
            self._awake.notify_all()

    def leave(self, page: object) -> None:
        self._shown.pop(page, None)

    @property
    def shown(self) -> set[str]:
        return {run for shown in list(self._shown.values()) for run in shown}

    # ---- life

    def start(self) -> None:
        for work in (self.read_on, self.judge_one):
            threading.Thread(target=self._keep_doing, args=(work,), daemon=True).start()

    def close(self) -> None:
        with self._awake:
            self.is_closed = True
            self._awake.notify_all()

    def _keep_doing(self, work: Callable[[], bool]) -> None:
        while not self.is_closed:
            if not self._shown:
                self._sleep(60)
                continue
            is_training = any(entry.status == "running" for entry in list(self.entries.values()))
            try:
                with self._pace.of(is_training) as rest:
                    did_something = work()
                pause = max(rest(), 0.0 if did_something else GLANCE)
            except Exception as error:
                # An error of ours with one run must not end the service of all the others.
                console.say([f"the page stumbled, and goes on: {type(error).__name__}: {error}"])
                pause = STUMBLED
            if pause:
                self._sleep(pause)

    def _sleep(self, seconds: float) -> None:
        with self._awake:
            if not self.is_closed:
                self._awake.wait(timeout=seconds)

    # ---- work

    def read_on(self) -> bool:
        """Read one slice of every run that is shown, and of one other. False: nothing to do."""
        now = time.monotonic()
        shown = self.shown
        if now >= self._scan_at:
            self.scan()
            took = time.monotonic() - now
            self._scan_at = now + max(RESCAN, 200 * took)
        watched = [self.entries[run_id] for run_id in shown if run_id in self.entries]
        for entry in watched:
            entry.notice()
        others = [entry for entry in self.entries.values() if entry.is_behind and entry.id not in shown]
        turn = [entry for entry in watched if entry.is_behind]
        if others:
            turn.append(min(others, key=lambda entry: entry.urgency))
        done = [entry.read_on() for entry in turn]
        if turn:
            self._forget(shown)
        return any(done)

    def judge_one(self) -> bool:
        """Judge the run that most needs it. False: nothing to do."""
        shown = self.shown
        due = [entry for entry in list(self.entries.values()) if entry.is_due]
        if due:
            min(due, key=lambda entry: (entry.id not in shown, -entry.changed)).judge_run()
        return bool(due)

    def scan(self) -> None:
        """Find new runs, see which have grown, and drop those that are gone."""
        found: dict[str, Entry] = {}
        for root in self.roots:
            for folder, parent in _run_folders(root, None, DEPTH):
                if len(found) >= FOUND:
                    break
                run_id = _id(folder)
                entry = self.entries.get(run_id)
                if entry is None:
                    entry = Entry(
                        run_id, folder / FILE_NAME, self._name(folder, root), parent and _id(parent)
                    )
                found[run_id] = entry
        entries = {run_id: entry for run_id, entry in found.items() if entry.notice()}
        for entry in entries.values():
            # A recipe's own log is silent while its trials are written.
            if entry.parent in entries:
                parent = entries[entry.parent]
                parent.changed = max(parent.changed, entry.changed)
        self.entries = entries
        self.is_scanned = True

    def _name(self, folder: Path, root: Path) -> str:
        name = folder.name if folder == root else str(folder.relative_to(root))
        return name if len(self.roots) == 1 or folder == root else f"{root.name}/{name}"

    def _forget(self, shown: set[str]) -> None:
        """Give memory back where that costs least reading if it is wanted again."""
        over = sum(entry.points for entry in self.entries.values()) - POINTS
        idle = [
            entry
            for entry in self.entries.values()
            if entry.points and entry.status != "running" and entry.id not in shown and not entry.is_due
        ]
        for entry in sorted(idle, key=lambda entry: entry.size / entry.points):
            if over > 0:
                over -= entry.points
                entry.forget()


def _id(folder: Path) -> str:
    """What a page calls a run by: it tells nothing of the path and stays when the server is started anew."""
    return hashlib.blake2b(os.fsencode(folder), digest_size=8).hexdigest()


def _run_folders(folder: Path, parent: Path | None, depth: int) -> Iterator[tuple[Path, Path | None]]:
    """Folders with a run, each with the run it lies in. Links are not followed: they may form a loop."""
    try:
        with os.scandir(folder) as inside:
            names = sorted(inside, key=lambda entry: entry.name)
    except OSError:
        return
    if any(entry.name == FILE_NAME and entry.is_file() for entry in names):
        yield folder, parent
        parent = folder
    if depth:
        for entry in names:
            if entry.name not in NO_RUNS and entry.name[0] != "." and entry.is_dir(follow_symlinks=False):
                yield from _run_folders(folder / entry.name, parent, depth - 1)
