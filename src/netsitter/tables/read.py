"""Any table, from a file or a data frame, as one pandas frame.

A file's format is told by its first bytes rather than its name. A missing or unreadable file is a
`UsageError`; a file whose contents are no table is a `DataError`.
"""

import gzip
import io
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from netsitter.errors import DataError, UsageError
from netsitter.tables.delimited import parse_delimited

_FOREIGN = {
    b"%PDF": "a PDF document",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"SQLite format 3": "an SQLite database",
    b"\x89HDF": "an HDF5 file",
    b"\x93NUMPY": "a NumPy array",
    b"\xd0\xcf\x11\xe0": "an old Excel file (.xls)",
    b"\x7fELF": "a program",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"Rar!": "a rar archive",
    b"7z\xbc\xaf": "a 7-zip archive",
    b"\x80\x04\x95": "a pickle",
    b"\x80\x05\x95": "a pickle",
}
_TEXT_MEND = "save it as CSV, Parquet, Feather, JSON lines or Excel (.xlsx)"


def read_table(
    source: Any, *, delimiter: str | None = None, encoding: str | None = None, sheet: str | int = 0
) -> pd.DataFrame:
    """Read a table: a path, or a data frame of pandas, polars, pyarrow (any that narwhals knows).

    CSV and TSV (also ``.gz`` and ``.zst``), Parquet, Feather, JSON lines and Excel. ``delimiter``
    and ``encoding`` are sniffed when not given; ``sheet`` is for Excel. Column names are distinct
    text; rows are numbered from 0. Of CSV text, an unquoted empty cell, ``NA``, ``N/A``, ``NaN``,
    ``NULL`` and ``<NA>`` are missing; ``None`` is not: it is often an answer.

    Raises UsageError if the file cannot be opened, DataError if it holds no table.
    """
    if not isinstance(source, str | os.PathLike):
        return _name_columns(_from_frame(source), "the data frame")
    path = Path(source)
    raw, name = _open(path), str(path)
    if raw.startswith(b"\x1f\x8b"):
        raw = _gunzip(raw, name)
    elif raw.startswith(b"\x28\xb5\x2f\xfd"):
        raw = _unzstd(raw, name)
    if not raw.strip(b"\xef\xbb\xbf \r\n\t"):
        raise DataError(f"{name} is empty: give a table with a header line and rows.")
    frame = _parse(raw, name, path.suffix, delimiter=delimiter, encoding=encoding, sheet=sheet)
    frame = _name_columns(frame, name)
    if not len(frame):
        raise DataError(f"{name} has a header of {len(frame.columns)} columns and no rows: add the rows.")
    return frame


def _open(path: Path) -> bytes:
    if path.is_dir():
        raise UsageError(f"{path} is a folder: name the table file in it.")
    try:
        return path.read_bytes()
    except FileNotFoundError:
        near = _similar_file(path)
        raise UsageError(f"There is no file {path}.{near}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{path} cannot be read ({reason}): check its path and permissions.") from None


def _similar_file(path: Path) -> str:
    from netsitter.errors import did_you_mean

    if not path.parent.is_dir():
        return f" There is no folder {path.parent} either."
    names = [entry.name for entry in path.parent.iterdir() if entry.is_file()]
    hint = did_you_mean(path.name, names)
    return hint if "Did you mean" in hint else " Check the path."


def _gunzip(raw: bytes, name: str) -> bytes:
    try:
        return gzip.decompress(raw)
    except (OSError, EOFError, ValueError) as error:
        raise DataError(f"{name} is a damaged gzip file ({error}): make it again.") from None


def _unzstd(raw: bytes, name: str) -> bytes:
    import pyarrow as pa

    try:
        return pa.CompressedInputStream(pa.BufferReader(raw), "zstd").read()
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{name} is a damaged zstd file ({error}): make it again.") from None


def _parse(
    raw: bytes, name: str, suffix: str, *, delimiter: str | None, encoding: str | None, sheet: str | int
) -> pd.DataFrame:
    foreign = next((what for magic, what in _FOREIGN.items() if raw.startswith(magic)), None)
    if foreign:
        raise DataError(f"{name} is {foreign}, not a table: {_TEXT_MEND}.")
    if raw.startswith(b"PAR1"):
        return _arrow(raw, name, "Parquet")
    if raw.startswith((b"ARROW1", b"FEA1")):
        return _arrow(raw, name, "Feather")
    if raw.startswith(b"PK\x03\x04"):
        return _excel(raw, name, sheet)
    if suffix.lower() in (".jsonl", ".ndjson", ".json") or raw.lstrip(b"\xef\xbb\xbf \r\n").startswith(b'{"'):
        return _json_lines(raw, name)
    return parse_delimited(raw, name, delimiter=delimiter, encoding=encoding)


def _arrow(raw: bytes, name: str, what: str) -> pd.DataFrame:
    import pyarrow as pa
    from pyarrow import feather, parquet

    read = parquet.read_table if what == "Parquet" else feather.read_table
    try:
        return _from_frame(read(pa.BufferReader(raw)))
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{name} is a damaged {what} file ({_line(error)}): make it again.") from None


def _excel(raw: bytes, name: str, sheet: str | int) -> pd.DataFrame:
    with (
        zipfile.ZipFile(io.BytesIO(raw)) if zipfile.is_zipfile(io.BytesIO(raw)) else _no_zip(name) as archive
    ):
        if not any(entry.startswith("xl/") for entry in archive.namelist()):
            raise DataError(f"{name} is a zip archive: unpack it and name the table file in it.")
    try:
        import openpyxl
    except ImportError:
        raise UsageError(
            f"Reading the Excel file {name} needs openpyxl: pip install 'netsitter[excel]'"
        ) from None
    try:
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        page = book[sheet] if isinstance(sheet, str) else book.worksheets[sheet]
        rows = [list(row) for row in page.iter_rows(values_only=True)]
    except (KeyError, IndexError):
        raise UsageError(f"{name} has no sheet {sheet!r}; there are {_sheets(raw)}.") from None
    except Exception as error:  # openpyxl raises many kinds on a damaged file
        raise DataError(f"{name} is a damaged Excel file ({_line(error)}): save it again.") from None
    rows = [row for row in rows if any(cell is not None for cell in row)]
    if not rows:
        raise DataError(f"{name} is empty: give a sheet with a header line and rows.")
    frame = pd.DataFrame(rows[1:], columns=pd.Index(["" if c is None else str(c) for c in rows[0]]))
    return frame.infer_objects()


def _sheets(raw: bytes) -> str:
    import openpyxl

    return ", ".join(map(repr, openpyxl.load_workbook(io.BytesIO(raw), read_only=True).sheetnames))


def _no_zip(name: str) -> zipfile.ZipFile:
    raise DataError(f"{name} is a damaged zip or Excel file: save it again.")


def _json_lines(raw: bytes, name: str) -> pd.DataFrame:
    import msgspec

    lines = raw.removeprefix(b"\xef\xbb\xbf").splitlines()
    decoder = msgspec.json.Decoder()
    if raw.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"["):
        lines = [raw]
    records: list[Any] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            value = decoder.decode(line)
        except msgspec.DecodeError as error:
            raise DataError(f"{name}, line {number} is not JSON ({error}): give one object a line.") from None
        records += value if isinstance(value, list) else [value]
    for number, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            raise DataError(f"{name}, record {number} is not an object: give one object a line.")
    return pd.DataFrame.from_records(records)


def _from_frame(source: Any) -> pd.DataFrame:
    if isinstance(source, pd.DataFrame):
        return source
    import narwhals as nw

    try:
        frame = nw.from_native(source)
    except TypeError:
        kind = type(source).__name__
        raise UsageError(
            f"A {kind} is no table: give a path or a data frame (pandas, polars, pyarrow)."
        ) from None
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect()
    return frame.to_pandas()


def _name_columns(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Names as distinct text; a nameless column, as row numbers often are, is called by its place."""
    if isinstance(frame.columns, pd.MultiIndex):
        raise UsageError(f"{name} has column names of several levels: flatten them to one.")
    names = [str(column).strip() or f"column {i}" for i, column in enumerate(frame.columns, start=1)]
    _check_distinct(names, name)
    frame = frame.set_axis(names, axis=1)
    return frame.reset_index(drop=True)


def _check_distinct(names: Sequence[str], source: str) -> None:
    first: dict[str, int] = {}
    for place, column in enumerate(names, start=1):
        if column in first:
            raise DataError(
                f"{source} has two columns named {column!r}, number {first[column]} and {place}: rename one."
            )
        first[column] = place


def _line(error: Exception) -> str:
    """An error's text on one line."""
    return " ".join(str(error).split())[:160]
