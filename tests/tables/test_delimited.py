"""Delimited text: sniffing, and damage named by its row."""

import csv
import io
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netsitter.errors import DataError, UsageError
from netsitter.tables.delimited import DELIMITERS, parse_delimited, sniff


def parse(text, **options):
    return parse_delimited(text.encode() if isinstance(text, str) else text, "t.csv", **options)


@pytest.mark.parametrize("delimiter", DELIMITERS)
@pytest.mark.parametrize("quote", ['"', "'"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_dialects_and_encodings(delimiter, quote, encoding, newline):
    rows = [["näme", "b"], [f"x{delimiter}ä", "1"], [f"y{delimiter}é", "2"]]
    lines = [delimiter.join(f"{quote}{cell}{quote}" for cell in row) for row in rows]
    frame = parse((newline.join(lines) + newline).encode(encoding))
    assert frame.columns.tolist() == ["näme", "b"]
    assert frame["näme"].tolist() == [f"x{delimiter}ä", f"y{delimiter}é"]
    assert frame["b"].tolist() == [1, 2]


@st.composite
def tables(draw):
    """Names, rows of text cells that cannot be taken for anything else."""
    letters = st.text(st.characters(min_codepoint=0x61, max_codepoint=0x17E, categories=["Ll"]), min_size=1)
    names = draw(st.lists(letters, min_size=2, max_size=5, unique=True))
    cell = st.lists(st.one_of(letters, st.sampled_from([" ", ",", ";", "\t", "|", '"'])), max_size=6)
    cell = cell.map("".join).map(lambda text: f"w{text}w")
    rows = draw(st.lists(st.tuples(*[cell] * len(names)), min_size=3, max_size=20))
    return names, rows


@settings(deadline=None)
@given(tables(), st.sampled_from(DELIMITERS), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_what_was_written_is_read(table, delimiter, encoding):
    names, rows = table
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerow(names)
    writer.writerows(rows)
    frame = parse(buffer.getvalue().encode(encoding))
    assert frame.columns.tolist() == names
    assert [tuple(row) for row in frame.itertuples(index=False)] == rows


def test_decimal_comma():
    frame = parse("a;b\n1,5;x\n1,234;y\n")
    assert frame["a"].tolist() == [1.5, 1.234]


def test_missing_words_count_only_without_quotes():
    frame = parse('a,b\nNA,"NA"\nNULL,None\n,""\n')
    assert frame["a"].isna().all()
    assert frame["b"].tolist() == ["NA", "None", ""]


def test_codes_keep_their_zeros():
    assert parse("zip,n\n00501,1\n12345,2\n")["zip"].tolist() == ["00501", "12345"]


def test_dates_and_truth():
    frame = parse("d,t\n2020-01-01,true\n2020-01-02,false\n")
    assert frame["d"].dtype.kind == "M"
    assert frame["t"].dtype == bool


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b", "no rows"),
        ("a,b\n1,2\n3\n4,5\n", r"row 2 \('3'\) has 1 cells and the header 2"),
        ("a,b\n1,2\n3,4,5\n", r"row 2 \('3,4,5'\) has 3 cells"),
        ("a,b\n" + "r,1,2\n" * 9, "2 names over 3 columns"),
        ("5.1,3.5,x\n4.9,3.0,y\n", "data where the header should be"),
        ('a,b\n1,2\n3,"x\n4,y\n', "row 2, column 'b': a quote is opened"),
        ("a:b:c\n1:2:3\n4:5:6\n", "delimited by ':'"),
        ("a b c\n1 2 3\n4 5 6\n", "delimited by ' '"),
        (b"a,b\n1,\0\n", "binary file"),
    ],
)
def test_damage_is_named_with_its_place(text, says):
    with pytest.raises(DataError, match=says):
        parse(text)


def test_one_endless_line():
    with pytest.raises(DataError, match="line 2 is longer than 16 MB"):
        parse(b"a,b\n" + b"x" * 17 * 2**20)


def test_a_wrong_encoding_is_named():
    with pytest.raises(DataError, match="line 2 is not ascii"):
        parse("a,b\nä,1\n", encoding="ascii")
    with pytest.raises(UsageError, match="no encoding 'utf9'"):
        parse("a,b\n1,2\n", encoding="utf9")


def test_a_delimiter_can_be_given():
    assert parse("a:b\n1:2\n3:4\n", delimiter=":")["b"].tolist() == [2, 4]
    assert sniff("a,b;c\n1,2;3\n", ";").delimiter == ";"


def test_numbered_names_are_a_header():
    assert parse("0,1,2\n3,4,5\n").columns.tolist() == ["0", "1", "2"]


def complaint(text):
    """What is said about a text that is no table; empty if it is one."""
    try:
        return "" if isinstance(parse(text), pd.DataFrame) else "no frame"
    except DataError as error:
        return str(error)


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_one_sentence(raw):
    assert len(complaint(raw).splitlines()) <= 1


@settings(deadline=None)
@given(st.text(st.sampled_from("ab1,;\t|\"'\n\r .-"), max_size=80))
def test_any_text_is_a_table_or_one_sentence(text):
    assert len(complaint(text).splitlines()) <= 1


def test_fifty_thousand_rows_take_well_under_a_second():
    random = np.random.default_rng(0)
    frame = pd.DataFrame({f"x{i}": random.normal(size=50_000) for i in range(8)})
    frame["c"] = random.choice(["red", "green", "blue"], 50_000)
    frame["d"] = random.integers(0, 9, 50_000)
    raw = frame.to_csv(index=False).encode()
    start = time.process_time()
    assert parse(raw).shape == (50_000, 10)
    assert time.process_time() - start < 1.0
