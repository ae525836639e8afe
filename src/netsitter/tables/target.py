"""The target as the network sees it, and the way back to the user's unit."""

from typing import Self

import msgspec
import numpy as np
import pandas as pd

from netsitter.errors import DataError
from netsitter.tables import cells
from netsitter.tables.task import FEWEST_ROWS, Task

Label = bool | int | float | str


class TargetEncoder(msgspec.Struct, frozen=True, kw_only=True):
    """The target as the network sees it, and the way back to the user's unit.

    Regression: z = (t(y) − mean) / std over the training rows, t being the identity, log(y),
    log(1 + y) or Yeo-Johnson (Biometrika 2000, section 3). Classification: the class's number.
    """

    name: str
    task: Task
    transformation: str = "identity"
    power: float = 1.0
    """Yeo-Johnson's lambda."""
    mean: float = 0.0
    std: float = 1.0
    low: float = 0.0
    high: float = 0.0
    """Range of z over the training rows."""
    classes: tuple[Label, ...] = ()
    """As the user wrote them, sorted."""

    @classmethod
    def fit(cls, values: pd.Series, task: Task, *, transformation: str = "identity") -> Self:
        """Learn from the training rows' targets.

        ``transformation``: identity, log, log1p or yeo-johnson; `suggest_transformation` advises.
        Raises DataError if a target is missing or the transformation does not apply.
        """
        name = str(values.name)
        if task.is_classification:
            return cls(name=name, task=task, classes=_labels(values))
        y = _finite(values)
        power = _power(y) if transformation == "yeo-johnson" else 1.0
        if transformation in ("log", "log1p") and y.min() <= (0 if transformation == "log" else -1):
            raise DataError(
                f"The target {name!r} has the value {y.min():g}, whose {transformation} does not exist."
            )
        t = _forward(y, transformation, power)
        mean, std = float(t.mean()), float(t.std()) or 1.0
        z = (t - mean) / std
        return cls(
            name=name,
            task=task,
            transformation=transformation,
            power=power,
            mean=mean,
            std=std,
            low=float(z.min()),
            high=float(z.max()),
        )

    def transform(self, values: pd.Series) -> np.ndarray:
        """Regression: float32, shape (n,), standardised. Classification: int64 class numbers.

        Raises DataError for a missing target or a class that the training rows lack, with its row.
        """
        if self.task is Task.REGRESSION:
            t = _forward(_finite(values), self.transformation, self.power)
            return ((t - self.mean) / self.std).astype(np.float32)
        known = {cells.word(label): code for code, label in enumerate(self.classes)}
        codes, distinct = cells.factor(values)
        lookup = np.array([known.get(word, -1) for word in distinct] + [-1], dtype=np.int64)
        numbers = lookup[codes]
        if (numbers < 0).any():
            row = int(np.flatnonzero(numbers < 0)[0])
            raise DataError(
                f"Row {_row_number(values, row)} has the {self.name!r} {values.iloc[row]!r}, which no "
                "training row has: give training rows of it or drop it."
            )
        return numbers

    def inverse(self, prediction: np.ndarray) -> np.ndarray:
        """From the network's unit to the user's.

        Regression: any shape, float64. Transformed targets are held within the training range and
        half its width beyond, where an exponential would run away. Classification: class numbers
        of any shape to the classes as the user wrote them.
        """
        if self.task.is_classification:
            kinds = {type(label) for label in self.classes}
            dtype = None if len(kinds) == 1 and kinds <= {bool, int, float} else object
            return np.array(self.classes, dtype=dtype)[np.asarray(prediction, dtype=np.int64)]
        z = np.asarray(prediction, dtype=np.float64)
        if self.transformation != "identity":
            margin = (self.high - self.low) / 2
            z = np.clip(z, self.low - margin, self.high + margin)
        return _backward(z * self.std + self.mean, self.transformation, self.power)

    def to_json(self) -> bytes:
        return msgspec.json.encode(self)

    @classmethod
    def from_json(cls, text: bytes | str) -> Self:
        return msgspec.json.decode(text, type=cls)


def suggest_transformation(values: pd.Series) -> tuple[str, str]:
    """A transformation for a regression target and why: the simplest that takes most of the skew away."""
    y = _finite(values)
    skew = _skewness(y)
    if abs(skew) <= 1 or len(y) < FEWEST_ROWS:
        return "identity", f"skewness {skew:.1f}: standardised as it is"
    tries = ["log"] if y.min() > 0 else ["log1p"] if y.min() >= 0 else []
    for name in (*tries, "yeo-johnson"):
        left = _skewness(_forward(y, name, _power(y) if name == "yeo-johnson" else 1.0))
        if abs(left) <= abs(skew) / 2:
            return name, f"skewness {skew:.1f}; after {name} {left:.1f}"
    return "identity", f"skewness {skew:.1f}, which no transformation cures: standardised as it is"


def _labels(values: pd.Series) -> tuple[Label, ...]:
    """The classes in the user's own type, sorted."""
    _, distinct = cells.factor(values)
    if pd.api.types.is_bool_dtype(values.dtype):
        return (False, True)
    if cells.is_number_dtype(values):
        found = sorted(float(word) for word in distinct)
        return tuple(int(v) if v.is_integer() else v for v in found)
    return tuple(sorted(distinct))


def _finite(values: pd.Series) -> np.ndarray:
    y = cells.numbers(values)
    if not np.isfinite(y).all():
        row = int(np.flatnonzero(~np.isfinite(y))[0])
        raise DataError(
            f"The target {str(values.name)!r} is no number in row {_row_number(values, row)}: drop the row."
        )
    return y


def _row_number(values: pd.Series, place: int) -> int:
    """The row as people count, from 1; a part of a table keeps the table's row labels."""
    label = values.index[place]
    return int(label) + 1 if isinstance(label, int | np.integer) else place + 1


def _skewness(y: np.ndarray) -> float:
    spread = y.std()
    return float(np.mean(((y - y.mean()) / spread) ** 3)) if spread > 0 else 0.0


def _power(y: np.ndarray) -> float:
    from scipy import stats

    return float(np.asarray(stats.yeojohnson(y)[1]))


def _forward(y: np.ndarray, transformation: str, power: float) -> np.ndarray:
    if transformation == "log":
        return np.log(y)
    if transformation == "log1p":
        return np.log1p(y)
    if transformation == "yeo-johnson":
        from scipy import stats

        return np.asarray(stats.yeojohnson(y, lmbda=power))
    return y


def _backward(t: np.ndarray, transformation: str, power: float) -> np.ndarray:
    if transformation == "log":
        return np.exp(t)
    if transformation == "log1p":
        return np.expm1(t)
    if transformation == "yeo-johnson":
        return _yeo_johnson_inverse(t, power)
    return t


def _yeo_johnson_inverse(t: np.ndarray, power: float) -> np.ndarray:
    """Where t lies beyond what the transformation can reach, the nearest value that it can."""
    tiny = 1e-12
    up, down = np.maximum(t, 0), np.maximum(-t, 0)
    if abs(power) < tiny:
        high = np.expm1(up)
    else:
        high = np.maximum(up * power + 1, tiny) ** (1 / power) - 1
    if abs(power - 2) < tiny:
        low = -np.expm1(down)
    else:
        low = 1 - np.maximum(down * (2 - power) + 1, tiny) ** (1 / (2 - power))
    return np.where(t >= 0, high, low)
