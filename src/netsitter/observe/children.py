"""Processes: a watch ends with its own, and the processes that a watched program starts are watched too.

Those write their runs into a folder that they are told of through the environment; the program's own
process judges all of them at the end. They are started however they like: by torchrun, by
multiprocessing, as a subprocess.
"""

import atexit
import functools
import json
import os
import signal
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Protocol

import torch

from netsitter.errors import TrainingError
from netsitter.finding import Finding, Severity
from netsitter.run import FILE_NAME, Run

INVITATION = "NETSITTER_CHILDREN"
STARTUP = Path(__file__).resolve().parent / "startup"
PACKAGE = Path(__file__).resolve().parents[2]


class Open(Protocol):
    """A watch that is open."""

    def close(self) -> None: ...
    def abandon(self) -> None: ...


_open: weakref.WeakSet[Any] = weakref.WeakSet()


def opened(watch: Open) -> None:
    """It is closed when the program ends, and abandoned in processes forked from this one."""
    _open.add(watch)
    atexit.register(watch.close)


def closed(watch: Open) -> None:
    _open.discard(watch)
    atexit.unregister(watch.close)


def _in_fork() -> None:
    """A forked process trains for itself: what it has inherited is its parent's."""
    for watch in list(_open):
        watch.abandon()
    if os.environ.get(INVITATION):
        _wait_for_optimizer()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_fork)


@contextmanager
def invited(folder: Path, **options: Any) -> Iterator[None]:
    """While this is open, processes that are started write what they train into ``folder``.

    ``options`` are those of `netsitter.watch`, and ``stop_on``.
    """
    before = {name: os.environ.get(name) for name in (INVITATION, "PYTHONPATH")}
    invitation = {"folder": str(folder.absolute()), "package": str(PACKAGE), **options}
    os.environ[INVITATION] = json.dumps(invitation)
    os.environ["PYTHONPATH"] = os.pathsep.join([str(STARTUP), *filter(None, [before["PYTHONPATH"]])])
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def runs(folder: Path) -> list[Run]:
    """What the processes have written, those that were killed included."""
    return [Run.open(file) for file in sorted(folder.glob(f"**/{FILE_NAME}")) if file.stat().st_size]


@contextmanager
def before_exit(finish: Callable[[], None]) -> Iterator[None]:
    """``os._exit`` ends a process at once, also one that still has something to say."""
    plain, mine = os._exit, os.getpid()

    def leave(status: int) -> NoReturn:
        if os.getpid() == mine:
            try:
                finish()
            except Exception as error:
                print(f"netsitter: {error}", file=sys.stderr)
        plain(status)

    os._exit = leave
    try:
        yield
    finally:
        os._exit = plain


def wait_for_threads() -> None:
    """Python ends when the last thread does that is no daemon."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()


def die_of_interrupt() -> None:
    """As Python does after a KeyboardInterrupt: the shell, or make, must see a signal and no number."""
    if threading.current_thread() is threading.main_thread() and os.name == "posix":
        sys.stdout.flush()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)


def join_in() -> None:
    """Watch this process, to its end, if a watched program has started it."""
    from multiprocessing import util

    from netsitter.observe.watch import watch
    from netsitter.views import console

    options = json.loads(os.environ[INVITATION])
    folder, stop_on, _ = Path(options.pop("folder")), options.pop("stop_on", None), options.pop("package")
    is_first = os.environ.get("RANK", "0") == "0"

    def tell(finding: Finding) -> None:
        if is_first:
            console.say([console.line(finding)])
        stop_at(stop_on, finding)

    # The process that is the program's own says the summary, of all of them.
    sitter = watch(**options, run_dir=folder / f"process-{os.getpid()}", on_finding=tell, quiet=True)
    util.Finalize(None, sitter.close, exitpriority=100)
    plain = sys.excepthook

    def excepthook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sitter.note_error(error)
        plain(kind, error, trace)

    sys.excepthook = excepthook


def stop_at(severity: str | None, finding: Finding) -> None:
    """End the program, if the finding is at least as bad as that."""
    if severity is not None and finding.severity.rank <= Severity(severity).rank:
        raise SystemExit(TrainingError.exit_code)


def _wait_for_optimizer() -> None:
    """Join in when the first optimiser is made."""
    optimizer = torch.optim.Optimizer
    plain: Callable[..., None] = optimizer.__init__

    @functools.wraps(plain)
    def __init__(self: torch.optim.Optimizer, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        optimizer.__init__ = plain
        try:
            join_in()
        except Exception as error:
            print(f"netsitter: this process is not watched: {error}", file=sys.stderr)
        optimizer.__init__(self, *args, **kwargs)

    optimizer.__init__ = __init__
