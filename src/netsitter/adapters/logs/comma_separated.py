"""CSV: Lightning's CSVLogger, Keras' CSVLogger, or a file written by hand with a loss in it."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from netsitter.adapters.logs._names import choose_run, our_name, run_of
from netsitter.errors import DataError
from netsitter.run import Run

STEPS = ("step", "global_step", "iteration", "iter", "batch", "epoch")
"""Columns that count, the finest first."""
LIGHTNING = "metrics.csv"


def recognises(path: Path) -> bool:
    """A text table with a loss among its columns; or Lightning's folder, with metrics.csv or version_N."""
    if path.is_dir():
        return bool(_versions(path))
    if path.suffix.lower() not in (".csv", ".tsv", ".txt", ".log"):
        return False
    try:
        names = _header(path)
    except (UnicodeDecodeError, csv.Error):
        return False
    return any(our_name(name) in ("loss", "val/loss") for name in names)


def read(path: Path, run: str | None) -> Run:
    """Blank cells are missing: Lightning leaves them where a row is about something else."""
    if path.is_dir():
        versions = _versions(path)
        path = versions[choose_run(versions, run, str(path))]
    return run_of(_rows(path), str(path))


def _versions(folder: Path) -> dict[str, Path]:
    files = [folder / LIGHTNING, *sorted(folder.glob(f"version_*/{LIGHTNING}"))]
    return {str(file.parent.relative_to(folder)): file for file in files if file.is_file()}


def _header(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        first = file.readline(1 << 16)
    return next(csv.reader([first], delimiter=_delimiter(first)), [])


def _delimiter(line: str) -> str:
    return max(",;\t|", key=line.count)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with path.open(encoding="utf-8-sig", newline="", errors="replace") as file:
        first = file.readline(1 << 16)
        file.seek(0)
        table = csv.DictReader(file, delimiter=_delimiter(first))
        names = [name for name in table.fieldnames or () if name]
        counter = next((name for wanted in STEPS for name in names if name.strip().lower() == wanted), None)
        last = -1
        try:
            for row in table:
                last = _step(row.get(counter) if counter else None, last)
                yield last, {name: row.get(name) for name in names}
        except csv.Error as error:
            raise DataError(f"{path}, line {table.line_num}: {error}.") from None


def _step(cell: str | None, last: int) -> int:
    """The counter's value; one more than the last where a row has none."""
    try:
        return int(float(cell or ""))
    except (ValueError, OverflowError):
        return last + 1
