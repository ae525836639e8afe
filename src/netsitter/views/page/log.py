"""Follow one ``run.jsonl``: what was read is never read again, what is torn is waited for."""

import os
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from netsitter.run import NONFINITE, Run

SLICE = 1 << 18
"""Bytes taken in at a time: a few milliseconds, so that a huge log does not keep the others waiting."""
KEPT_MARKS = 16
"""Places in a log at which a page that lost its connection may go on."""


_Step = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


class _Plain(msgspec.Struct):
    """A record all of whose numbers are finite: nearly every line of a long log."""

    kind: Literal["record"]
    step: _Step
    values: dict[str, float]
    nonfinite: Literal[""] = ""
    """Must not be there."""


class _Flagged(msgspec.Struct):
    kind: Literal["record"]
    step: _Step
    values: dict[str, float | None]
    nonfinite: dict[str, Literal["nan", "inf", "-inf"]]


_plain = msgspec.json.Decoder(_Plain).decode
_flagged = msgspec.json.Decoder(_Flagged).decode


class Log:
    """A log and the run it tells of, as far as it has been read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.run = Run()
        self.offset = 0
        """Bytes read so far; always the end of a line."""
        self.generation = 0
        """Raised when the file was replaced or cut, and the run began anew."""
        self.marks: dict[int, dict[str, int]] = {}
        """Offset → points of every series up to there."""
        self._wanted: set[int] = set()
        self._file_id = 0

    def read(self, most: int = SLICE) -> int:
        """Take in about ``most`` more bytes, whole lines only; returns how many. Raises OSError."""
        with self.path.open("rb") as file:
            self._notice_replaced(file.fileno())
            file.seek(self.offset)
            size = min([most, *(place - self.offset for place in self._wanted if place > self.offset)])
            chunk = file.read(size)
            if b"\n" not in chunk and len(chunk) == size:
                chunk += file.readline()
        whole = chunk.rfind(b"\n") + 1
        if whole:
            take_lines(self.run, chunk[:whole].split(b"\n"))
            self.offset += whole
            if self.offset in self._wanted:
                self._wanted.discard(self.offset)
                self.mark()
        return whole

    def want(self, offset: int) -> None:
        """A page has everything up to ``offset``: note what that is when reading gets there."""
        if offset > self.offset:
            self._wanted.add(offset)

    def mark(self) -> dict[str, int]:
        """Remember how much there is of every series at this place."""
        counts = {name: self.run[name].count for name in self.run.names()}
        self.marks.pop(self.offset, None)
        self.marks[self.offset] = counts
        while len(self.marks) > KEPT_MARKS:
            self.marks.pop(next(iter(self.marks)))
        return counts

    def _notice_replaced(self, handle: int) -> None:
        status = os.fstat(handle)
        if status.st_size < self.offset or (self._file_id and status.st_ino != self._file_id):
            self.run, self.offset, self.marks = Run(), 0, {}
            self._wanted = set()
            self.generation += 1
        self._file_id = status.st_ino


def take_lines(run: Run, lines: list[bytes]) -> None:
    """What ``Run.read_lines`` does, faster where lines are plain records: numbers are gathered by name."""
    columns: dict[str, tuple[list[int], list[float]]] = {}
    for line in lines:
        try:
            record = _plain(line)
            step, values = record.step, record.values
        except msgspec.DecodeError:
            if not line:
                continue
            try:
                step, values = _flagged_values(line)
            except (msgspec.DecodeError, TypeError):
                # Facts, notes, foreign lines: in their place among the records.
                _take_columns(run, columns)
                run.read_lines([line.decode(errors="replace")])
                continue
        if not values:
            run.read_lines([line.decode()])  # a step is all it tells
        for name, value in values.items():
            column = columns.get(name)
            if column is None:
                column = columns[name] = ([], [])
            column[0].append(step)
            column[1].append(value)
    _take_columns(run, columns)


def _flagged_values(line: bytes) -> tuple[int, dict[str, float]]:
    record = _flagged(line)
    flags = record.nonfinite
    values = {
        name: NONFINITE[flags[name]] if name in flags else float(value)  # type: ignore[arg-type]
        for name, value in record.values.items()
    }
    return record.step, values


def _take_columns(run: Run, columns: dict[str, tuple[list[int], list[float]]]) -> None:
    for name, (steps, values) in columns.items():
        run.read_column(name, steps, values)
    columns.clear()


def sample(path: Path, *, blocks: int, size: int = 1 << 14) -> Run:
    """A first idea of a log of any length: its beginning, its end, and ``blocks`` places between.

    Costs ``(blocks + 8) * size`` bytes of reading at most, whatever the length. Raises OSError.
    """
    run = Run()
    with path.open("rb") as file:
        end = file.seek(0, 2)
        places = [(0, end)]
        if end > 8 * size:
            middle = [(4 * size + (end - 8 * size) * i // blocks, size) for i in range(blocks)]
            places = [(0, 4 * size), *middle, (end - 4 * size, 4 * size)]
        for start, length in places:
            file.seek(start)
            # What was cut at either side is no line.
            take_lines(run, file.read(length).split(b"\n")[1 if start else 0 : -1])
    return run
