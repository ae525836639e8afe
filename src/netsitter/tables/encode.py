"""A table as the arrays that a network reads; everything is learned on the training rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import msgspec
import numpy as np
import pandas as pd

from netsitter.errors import DataError
from netsitter.tables import cells
from netsitter.tables.encodings import BooleanColumn, CategoryColumn, DateColumn, NumberColumns, WordColumn
from netsitter.tables.schema import Kind, Schema
from netsitter.tables.target import TargetEncoder, suggest_transformation

__all__ = ["Encoded", "TableEncoder", "TargetEncoder", "suggest_transformation"]

EMBED_ABOVE = 8
"""Columns with more categories than this get codes for a learned embedding, others are one-hot
(RealMLP's threshold; Holzmüller et al. 2024)."""


@dataclass(frozen=True, kw_only=True)
class Encoded:
    """Rows as arrays."""

    numeric: np.ndarray
    """float32, shape (n, d), always finite, within ±3."""
    codes: np.ndarray
    """int64, shape (n, c); column j runs from 0 (rare or unseen) to cardinalities[j] − 1."""

    def __len__(self) -> int:
        return len(self.numeric)


class TableEncoder(msgspec.Struct, frozen=True, kw_only=True):
    """What was learned from the training rows, as plain data (JSON in and out)."""

    numbers: NumberColumns
    one_by_one: tuple[WordColumn, ...]
    """Booleans, few categories and dates, which join the numeric features."""
    embedded: tuple[CategoryColumn, ...]
    """Many categories, which become codes."""

    @classmethod
    def fit(cls, frame: pd.DataFrame, schema: Schema, *, embed_above: int = EMBED_ABOVE) -> Self:
        """Learn from ``frame``, the training rows only.

        Columns that do not vary in these rows are left out. Raises DataError if a column is missing
        or none is left.
        """
        inputs = schema.inputs
        _check_columns(frame, [column.name for column in inputs])
        names = list(schema.of(Kind.NUMBER))
        numbers = NumberColumns.fit(names, _matrix(frame, names))
        learners = {Kind.BOOLEAN: BooleanColumn, Kind.CATEGORY: CategoryColumn, Kind.DATE: DateColumn}
        fitted = [
            learners[c.kind].fit(cells.column(frame, c.name)) for c in inputs if c.kind is not Kind.NUMBER
        ]
        columns: list[WordColumn] = [column for column in fitted if column is not None]
        embedded = tuple(
            c for c in columns if isinstance(c, CategoryColumn) and len(c.categories) > embed_above
        )
        encoder = cls(
            numbers=numbers, one_by_one=tuple(c for c in columns if c not in embedded), embedded=embedded
        )
        if not encoder.numeric_names and not encoder.embedded:
            raise DataError("No column varies within the training rows: there is nothing to learn from.")
        return encoder

    def transform(self, frame: pd.DataFrame) -> Encoded:
        """Encode any rows: columns in any order, others beside them, numbers as text, unseen words.

        Raises DataError that names the columns that are not there.
        """
        _check_columns(frame, self.columns)
        blocks = [self.numbers.encode(_matrix(frame, self.numbers.names))]
        blocks += [column.encode(cells.column(frame, column.name)) for column in self.one_by_one]
        codes = [column.codes(cells.column(frame, column.name)) for column in self.embedded]
        numeric = np.empty((len(frame), sum(block.shape[1] for block in blocks)), dtype=np.float32)
        np.concatenate(blocks, axis=1, out=numeric, casting="unsafe")
        return Encoded(
            numeric=numeric,
            codes=np.column_stack(codes) if codes else np.empty((len(frame), 0), dtype=np.int64),
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """The table's columns that are read."""
        rest = (column.name for column in (*self.one_by_one, *self.embedded))
        return (*self.numbers.names, *rest)

    @property
    def numeric_names(self) -> tuple[str, ...]:
        """One name per numeric feature, d of them."""
        rest = (name for column in self.one_by_one for name in column.feature_names)
        return (*self.numbers.feature_names, *rest)

    @property
    def is_continuous(self) -> tuple[bool, ...]:
        """Per numeric feature: a real-valued scaled one, not a flag, a category or a wave."""
        rest = (flag for column in self.one_by_one for flag in column.continuous)
        return (*self.numbers.continuous, *rest)

    @property
    def code_names(self) -> tuple[str, ...]:
        """The column behind each column of codes."""
        return tuple(column.name for column in self.embedded)

    @property
    def cardinalities(self) -> tuple[int, ...]:
        """Number of codes of each embedded column, code 0 among them."""
        return tuple(column.cardinality for column in self.embedded)

    def to_json(self) -> bytes:
        return msgspec.json.encode(self)

    @classmethod
    def from_json(cls, text: bytes | str) -> Self:
        return msgspec.json.decode(text, type=cls)


def _matrix(frame: pd.DataFrame, names: Iterable[str]) -> np.ndarray:
    """Number cells as float64, shape (n, d)."""
    columns = [cells.numbers(cells.column(frame, name)) for name in names]
    return np.column_stack(columns) if columns else np.empty((len(frame), 0))


def _check_columns(frame: pd.DataFrame, names: Iterable[str]) -> None:
    there = set(frame.columns)
    absent = [name for name in names if name not in there]
    if absent:
        shown = ", ".join(map(repr, absent[:5])) + (f" and {len(absent) - 5} more" if len(absent) > 5 else "")
        raise DataError(f"The table lacks the column{'s' if len(absent) > 1 else ''} {shown}: add them.")
