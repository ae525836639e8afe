"""How each kind of column becomes numbers: learned on training rows, stored as plain data."""

from typing import Self

import msgspec
import numpy as np
import pandas as pd

from netsitter.tables import cells

RARE = 3
"""A category with fewer training rows than this is taken together with the unseen ones."""

Features = tuple[np.ndarray, list[str], list[bool]]


class NumberColumns(msgspec.Struct, frozen=True, kw_only=True):
    """All number columns at once: f((x − median) / scale) with f(x) = x / sqrt(1 + (x/3)²).

    Robust scaling and smooth clipping of RealMLP (Holzmüller, Grinsztajn & Steinwart 2024, section 3):
    scale is the interquartile range, half the range where that is 0. A missing cell becomes the
    median, 0; columns with missing cells in training get an indicator beside.
    """

    names: tuple[str, ...]
    medians: tuple[float, ...]
    scales: tuple[float, ...]
    indicators: tuple[bool, ...]

    @classmethod
    def fit(cls, names: list[str], matrix: np.ndarray) -> Self:
        """Learn from the training rows, shape (n, d); columns that do not vary there are left out."""
        finite = np.where(np.isfinite(matrix), matrix, np.nan)
        indicators = np.any(np.isnan(matrix), axis=0)
        medians, scales = _robust_scale(finite)
        kept = (scales > 0) | indicators
        return cls(
            names=tuple(name for name, keep in zip(names, kept, strict=True) if keep),
            medians=tuple(medians[kept].tolist()),
            scales=tuple(scales[kept].tolist()),
            indicators=tuple(indicators[kept].tolist()),
        )

    def encode(self, matrix: np.ndarray) -> np.ndarray:
        """The cells of `names`, shape (n, d), as features, shape (n, d + indicators)."""
        scales = np.array(self.scales)
        with np.errstate(over="ignore"):
            scaled = (matrix - np.array(self.medians)) / np.where(scales > 0, scales, 1.0)
        scaled = np.where(scales > 0, scaled, 0.0)
        values = soft_clip(np.where(np.isnan(matrix), 0.0, scaled))
        return np.hstack([values, np.isnan(matrix)[:, np.array(self.indicators, dtype=bool)]])

    @property
    def feature_names(self) -> list[str]:
        marked = [n for n, marked in zip(self.names, self.indicators, strict=True) if marked]
        return [*self.names, *(f"{name} is missing" for name in marked)]

    @property
    def continuous(self) -> list[bool]:
        return [scale > 0 for scale in self.scales] + [False] * sum(self.indicators)


def _robust_scale(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Median and scale per column, shape (d,); scale 0 where the column does not vary."""
    if not matrix.size:
        return np.zeros(matrix.shape[1]), np.zeros(matrix.shape[1])
    empty = np.isnan(matrix).all(axis=0)
    filled = np.where(empty, 0.0, matrix)
    low, lower, medians, upper, high = np.nanquantile(filled, [0, 0.25, 0.5, 0.75, 1], axis=0)
    # Halves first: the difference of two halves cannot overflow.
    scales = (upper / 2 - lower / 2) * 2
    with np.errstate(over="ignore"):
        scales = np.where(scales > 0, upper - lower, high / 2 - low / 2)
    return medians, np.nan_to_num(scales, posinf=np.finfo(np.float64).max)


def soft_clip(x: np.ndarray) -> np.ndarray:
    """x / sqrt(1 + (x/3)²): the identity near 0, ±3 far out, infinities included."""
    bounded = np.clip(x, -1e150, 1e150)
    return bounded / np.sqrt(1 + (bounded / 3) ** 2)


class BooleanColumn(msgspec.Struct, frozen=True, kw_only=True, tag="boolean"):
    """Two answers as −1 and 1; a missing or unseen one as 0, with an indicator if training had some."""

    name: str
    answers: tuple[str, str]
    indicator: bool

    @classmethod
    def fit(cls, column: pd.Series) -> Self | None:
        """None if the training rows hold one answer only."""
        codes, distinct = cells.factor(column)
        if len(distinct) < 2:
            return None
        first, second = sorted(distinct)[:2]
        return cls(name=str(column.name), answers=(first, second), indicator=bool((codes < 0).any()))

    def encode(self, column: pd.Series) -> np.ndarray:
        found = cells.words(column)
        value = (found == self.answers[1]).astype(np.float64) - (found == self.answers[0])
        return np.column_stack([value, value == 0]) if self.indicator else value[:, None]

    @property
    def feature_names(self) -> list[str]:
        value = f"{self.name}={self.answers[1]}"
        return [value, f"{self.name} is missing"] if self.indicator else [value]

    @property
    def continuous(self) -> list[bool]:
        return [False] * len(self.feature_names)


class CategoryColumn(msgspec.Struct, frozen=True, kw_only=True, tag="category"):
    """Categories with enough training rows, and "missing" where it has enough; the rest are one.

    Code 0 stands for all that is rare, unseen, or missing without enough training rows. As one-hot
    features code 0 is all zeros.
    """

    name: str
    categories: tuple[str, ...]
    missing: bool
    """Whether a missing cell is a category of its own; it has the last code."""

    @classmethod
    def fit(cls, column: pd.Series) -> Self | None:
        """None if the training rows leave nothing to tell apart."""
        codes, distinct = cells.factor(column)
        counts = np.bincount(codes + 1, minlength=len(distinct) + 1)
        categories = tuple(sorted(word for word, n in zip(distinct, counts[1:], strict=True) if n >= RARE))
        missing = bool(counts[0] >= RARE)
        kept = sum(counts[1:][counts[1:] >= RARE]) + (counts[0] if missing else 0)
        if len(categories) + missing + (kept < len(column)) < 2:
            return None
        return cls(name=str(column.name), categories=categories, missing=missing)

    @property
    def cardinality(self) -> int:
        """Number of codes, code 0 among them."""
        return 1 + len(self.categories) + self.missing

    def codes(self, column: pd.Series) -> np.ndarray:
        """Codes from 0 to cardinality − 1, shape (n,), int64."""
        codes, distinct = cells.factor(column)
        known = {word: code for code, word in enumerate(self.categories, start=1)}
        gap = self.cardinality - 1 if self.missing else 0
        return np.array([known.get(word, 0) for word in distinct] + [gap], dtype=np.int64)[codes]

    def encode(self, column: pd.Series) -> np.ndarray:
        """One-hot, shape (n, cardinality − 1)."""
        return self.codes(column)[:, None] == np.arange(1, self.cardinality)

    @property
    def feature_names(self) -> list[str]:
        names = [f"{self.name}={category}" for category in self.categories]
        return [*names, f"{self.name} is missing"] if self.missing else names

    @property
    def continuous(self) -> list[bool]:
        return [False] * (self.cardinality - 1)


class DateColumn(msgspec.Struct, frozen=True, kw_only=True, tag="date"):
    """The moment, robustly scaled, and the cycles of year, week and day as sine and cosine."""

    name: str
    format: str | None
    moment: NumberColumns
    cycles: tuple[str, ...]
    """Those of year, week and day through which the training rows move."""

    @classmethod
    def fit(cls, column: pd.Series) -> Self | None:
        """None if the training rows hold one date only."""
        form = None
        if not pd.api.types.is_datetime64_any_dtype(column.dtype):
            form = cells.date_format(cells.factor(column)[1])
        dates = cells.dates(column, form)
        moment = NumberColumns.fit([str(column.name)], _days(dates)[:, None])
        if not moment.names:
            return None
        cycles = tuple(name for name, phase in _phases(dates).items() if np.nanmax(phase) > np.nanmin(phase))
        return cls(name=str(column.name), format=form, moment=moment, cycles=cycles)

    def encode(self, column: pd.Series) -> np.ndarray:
        dates = cells.dates(column, self.format)
        phases = _phases(dates)
        turns = [2 * np.pi * phases[name] for name in self.cycles]
        waves = [np.nan_to_num(wave(turn)) for turn in turns for wave in (np.sin, np.cos)]
        return np.column_stack([self.moment.encode(_days(dates)[:, None]), *waves])

    @property
    def feature_names(self) -> list[str]:
        waves = [f"{self.name} {wave} of {cycle}" for cycle in self.cycles for wave in ("sine", "cosine")]
        return [*self.moment.feature_names, *waves]

    @property
    def continuous(self) -> list[bool]:
        return self.moment.continuous + [False] * (2 * len(self.cycles))


def _days(dates: np.ndarray) -> np.ndarray:
    """Days since 1970, NaN where missing."""
    days = dates.astype("int64") / 86_400e6
    return np.where(np.isnat(dates), np.nan, days)


def _phases(dates: np.ndarray) -> dict[str, np.ndarray]:
    """Where in the year, the week and the day each date lies, from 0 to 1; NaN where missing."""
    days = _days(dates)
    years = dates.astype("datetime64[Y]")
    start = _days(years.astype("datetime64[us]"))
    length = _days((years + 1).astype("datetime64[us]")) - start
    return {"year": (np.floor(days) - start) / length, "week": np.floor(days + 3) % 7 / 7, "day": days % 1}


WordColumn = BooleanColumn | CategoryColumn | DateColumn
"""Columns encoded one by one."""
