"""What a column is: number, category, boolean, date, id, free text or constant, with the reason."""

import re
from collections.abc import Iterable
from enum import StrEnum

import msgspec
import numpy as np
import pandas as pd

from netsitter.tables import cells

MOSTLY = 0.95
"""Share of the cells that must read as numbers or dates for a text column to be taken as such."""
ENOUGH_ROWS = 20
"""Below this, all cells being different is chance."""

_YES_NO = tuple(
    map(
        frozenset,
        (
            ("yes", "no"),
            ("true", "false"),
            ("y", "n"),
            ("t", "f"),
            ("on", "off"),
            ("ja", "nein"),
            ("oui", "non"),
        ),
    )
)
_ID_NAME = re.compile(
    r"(^|[_\W])(id|uuid|guid|key|idx|index|rowname|rownames|row|obs|nr|no)($|[_\W])|[a-z]I[Dd]$", re.I
)
_CODE_NAME = re.compile(r"(^|[_\W])(zip|zipcode|zip_code|postcode|postal_?code|plz|fips|code)($|[_\W])", re.I)
_TIME_NAME = re.compile(r"year|month|week|day|hour|minute|second|time|age|date", re.I)


class Kind(StrEnum):
    """What a column holds, which decides how it reaches the network."""

    NUMBER = "number"
    CATEGORY = "category"
    BOOLEAN = "boolean"
    DATE = "date"
    ID = "id"
    TEXT = "text"
    CONSTANT = "constant"

    @property
    def is_used(self) -> bool:
        """Ids, free text and constants do not reach the network."""
        return self not in (Kind.ID, Kind.TEXT, Kind.CONSTANT)


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One column beside the target, and why it is taken for what it is taken."""

    name: str
    kind: Kind
    reason: str


def guess_kinds(frame: pd.DataFrame, names: Iterable[str]) -> dict[str, Column]:
    """A guess for every named column; numbers are looked at all at once, for wide tables."""
    names = list(names)
    stored = [name for name in names if cells.is_number_dtype(cells.column(frame, name))]
    found: dict[str, Column] = {}
    for start in range(0, len(stored), 256):
        part = stored[start : start + 256]
        matrix = np.column_stack([cells.numbers(cells.column(frame, name)) for name in part])
        for name, values, distinct in zip(part, matrix.T, _count_distinct(matrix), strict=True):
            found[name] = _column(name, *_of_numbers(name, values, int(distinct)))
    for name in names:
        if name not in found:
            found[name] = _column(name, *_of_cells(name, cells.column(frame, name)))
    return found


def _column(name: str, kind: Kind, reason: str) -> Column:
    return Column(name=name, kind=kind, reason=reason)


def _count_distinct(matrix: np.ndarray) -> np.ndarray:
    """Distinct values per column, missing ones aside, shape (d,)."""
    if not len(matrix):
        return np.zeros(matrix.shape[1], dtype=int)
    ordered = np.sort(matrix, axis=0)  # NaN last
    return (ordered[1:] > ordered[:-1]).sum(axis=0) + ~np.isnan(ordered[0])


def _of_numbers(name: str, values: np.ndarray, distinct: int) -> tuple[Kind, str]:
    known = values[~np.isnan(values)]
    if distinct == 0:
        return Kind.CONSTANT, "every cell is missing"
    if distinct == 1 and len(known) == len(values):
        return Kind.CONSTANT, f"every cell is {known[0]:g}"
    whole = bool(np.all(np.isfinite(known)) and np.all(known == np.floor(known)))
    if distinct == 2 and whole:
        return Kind.BOOLEAN, f"two values, {known.min():g} and {known.max():g}"
    if whole and distinct == len(values) >= ENOUGH_ROWS:
        reason = _id_reason(name, known)
        if reason:
            return Kind.ID, reason
    if whole and distinct > 2 and _CODE_NAME.search(name):
        return Kind.CATEGORY, f"{distinct} whole numbers, and the name says that they are codes"
    return Kind.NUMBER, f"{distinct} different {'whole ' if whole else ''}numbers"


def _id_reason(name: str, values: np.ndarray) -> str | None:
    """Why whole numbers that never repeat are row labels; None if they may be a quantity."""
    if np.all(np.diff(values) == 1) and not _TIME_NAME.search(name):
        return f"it counts the rows, {values[0]:g} to {values[-1]:g}"
    if _ID_NAME.search(name):
        return "a whole number that never repeats, and the name says id"
    return None


def _of_cells(name: str, column: pd.Series) -> tuple[Kind, str]:
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return _of_dates(column)
    codes, distinct = cells.factor(column)
    counts = np.bincount(codes[codes >= 0], minlength=len(distinct))
    known = int(counts.sum())
    if not distinct:
        return Kind.CONSTANT, "every cell is missing"
    if len(distinct) == 1 and known == len(column):
        return Kind.CONSTANT, f"every cell is {_short(distinct[0])}"
    if pd.api.types.is_bool_dtype(column.dtype):
        return Kind.BOOLEAN, "true or false"
    if frozenset(word.casefold() for word in distinct) in _YES_NO:
        return Kind.BOOLEAN, f"two answers, {_short(distinct[0])} and {_short(distinct[1])}"
    if isinstance(column.dtype, pd.CategoricalDtype):
        return Kind.CATEGORY, f"stored as {len(distinct)} categories"
    return (
        _if_numbers(name, distinct, counts)
        or _if_dates(distinct)
        or _if_label_or_text(distinct, known)
        or (Kind.CATEGORY, f"{len(distinct)} different words")
    )


def _of_dates(column: pd.Series) -> tuple[Kind, str]:
    distinct = column.nunique()
    if not distinct or (distinct == 1 and column.notna().all()):
        return Kind.CONSTANT, "every cell is the same date" if distinct else "every cell is missing"
    return Kind.DATE, "stored as dates"


def _if_numbers(name: str, distinct: list[str], counts: np.ndarray) -> tuple[Kind, str] | None:
    """Text whose cells nearly all read as numbers."""
    if not any(any(map(str.isdigit, word)) for word in distinct[:50]):
        return None
    if cells.has_leading_zeros(distinct):
        return None
    values = cells.numbers(pd.Series(distinct, dtype=object))
    is_word = np.isnan(values) & ~np.array([cells.is_missing_number(word) for word in distinct])
    kept = ~np.isnan(values) | is_word
    if not kept.any() or np.isnan(values).all() or counts[is_word].sum() > (1 - MOSTLY) * counts[kept].sum():
        return None
    if not is_word.any():
        example = next(word for word, value in zip(distinct, values, strict=True) if not np.isnan(value))
        kind, reason = _of_numbers(name, np.repeat(values, counts), len(np.unique(values[~np.isnan(values)])))
        return (kind, f"numbers written as text, such as {_short(example)}; {reason}")
    odd = distinct[int(np.flatnonzero(is_word)[0])]
    many = int(counts[is_word].sum())
    return Kind.NUMBER, f"numbers, but for {many} cells such as {_short(odd)}, which are taken as missing"


def _if_dates(distinct: list[str]) -> tuple[Kind, str] | None:
    form = cells.date_format(distinct)
    if form is None:
        return None
    return (
        Kind.DATE,
        f"dates such as {_short(distinct[0])}, read as {form.replace('ISO8601', 'year-month-day')}",
    )


def _if_label_or_text(distinct: list[str], known: int) -> tuple[Kind, str] | None:
    """Words that hardly repeat say nothing about other rows."""
    if known < ENOUGH_ROWS or len(distinct) < known / 2:
        return None
    lengths = [len(word.split()) for word in distinct[:1000]]
    if np.mean(lengths) >= 4:
        return Kind.TEXT, f"free text, such as {_short(distinct[0])}; netsitter does not read its words"
    if len(distinct) >= MOSTLY * known:
        return Kind.ID, f"the words hardly repeat ({len(distinct)} different in {known})"
    return None


def _short(word: str) -> str:
    return repr(word if len(word) <= 30 else word[:29] + "…")
