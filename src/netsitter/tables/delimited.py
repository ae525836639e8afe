"""CSV and its kin: encoding, delimiter, quotes and decimal comma are sniffed, every row is checked."""

import csv
import io
import itertools
import re
from collections import Counter
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.csv as arrow_csv

from netsitter.errors import DataError, UsageError
from netsitter.tables import cells

DELIMITERS = (",", ";", "\t", "|")
LONGEST_LINE = 16 * 2**20
"""Bytes. A table of 10,000 columns has lines of some 200 kB; beyond this it is no table of rows."""
SAMPLE = 2**18
"""Characters from the start that the sniffing reads."""

_NULLS = ["", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "<NA>", "#N/A"]
_OTHER_DELIMITERS = (":", "^", "~", " ")


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How a file writes its cells."""

    delimiter: str
    quote: str
    decimal: str


def parse_delimited(
    raw: bytes, name: str, *, delimiter: str | None = None, encoding: str | None = None
) -> pd.DataFrame:
    """Parse a delimited text of one header line and rows, all with the same number of cells.

    Raises DataError that names the line or row at fault.
    """
    text = _decode(raw, name, encoding)
    _check_line_length(text, name)
    sample = text[:SAMPLE]
    if len(text) > SAMPLE:
        sample = (
            sample[: max(sample.rfind("\n"), sample.rfind("\r"))] if re.search("[\r\n]", sample) else text
        )
    dialect = sniff(sample, delimiter)
    records = _records(sample, dialect, limit=200)
    if delimiter is None:
        _check_foreign_delimiter(records, name)
    _check_header(records, name)
    frame = _parse(text, name, dialect, codes=_code_columns(records))
    _check_quotes(text, frame, dialect, name)
    return frame


def _decode(raw: bytes, name: str, encoding: str | None) -> str:
    if encoding is None:
        encoding = _guess_encoding(raw, name)
    try:
        return raw.decode(encoding).removeprefix("\ufeff")
    except LookupError:
        raise UsageError(f"There is no encoding {encoding!r}; try utf-8, utf-16 or cp1252.") from None
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise DataError(f"{name}, line {line} is not {encoding}: give its encoding.") from None


def _guess_encoding(raw: bytes, name: str) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    head = raw[:4096]
    if b"\0" in head:
        even, odd = head[::2].count(0), head[1::2].count(0)
        if min(even, odd) * 10 < max(even, odd) and max(even, odd) > len(head) / 5:
            return "utf-16-be" if even > odd else "utf-16-le"
    if b"\0" in raw or sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head) > len(head) / 50:
        raise DataError(f"{name} is a binary file, not a table: save it as CSV or Parquet.")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return _guess_single_byte(raw)
    return "utf-8"


def _guess_single_byte(raw: bytes) -> str:
    """cp1252 is Latin-1 with printable signs in place of 32 control codes; five bytes it lacks."""
    try:
        raw.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1"
    return "cp1252"


def _check_line_length(text: str, name: str) -> None:
    start = 0
    while len(text) - start > LONGEST_LINE:
        window = text[start : start + LONGEST_LINE]
        end = max(window.rfind("\n"), window.rfind("\r"))
        if end < 0:
            line = text.count("\n", 0, start) + 1
            raise DataError(
                f"{name}, line {line} is longer than {LONGEST_LINE // 2**20} MB: give one row a line."
            )
        start += end + 1


def sniff(sample: str, delimiter: str | None = None) -> Dialect:
    """The dialect under which most records have as many cells as the header, the more cells the better."""
    found, quote, best = delimiter or ",", '"', (-1.0, 0)
    for candidate in (delimiter,) if delimiter else DELIMITERS:
        mark = _quote(sample, candidate)
        counts = Counter(
            map(len, _records(sample, Dialect(delimiter=candidate, quote=mark, decimal="."), 100))
        )
        width, hits = counts.most_common(1)[0] if counts else (1, 0)
        score = (hits / max(counts.total(), 1) if width > 1 else 0.0, width)
        if score > best:
            found, quote, best = candidate, mark, score
    return Dialect(delimiter=found, quote=quote, decimal=_decimal(sample, found))


def _quote(sample: str, delimiter: str) -> str:
    """The single quote where it encloses more cells than the double quote does."""
    edge = re.escape(delimiter)
    single, double = (
        len(re.findall(rf"(?:^|{edge}){mark}[^{mark}\r\n]*{mark}(?=$|\r|{edge})", sample, re.MULTILINE))
        for mark in ("'", '"')
    )
    return "'" if single > double else '"'


def _decimal(sample: str, delimiter: str) -> str:
    """The comma where cells such as ``3,14`` occur and none such as ``3.14``."""
    if delimiter == ",":
        return "."
    edge = re.escape(delimiter)
    comma, point = (
        re.search(rf"(?:^|{edge})\s*[+-]?\d+{mark}\d+\s*(?=$|\r|{edge})", sample, re.MULTILINE)
        for mark in (",", r"\.")
    )
    return "," if comma and not point else "."


def _records(sample: str, dialect: Dialect, limit: int) -> list[list[str]]:
    """The first records that are not blank."""
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=dialect.delimiter, quotechar=dialect.quote)
    records: list[list[str]] = []
    for record in reader:
        if record:
            records.append(record)
        if len(records) == limit:
            break
    return records


def _check_foreign_delimiter(records: list[list[str]], name: str) -> None:
    """One column in which every line has the same number of another mark was cut wrongly."""
    if len(records) < 3 or any(len(record) != 1 for record in records):
        return
    for mark in _OTHER_DELIMITERS:
        counts = {record[0].strip().count(mark) for record in records}
        if len(counts) == 1 and counts != {0}:
            raise DataError(
                f"{name} seems to be delimited by {mark!r}, which is not among , ; tab |: "
                "save it with commas, or give the delimiter."
            )


def _check_header(records: list[list[str]], name: str) -> None:
    if not records:
        raise DataError(f"{name} is empty: give a table with a header line and rows.")
    header = [cell.strip() for cell in records[0]]
    values = [float(c) for c in header if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", c)]
    counts_up = all(b > a for a, b in itertools.pairwise(values))
    if len(values) * 2 > len(header) and not (counts_up and all(v.is_integer() for v in values)):
        raise DataError(
            f"{name} has data where the header should be ({header[0]!r}, …): add a line of names."
        )
    widths = {len(record) for record in records[1:]}
    if len(header) > 1 and len(records) > 3 and widths == {len(header) + 1}:
        raise DataError(
            f"{name} has {len(header)} names over {len(header) + 1} columns: name the first column too."
        )


def _code_columns(records: list[list[str]]) -> list[str]:
    """Columns with cells such as ``00501``: codes, which stay text."""
    header, rows = records[0], [r for r in records[1:] if len(r) == len(records[0])]
    return [name for name, column in zip(header, zip(*rows, strict=True), strict=False)
            if cells.has_leading_zeros(list(column))]  # fmt: skip


def _parse(text: str, name: str, dialect: Dialect, *, codes: list[str]) -> pd.DataFrame:
    ragged: list[arrow_csv.InvalidRow] = []

    def refuse(row: arrow_csv.InvalidRow) -> str:
        ragged.append(row)
        return "error"

    raw = text.encode("utf-8", errors="replace")
    try:
        table = arrow_csv.read_csv(
            io.BytesIO(raw),
            # One block: types are then guessed from every row, and rows are numbered.
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=min(len(raw) + 64, 2**31 - 1)),
            parse_options=arrow_csv.ParseOptions(
                delimiter=dialect.delimiter,
                quote_char=dialect.quote,
                newlines_in_values=True,
                invalid_row_handler=refuse,
            ),
            convert_options=arrow_csv.ConvertOptions(
                null_values=_NULLS,
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                decimal_point=dialect.decimal,
                column_types=dict.fromkeys(codes, pa.string()),
            ),
        )
    except pa.ArrowException as error:
        if ragged:
            raise DataError(_ragged(ragged[0], name, dialect)) from None
        if "cannot infer number of columns" in str(error):
            raise DataError(f"{name} has a header and no rows: add the rows.") from None
        raise DataError(
            f"{name} is not a well-formed table ({' '.join(str(error).split())[:160]})."
        ) from None
    return _to_pandas(table)


def _to_pandas(table: pa.Table) -> pd.DataFrame:
    """Duplicate names survive here, to be reported with their places."""
    names = table.schema.names
    frame = table.rename_columns([str(i) for i in range(len(names))]).to_pandas(date_as_object=False)
    return frame.set_axis(pd.Index(names, dtype=object), axis=1)


def _ragged(row: arrow_csv.InvalidRow, name: str, dialect: Dialect) -> str:
    where = f"row {row.number - 1}" if row.number else "a row"
    start = row.text[:40] + ("…" if len(row.text) > 40 else "")
    return (
        f"{name}, {where} ({start!r}) has {row.actual_columns} cells and the header {row.expected_columns} "
        f"(delimiter {dialect.delimiter!r}): mend the row, or quote a cell that contains the delimiter."
    )


def _check_quotes(text: str, frame: pd.DataFrame, dialect: Dialect, name: str) -> None:
    """An unclosed quote swallows the rest of the file into one cell of the last row."""
    if text.count(dialect.quote) % 2 == 0 or not len(frame):
        return
    for column, cell in frame.iloc[-1].items():
        if isinstance(cell, str) and "\n" in cell:
            raise DataError(
                f"{name}, row {len(frame)}, column {str(column)!r}: a quote is opened "
                "and never closed; close it."
            )
