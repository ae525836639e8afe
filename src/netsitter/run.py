"""A run: everything that was observed of one training, append-only.

``Run`` is both the log file (``run.jsonl``) and what the rules read. What it keeps in memory is what
the file holds, so verdicts live and offline are the same.
"""

import fnmatch
import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self, TextIO

import numpy as np

from netsitter.files import write_atomic
from netsitter.series import Series

FILE_NAME = "run.jsonl"
FORMAT = 1

NONFINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


class Run:
    """What was observed of one training: facts, series of named numbers, treatments, an end.

    ``Run()`` lives in memory; ``Run.create(folder)`` also appends every line to
    ``folder/run.jsonl``; ``Run.open(path)`` reads one, also while it is being written.
    """

    def __init__(self, facts: Mapping[str, Any] | None = None) -> None:
        self.facts: dict[str, Any] = jsonable(facts or {})
        """What is true of the whole run: model, optimisers, losses, data. JSON values."""
        self.treatments: list[dict[str, Any]] = []
        self.notes: list[dict[str, Any]] = []
        """What a person should read, in order: a stage's paragraph, a decision."""
        self.end: dict[str, Any] | None = None
        self.last_step = -1
        self._series: dict[str, Series] = {}
        self._file: TextIO | None = None

    # ---- writing

    @classmethod
    def create(cls, folder: str | os.PathLike[str], facts: Mapping[str, Any] | None = None) -> Self:
        """Start a run in ``folder``, or go on with the one that is there.

        Raises OSError if the folder cannot be written.
        """
        path = Path(folder) / FILE_NAME
        path.parent.mkdir(parents=True, exist_ok=True)
        run = cls()
        torn = False
        if path.exists():
            text = path.read_bytes()
            torn = bool(text) and not text.endswith(b"\n")
            run.read_lines(text.decode(errors="replace").split("\n"))
        # A lone surrogate (an odd file name) becomes \\udcxx, which is JSON's own way to write it.
        run._file = path.open("a", encoding="utf-8", errors="backslashreplace")
        if torn:
            run._file.write("\n")
        if not run.facts.get("format"):
            run.fact(format=FORMAT)
        if facts:
            run.fact(**facts)
        return run

    def fact(self, **facts: Any) -> None:
        """State facts; a later one of the same name replaces the earlier.

        They are kept as the JSON that the file holds, so that rules read live what they read later.
        """
        facts = jsonable(facts)
        self.facts.update(facts)
        self._write([{"kind": "fact", "facts": facts}])

    def append(self, step: int, values: Mapping[str, float]) -> None:
        """Record named numbers at a step."""
        self.extend([(step, values)])

    def extend(self, records: Iterable[tuple[int, Mapping[str, float]]]) -> None:
        """Record many steps with one write to the file."""
        lines = []
        for step, values in records:
            self._add(step, values)
            if self._file is not None:
                lines.append(_record_line(step, values))
        self._write(lines)

    def extend_series(self, name: str, steps: Sequence[int], values: Sequence[float]) -> None:
        """Record one number at many steps; finite ones are written without a detour."""
        self.read_column(name, steps, values)
        if self._file is None:
            return
        head = f', "values": {{{json.dumps(name)}: '
        self._put(
            "".join(
                f'{{"kind": "record", "step": {step}{head}{float(value)!r}}}}}\n'
                if math.isfinite(value)
                else _text(_record_line(step, {name: value}))
                for step, value in zip(steps, values, strict=True)
            )
        )

    def treat(self, treatment: Mapping[str, Any]) -> None:
        """Record a remedy that was applied, kept or undone."""
        self.treatments.append(jsonable(treatment))
        self._write([{**treatment, "kind": "treatment"}])

    def note(self, **note: Any) -> None:
        """Record what a person should read, for example ``stage=..., text=...``."""
        self.notes.append(jsonable(note))
        self._write([{**note, "kind": "note"}])

    def finish(self, **end: Any) -> None:
        """Record how the run ended."""
        self.end = jsonable(end)
        self._write([{**end, "kind": "end"}])

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a run that lived in memory to a file, as far as its series were kept."""
        values: dict[int, dict[str, float]] = {}
        for name, series in self._series.items():
            for step, value in zip(series.steps.tolist(), series.values.tolist(), strict=True):
                values.setdefault(step, {})[name] = value
        lines: list[dict[str, Any]] = [{"kind": "fact", "facts": {"format": FORMAT, **self.facts}}]
        lines += [_record_line(step, values[step]) for step in sorted(values)]
        lines += [{"kind": "note", **note} for note in self.notes]
        lines += [{"kind": "treatment", **treatment} for treatment in self.treatments]
        lines += [{"kind": "end", **self.end}] if self.end is not None else []
        write_atomic(Path(path), "".join(map(_text, lines)))

    def close(self) -> None:
        # Let go first: on a full disk closing fails, and the file is closed all the same.
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _add(self, step: int, values: Mapping[str, float]) -> None:
        self.last_step = max(self.last_step, step)
        self.end = None  # a run that was taken up again has not ended
        for name, value in values.items():
            series = self._series.get(name)
            if series is None:
                series = self._series[name] = Series()
            series.append(step, float(value))

    def _write(self, lines: list[dict[str, Any]]) -> None:
        if self._file is not None and lines:
            self._put("".join(map(_text, lines)))

    def _put(self, text: str) -> None:
        if self._file is not None:
            self._file.write(text)
            self._file.flush()

    # ---- reading

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Self:
        """Read ``run.jsonl``, or the folder that holds one. Torn or foreign lines are passed over.

        Raises FileNotFoundError if there is none, and ValueError if no line of it is a run's.
        """
        path = Path(path)
        if path.is_dir():
            path = path / FILE_NAME
        run = cls()
        with path.open(encoding="utf-8", errors="replace") as file:
            if not run.read_lines(file):
                raise ValueError(f"{path} is not a netsitter run: no line of it is a record")
        return run

    def read_lines(self, lines: Iterable[str]) -> int:
        """Take in lines of a log; torn or foreign ones are passed over. Returns how many were understood."""
        understood = 0
        for text in lines:
            try:
                line = json.loads(text)
                self._take(line)
            except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
                continue
            understood += 1
        return understood

    def read_column(self, name: str, steps: Sequence[int], values: Sequence[float]) -> None:
        """Take in many points of one series, in order, as if read line by line."""
        if len(steps):
            self.last_step, self.end = max(self.last_step, *steps), None
            self._series.setdefault(name, Series()).extend(steps, values)

    def _take(self, line: dict[str, Any]) -> None:
        kind = line.pop("kind")
        if kind == "record":
            flags = line.get("nonfinite", {})
            values = {k: NONFINITE[flags[k]] if k in flags else float(v) for k, v in line["values"].items()}
            step = int(line["step"])
            if not -(2**63) <= step < 2**63:
                raise OverflowError(step)
            self._add(step, values)
        elif kind == "fact":
            self.facts.update(line["facts"])
        elif kind == "treatment":
            self.treatments.append(line)
        elif kind == "note":
            self.notes.append(line)
        elif kind == "end":
            self.end = line

    def __getitem__(self, name: str) -> Series:
        """The series of that name; an empty one if it was never recorded."""
        return self._series.get(name) or Series()

    def __contains__(self, name: str) -> bool:
        """Whether a series is there; ``grad_norm/*`` asks for any that matches."""
        if "*" not in name:
            return name in self._series
        return next(self._matching(name), None) is not None

    def names(self) -> list[str]:
        return list(self._series)

    def match(self, pattern: str) -> dict[str, Series]:
        """Series by what ``*`` stands for: ``match("grad_norm/*")`` is keyed by parameter."""
        prefix, _, suffix = pattern.partition("*")
        return {
            name[len(prefix) : len(name) - len(suffix)]: self._series[name]
            for name in self._matching(pattern)
        }

    def _repr_html_(self) -> str:
        """For notebooks: the loss curve and the findings."""
        from netsitter.views.notebook import run_html

        return run_html(self)

    def _matching(self, pattern: str) -> Iterator[str]:
        prefix, _, rest = pattern.partition("*")
        if "*" in rest:
            return (name for name in self._series if fnmatch.fnmatchcase(name, pattern))
        return (
            name
            for name in self._series
            if len(name) >= len(prefix) + len(rest) and name.startswith(prefix) and name.endswith(rest)
        )


def _text(line: dict[str, Any]) -> str:
    return json.dumps(jsonable(line), ensure_ascii=False) + "\n"


def _record_line(step: int, values: Mapping[str, float]) -> dict[str, Any]:
    numbers = {name: float(value) for name, value in values.items()}
    line: dict[str, Any] = {"kind": "record", "step": step, "values": numbers}
    flags = {name: repr(value) for name, value in numbers.items() if not math.isfinite(value)}
    if flags:
        line["values"].update(dict.fromkeys(flags))
        line["nonfinite"] = flags
    return line


def jsonable(value: Any) -> Any:
    """JSON has no NaN: outside records, where a flag says which, it becomes null."""
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, Mapping):
        return {str(k): jsonable(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [jsonable(v) for v in value]
    if isinstance(value, np.ndarray):
        return jsonable(value.tolist())
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)
