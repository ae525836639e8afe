import shutil
import subprocess
from types import SimpleNamespace

import pytest

from netsitter.errors import UsageError
from netsitter.treat.account import unified
from netsitter.treat.backup import apply


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a = 1\nb = 2\n", "a = 1\nb = 3\n"),
        ("a = 1\nb = 2", "a = 1\nb = 3"),
        ("a = 1", "a = 1\nb = 3\n"),
        ("a = '\x0c'\nb = 2\n", "a = '\x0c'\nb = 3\n"),
        ("a = 1\r\nb = 2\r\n", "a = 1\r\nb = 3\r\n"),
    ],
    ids=["plain", "no-last-newline", "newline-added", "form-feed", "windows"],
)
@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_a_diff_applies(tmp_path, monkeypatch, before, after):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "train.py"
    file.write_bytes(before.encode())
    (tmp_path / "change.diff").write_bytes(unified(str(file), before, after).encode())
    subprocess.run(["git", "apply", "--whitespace=nowarn", "change.diff"], check=True)
    assert file.read_bytes() == after.encode()


def repair(file, text):
    return SimpleNamespace(mended={str(file): "new\n"}, texts={str(file): text})


def test_apply_copies_what_was_there_and_never_over_an_older_copy(tmp_path):
    file = tmp_path / "train.py"
    file.write_text("old\n")
    file.chmod(0o755)
    (tmp_path / "train.py.orig").write_text("older\n")
    (done,) = apply(repair(file, "old\n"))
    assert file.read_text() == "new\n"
    assert file.stat().st_mode & 0o777 == 0o755
    assert done["backup"] == str(tmp_path / "train.py.orig2")
    assert (tmp_path / "train.py.orig2").read_text() == "old\n"
    assert (tmp_path / "train.py.orig").read_text() == "older\n"


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path):
    file = tmp_path / "train.py"
    file.write_text("edited since\n")
    with pytest.raises(UsageError, match="has changed"):
        apply(repair(file, "old\n"))
    assert [path.name for path in tmp_path.iterdir()] == ["train.py"]
