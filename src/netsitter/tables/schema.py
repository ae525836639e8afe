"""What each column is and what is to be predicted: guessed, with the reason, before anything is learnt."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Self, TypeVar

import msgspec
import numpy as np
import pandas as pd

from netsitter.errors import DataError, UsageError, did_you_mean
from netsitter.tables import cells
from netsitter.tables.kinds import Column, Kind, guess_kinds
from netsitter.tables.task import Task, check_target, guess_task

__all__ = ["Column", "Kind", "Schema", "Task", "infer_schema"]

Choice = TypeVar("Choice", bound=StrEnum)


class Schema(msgspec.Struct, frozen=True, kw_only=True):
    """The reading of a table that everything after it relies on."""

    columns: tuple[Column, ...]
    """Every column that is neither the target nor dropped, in the table's order."""
    target: str
    task: Task
    task_reason: str
    dropped: tuple[str, ...] = ()
    """Columns left out at the user's wish."""
    notes: tuple[str, ...] = ()
    """What else a person should know, such as rows left out."""

    @property
    def inputs(self) -> tuple[Column, ...]:
        """The columns that reach the network."""
        return tuple(column for column in self.columns if column.kind.is_used)

    def of(self, kind: Kind) -> tuple[str, ...]:
        """Names of the columns of one kind."""
        return tuple(column.name for column in self.columns if column.kind is kind)

    def to_json(self) -> bytes:
        return msgspec.json.encode(self)

    @classmethod
    def from_json(cls, text: bytes | str) -> Self:
        """Raises DataError if the text is not a schema."""
        try:
            return msgspec.json.decode(text, type=cls)
        except msgspec.DecodeError as error:
            raise DataError(f"This is not a table's schema: {error}.") from None


def infer_schema(
    frame: pd.DataFrame,
    target: str,
    *,
    task: Task | str | None = None,
    kinds: Mapping[str, Kind | str] | None = None,
    drop: Iterable[str] = (),
) -> Schema:
    """Guess the columns' kinds and the task; what is given is taken as given.

    Rows without a target count for nothing here. Raises UsageError for a name that does not exist,
    DataError for a target that cannot be learnt from and for a table with no input left.
    """
    dropped, given = tuple(drop), dict(kinds or {})
    names = [str(name) for name in frame.columns]
    if target not in names:
        raise DataError(f"There is no column {target!r} to be the target.{did_you_mean(target, names)}")
    for name in (*dropped, *given):
        if name not in names:
            raise UsageError(f"There is no column {name!r}.{did_you_mean(name, names)}")
    if target in dropped:
        raise UsageError(f"The target {target!r} cannot be dropped: name another target or keep it.")
    answers = cells.column(frame, target)
    found, reason, known = guess_task(answers, _wish(task))
    check_target(answers, found, known)
    rows = frame if known.all() else frame.iloc[np.flatnonzero(known)]
    inputs = [name for name in names if name != target and name not in dropped]
    wishes = {name: _choice(Kind, wish, f"column {name!r}") for name, wish in given.items()}
    guessed = guess_kinds(rows, [name for name in inputs if name not in wishes])
    columns = tuple(
        Column(name=name, kind=wishes[name], reason="you said so") if name in wishes else guessed[name]
        for name in inputs
    )
    if not any(column.kind.is_used for column in columns):
        said = "; ".join(f"{column.name!r}: {column.reason}" for column in columns[:5])
        raise DataError(f"No column is left to learn {target!r} from ({said or 'the target is alone'}).")
    left_out = int((~known).sum())
    notes = (f"{left_out} of {len(frame)} rows have no {target!r} and are left out.",) if left_out else ()
    return Schema(
        columns=columns, target=target, task=found, task_reason=reason, dropped=dropped, notes=notes
    )


def _wish(task: Task | str | None) -> Task | str | None:
    """A task, or ``classification``, which leaves the number of classes to the data."""
    if task is None or task == "classification":
        return task
    return _choice(Task, task, "the task")


def _choice(kind: type[Choice], wish: Choice | str, what: str) -> Choice:
    try:
        return kind(wish)
    except ValueError:
        known = [str(member) for member in kind]
        raise UsageError(f"{wish!r} is not possible for {what}.{did_you_mean(str(wish), known)}") from None
