"""Every format is read, and every damage is one sentence."""

import gzip
import sys

import pandas as pd
import polars
import pyarrow
import pytest

from netsitter.errors import DataError, UsageError
from netsitter.tables.read import read_table

SUFFIXES = ["csv", "tsv", "csv.gz", "csv.zst", "parquet", "feather", "jsonl", "json", "xlsx"]
FRAME = pd.DataFrame({"a": [1, 2], "b": ["x", None], "c": [0.5, 1.5]})


@pytest.fixture
def folder(tmp_path):
    FRAME.to_csv(tmp_path / "t.csv", index=False)
    FRAME.to_csv(tmp_path / "t.tsv", index=False, sep="\t")
    FRAME.to_csv(tmp_path / "t.csv.gz", index=False)
    FRAME.to_csv(tmp_path / "t.csv.zst", index=False)
    FRAME.to_parquet(tmp_path / "t.parquet")
    FRAME.to_feather(tmp_path / "t.feather")
    FRAME.to_json(tmp_path / "t.jsonl", orient="records", lines=True)
    FRAME.to_json(tmp_path / "t.json", orient="records")
    FRAME.to_excel(tmp_path / "t.xlsx", index=False)
    return tmp_path


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_format_gives_the_same_table(folder, suffix):
    frame = read_table(folder / f"t.{suffix}")
    assert frame.columns.tolist() == ["a", "b", "c"]
    assert frame["a"].tolist() == [1, 2]
    assert frame["b"].tolist()[0] == "x"
    assert frame["b"].isna().tolist() == [False, True]
    assert frame["c"].tolist() == [0.5, 1.5]


def test_the_contents_and_not_the_name_tell_the_format(folder):
    (folder / "t.parquet").rename(folder / "misnamed.csv")
    assert read_table(str(folder / "misnamed.csv"))["a"].tolist() == [1, 2]


@pytest.mark.parametrize(
    "source",
    [
        FRAME.set_axis([7, 9]),
        polars.from_pandas(FRAME),
        polars.from_pandas(FRAME).lazy(),
        pyarrow.table(FRAME),
    ],
)
def test_any_data_frame(source):
    frame = read_table(source)
    assert isinstance(frame, pd.DataFrame)
    assert frame.index.tolist() == [0, 1]
    assert frame["a"].tolist() == [1, 2]


def test_no_data_frame():
    with pytest.raises(UsageError, match="dict is no table"):
        read_table({"a": [1]})


def test_two_levels_of_names():
    with pytest.raises(UsageError, match="several levels"):
        read_table(FRAME.set_axis(pd.MultiIndex.from_product([["q"], list("abc")]), axis=1))


def test_excel_sheets(folder):
    with pytest.raises(UsageError, match="no sheet 'other'; there are 'Sheet1'"):
        read_table(folder / "t.xlsx", sheet="other")


def test_excel_without_openpyxl_names_the_install_line(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(UsageError, match=r"pip install 'netsitter\[excel\]'"):
        read_table(folder / "t.xlsx")


def test_a_missing_file_names_the_nearest(folder):
    with pytest.raises(UsageError, match=r"Did you mean 't\.csv'"):
        read_table(folder / "t.cvs")
    with pytest.raises(UsageError, match="no folder"):
        read_table(folder / "nowhere" / "t.csv")


def test_a_folder(folder):
    with pytest.raises(UsageError, match="is a folder"):
        read_table(folder)


PARQUET_END = b"PAR1" + b"x" * 50 + b"PAR1"


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\n\n", "is empty"),
        (b"%PDF-1.4", "a PDF document"),
        (b"\x00\x01\x02" * 900, "a binary file"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0)[:-9], "damaged gzip"),
        (b"\x28\xb5\x2f\xfdnonsense", "damaged zstd"),
        (PARQUET_END, "damaged Parquet"),
        (b"PK\x03\x04nonsense", "damaged zip or Excel"),
        (b'{"a": 1}\n{"a": \n', "line 2 is not JSON"),
        (b'{"a": 1}\n[2]\n', "record 2 is not an object"),
    ],
)
def test_damage(tmp_path, raw, says):
    path = tmp_path / "t.csv"
    path.write_bytes(raw)
    with pytest.raises(DataError, match=says) as error:
        read_table(path)
    assert "t.csv" in str(error.value)
    assert "\n" not in str(error.value)
