"""Reading the cells of one column as numbers, dates or words, whatever its dtype.

The same functions serve guessing the kinds, learning an encoding and applying it, so that a column
of text in a new file is read exactly as the column of numbers that was learnt from.
"""

import re
import warnings
from datetime import datetime

import numpy as np
import pandas as pd

MISSING_WORDS = frozenset({"", "nan", "nat", "<na>"})
"""Cells of a text column that mean "missing", in any case. `None`, `NA`, `No`, `-` and `?` are not among
them: in a column of categories they are often answers ("no garage"). Reading a CSV has already made
missing what stands there unquoted as ``NA`` or ``NULL``."""

MISSING_NUMBERS = MISSING_WORDS | {
    *("na", "n/a", "#n/a", "null", "none", "?", "-", "--", ".", "..", "*", "missing", "unknown", "#value!")
}
"""Cells that mean "missing" in a column that otherwise holds numbers or dates."""

DATE_FORMATS = (
    "ISO8601",
    "%d.%m.%Y",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%Y/%m/%d",
    "%d-%m-%Y",
    "%m/%d/%y",
    "%d.%m.%Y %H:%M",
    "%m/%d/%Y %H:%M",
    "%d/%m/%Y %H:%M",
    "%d %b %Y",
    "%b %d, %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%B %d, %Y",
    "%d %B %Y",
)
"""Tried in this order; the first that reads the most cells is taken."""

_ISO_DATE = re.compile(r"\s*\d{4}-\d{1,2}(-\d{1,2})?([T ]|\s*$)|\s*\d{8}T\d")
_CURRENCY = "$€£¥₹₽₩₪₺"
_THOUSANDS_COMMA = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_THOUSANDS_POINT = re.compile(r"[+-]?\d{1,3}(\.\d{3}){2,}|[+-]?\d{1,3}(\.\d{3})+,\d+")
_THOUSANDS_SPACE = re.compile(r"[+-]?\d{1,3}([ '’\u00a0\u202f]\d{3})+([.,]\d+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
_LEADING_ZERO = re.compile(r"\s*0\d+\s*")


def is_number_dtype(column: pd.Series) -> bool:
    """Whether the column is stored as real numbers (booleans are not)."""
    kind = column.dtype
    return pd.api.types.is_numeric_dtype(kind) and not (
        pd.api.types.is_bool_dtype(kind) or pd.api.types.is_complex_dtype(kind)
    )


def column(frame: pd.DataFrame, name: str) -> pd.Series:
    """One column of a frame whose names are distinct."""
    found = frame[name]
    assert isinstance(found, pd.Series)
    return found


def words(column: pd.Series) -> np.ndarray:
    """Cells as canonical text, shape (n,), object; None where missing.

    Whitespace around is cut, whole numbers lose their ``.0``, booleans are ``true`` and ``false``:
    what reads the same is the same category, whatever file format it came from.
    """
    codes, distinct = factor(column)
    return np.array([*distinct, None], dtype=object)[codes]


def factor(column: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Codes, shape (n,), and the distinct canonical words they stand for; -1 where missing."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype)
    try:
        codes, distinct = pd.factorize(column)
    except TypeError:  # unhashable cells, such as lists in JSON lines
        codes, distinct = pd.factorize(column.map(repr, na_action="ignore"))
    texts = [word(value) for value in distinct]
    position: dict[str, int] = {}
    for text in texts:
        if text is not None:
            position.setdefault(text, len(position))
    lookup = np.array([-1 if t is None else position[t] for t in texts] + [-1], dtype=np.int64)
    return lookup[np.asarray(codes)], list(position)


def word(value: object) -> str | None:
    """One cell as canonical text; None where missing."""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating):
        if not np.isfinite(value):
            return None
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    if isinstance(value, pd.Timestamp | np.datetime64):
        return pd.Timestamp(value).isoformat()
    text = str(value).strip()
    return None if text.casefold() in MISSING_WORDS else text


def missing(column: pd.Series) -> np.ndarray:
    """Mask of the missing cells, shape (n,)."""
    if is_number_dtype(column) or pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column.isna().to_numpy()
    return factor(column)[0] < 0


def numbers(column: pd.Series) -> np.ndarray:
    """Cells as float64, shape (n,); NaN where missing or not a number. Infinities are kept.

    Understands thousands separators, a decimal comma, currency signs and percent (12% is 0.12).
    A comma is a thousands separator only if every cell that has one fits ``1,234``.
    """
    if is_number_dtype(column):
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    if pd.api.types.is_bool_dtype(column.dtype):
        return column.astype("object").map({True: 1.0, False: 0.0}).to_numpy(dtype=np.float64)
    codes, distinct = factor(column)
    return np.append(_parse_numbers(distinct), np.nan)[codes]


def _parse_numbers(texts: list[str]) -> np.ndarray:
    """Distinct words as float64; NaN for those that are not numbers."""
    values = np.array([_plain_number(text) for text in texts], dtype=np.float64)
    rest = [i for i in np.flatnonzero(np.isnan(values)) if any(map(str.isdigit, texts[i]))]
    if not rest:
        return values
    bare = [_strip_unit(texts[i]) for i in rest]
    commas = [text for text, _ in bare if "," in text]
    comma_groups = all(_THOUSANDS_COMMA.fullmatch(text) for text in commas)
    for i, (text, scale) in zip(rest, bare, strict=True):
        values[i] = scale * _dressed_number(text, comma_groups=comma_groups)
    return values


def _plain_number(text: str) -> float:
    if not text.isascii() or "_" in text:  # float() also reads 1_000 and foreign digits
        return np.nan
    try:
        return float(text)
    except ValueError:
        return np.nan


def _strip_unit(text: str) -> tuple[str, float]:
    """The text without its currency or percent sign, and the factor that the sign stands for."""
    negative = text.startswith("(") and text.endswith(")")  # accountants' minus
    text = text.strip("() ") if negative else text
    scale = -1.0 if negative else 1.0
    if text.endswith("%"):
        return text[:-1].strip(), scale / 100
    for sign in ("-", "+"):
        if text.startswith(sign) and text[1:2] in _CURRENCY:
            return sign + text[1:].strip(_CURRENCY + " "), scale
    return text.replace("−", "-").strip(_CURRENCY + " "), scale


def _dressed_number(text: str, *, comma_groups: bool) -> float:
    if _THOUSANDS_POINT.fullmatch(text):
        return float(text.replace(".", "").replace(",", "."))
    if _THOUSANDS_SPACE.fullmatch(text):
        return float(re.sub(r"[^\d.,+-]", "", text).replace(",", "."))
    if comma_groups and _THOUSANDS_COMMA.fullmatch(text):
        return float(text.replace(",", ""))
    if _DECIMAL_COMMA.fullmatch(text):
        return float(text.replace(",", "."))
    return _plain_number(text)


def has_leading_zeros(distinct: list[str]) -> bool:
    """Whether cells look like codes, ``00501``, which as numbers would lose their zeros."""
    return any(_LEADING_ZERO.fullmatch(text) for text in distinct)


def is_missing_number(text: str) -> bool:
    return text.casefold() in MISSING_NUMBERS


def date_format(distinct: list[str]) -> str | None:
    """The format that reads at least 95 % of the words as dates; None if there is none."""
    sample = [text for text in distinct[:2000] if not is_missing_number(text)]
    best, share = None, 0.0
    for form in DATE_FORMATS:
        # Three words are read the quick way first: most columns are no dates in any format.
        if any(_fits(text, form) for text in sample[:3]):
            read = float(np.mean(~np.isnat(_parse_dates(sample, form))))
            if read >= 0.95 and read > share:
                best, share = form, read
    return best


def _fits(text: str, form: str) -> bool:
    if form == "ISO8601":
        return _ISO_DATE.match(text) is not None
    try:
        datetime.strptime(text, form)
    except ValueError:
        return False
    return True


def dates(column: pd.Series, form: str | None) -> np.ndarray:
    """Cells as datetime64[us], shape (n,); NaT where missing or not a date. Time zones become UTC."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        if getattr(column.dtype, "tz", None) is not None:
            column = column.dt.tz_convert("UTC").dt.tz_localize(None)
        return column.to_numpy().astype("datetime64[us]")
    codes, distinct = factor(column)
    parsed = _parse_dates(distinct, form or date_format(distinct) or "ISO8601")
    return np.append(parsed, np.datetime64("NaT", "us"))[codes]


def _parse_dates(texts: list[str], form: str) -> np.ndarray:
    if not texts:
        return np.empty(0, dtype="datetime64[us]")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parsed = pd.to_datetime(pd.Series(texts, dtype=object), format=form, errors="coerce", utc=True)
    return parsed.dt.tz_localize(None).to_numpy().astype("datetime64[us]")
