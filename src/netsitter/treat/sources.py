"""The files that a program is made of: its own, beside the libraries that it imports."""

import ast
import importlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path

from netsitter.errors import UsageError
from netsitter.treat.arm import Program

MAX_FILES = 40
HEAVY = ("torch", "numpy", "pandas", "sklearn", "scipy")
"""Imported once before the program's runs are forked; importing them has no effect on the program."""


def program_files(program: Program) -> dict[str, str]:
    """Absolute path → text of the program's file and of the modules beside it that it imports.

    Raises UsageError if there is no such program.
    """
    main = _main_file(program)
    root = Path.cwd() if program.is_module else main.parent
    texts: dict[str, str] = {}
    waiting = [main]
    while waiting and len(texts) < MAX_FILES:
        path = waiting.pop(0)
        if str(path) in texts:
            continue
        try:
            texts[str(path)] = path.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        waiting += [found for name in _imported(texts[str(path)]) for found in _candidates(root, name)]
    if str(main) not in texts:
        raise UsageError(f"{main} cannot be read as UTF-8 text.")
    return texts


def import_heavy(texts: dict[str, str]) -> None:
    """Import the large libraries that a program uses, so that each of its runs starts with them."""
    names = {name for text in texts.values() for name in _imported(text) if name.partition(".")[0] in HEAVY}
    # The first optimiser of a process imports torch._dynamo, which takes longer than many trainings.
    for name in ("torch", "torch._dynamo", *sorted(names)):
        try:
            importlib.import_module(name)
        except Exception:  # the program will say so itself, in its own words
            continue


def _main_file(program: Program) -> Path:
    if not program.is_module:
        path = Path(program.target).absolute()
        if not path.is_file():
            raise UsageError(f"There is no program {program.target!r}.")
        return path
    for found in _candidates(Path.cwd(), program.target):
        main = found.parent / "__main__.py" if found.name == "__init__.py" else found
        if main.is_file():
            return main
    raise UsageError(f"There is no module {program.target!r} under {Path.cwd()}.")


def _imported(text: str) -> list[str]:
    """Dotted names of modules that a source imports, wherever in it."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return []
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            names += [base] if base else []
            names += [f"{base}.{alias.name}".lstrip(".") for alias in node.names if node.level]
    return names


def _candidates(root: Path, name: str) -> Iterator[Path]:
    """Files that a dotted name may stand for under a folder."""
    stem = root.joinpath(*name.split("."))
    for path in (stem.with_suffix(".py"), stem / "__init__.py"):
        if path.is_file():
            yield path
