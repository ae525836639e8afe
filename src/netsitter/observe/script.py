"""Run a Python program as ``python`` would, with every training in it watched."""

import builtins
import importlib.machinery
import io
import runpy
import sys
import types
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from netsitter.errors import UsageError
from netsitter.observe.children import wait_for_threads
from netsitter.observe.watch import Sitter

OURS = str(Path(__file__).resolve().parents[1])
INTERRUPTED = 130

_changed: dict[str, str] = {}
"""Sources to run in the place of files, by absolute path."""


def run_sources(texts: Mapping[str, str]) -> None:
    """Run these sources where this process loads the files of those paths; the files stay as they are."""
    _changed.clear()
    _changed.update({str(Path(path).resolve()): text for path, text in texts.items()})
    loader = importlib.machinery.SourceFileLoader
    plain = loader.get_code

    def get_code(self: importlib.machinery.SourceFileLoader, fullname: str) -> types.CodeType | None:
        text = _changed.get(str(Path(self.path).resolve()))
        return plain(self, fullname) if text is None else compile(text, self.path, "exec", dont_inherit=True)

    loader.get_code = get_code


def run_program(target: str, arguments: list[str], *, is_module: bool, sitter: Sitter | None) -> int:
    """Run a script, or a module as with ``-m``, to its end; returns its exit status.

    An exception that ends the program is put on record and printed as Python prints it, without
    our frames. Raises UsageError if there is no such file.
    """
    if not is_module and not Path(target).exists():
        raise UsageError(f"There is no program {target!r}.")
    try:
        if is_module:
            _run_module(target, arguments)
        elif Path(target).is_dir() or zipfile.is_zipfile(target):
            sys.argv = [target, *arguments]
            runpy.run_path(target, run_name="__main__")
        else:
            _run_script(target, arguments)
        wait_for_threads()
    except SystemExit as stop:
        wait_for_threads()
        return _status(stop)
    except BaseException as error:
        if sitter is not None:
            sitter.note_error(error)
        _print(error)
        wait_for_threads()
        return INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1
    return 0


def _run_script(given: str, arguments: list[str]) -> None:
    path = str(Path(given).absolute())
    sys.argv = [given, *arguments]
    sys.path[0] = str(Path(path).resolve().parent)
    text: str | bytes | None = _changed.get(str(Path(path).resolve()))
    if text is None:
        with io.open_code(path) as file:
            text = file.read()
    code = compile(text, path, "exec", dont_inherit=True)
    main = types.ModuleType("__main__")
    main.__file__ = path
    main.__loader__ = importlib.machinery.SourceFileLoader("__main__", path)
    vars(main).update(__builtins__=builtins, __spec__=None, __cached__=None, __package__=None)
    sys.modules["__main__"] = main
    exec(code, vars(main))


def _run_module(name: str, arguments: list[str]) -> None:
    sys.argv = [name, *arguments]
    sys.path[0] = str(Path.cwd())
    runpy.run_module(name, run_name="__main__", alter_sys=True)


def _status(stop: SystemExit) -> int:
    """What ``python`` would exit with."""
    if stop.code is None:
        return 0
    if isinstance(stop.code, int):
        return stop.code & 0xFF
    print(stop.code, file=sys.stderr)
    return 1


def _print(error: BaseException) -> None:
    seen: set[int] = set()
    pending: list[BaseException | None] = [error]
    while pending:
        one = pending.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        one.__traceback__ = _without_ours(one.__traceback__)
        pending += [one.__cause__, one.__context__]
    sys.excepthook(type(error), error, error.__traceback__)


def _without_ours(trace: TracebackType | None) -> TracebackType | None:
    """The traceback without frames of netsitter, and without what runs a module before it."""
    frames = []
    while trace is not None:
        frames.append(trace)
        trace = trace.tb_next
    theirs = [t for t in frames if not t.tb_frame.f_code.co_filename.startswith((OURS, "<frozen runpy>"))]
    following: TracebackType | None = None
    for frame in reversed(theirs):
        frame.tb_next = following
        following = frame
    return following
