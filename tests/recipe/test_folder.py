"""The journal remembers work, survives kills, and hands decisions on."""

import json

import pytest

from netsitter.errors import UsageError
from netsitter.recipe.folder import RunFolder


def test_work_is_done_once_also_after_reopening(tmp_path):
    calls = []

    def work():
        calls.append(1)
        return {"score": 0.1, "list": [1, 2]}

    with RunFolder(tmp_path / "run") as folder:
        first = folder.once("a", work)
    with RunFolder(tmp_path / "run") as folder:
        assert folder.once("a", work) == first
    assert len(calls) == 1


def test_a_line_torn_by_a_kill_is_forgotten_and_written_again(tmp_path):
    with RunFolder(tmp_path / "run") as folder:
        folder.once("a", lambda: 1)
    journal = tmp_path / "run" / "state" / "journal.jsonl"
    journal.write_text(journal.read_text() + '{"key": "b", "kind": "res')
    with RunFolder(tmp_path / "run") as folder:
        assert not folder.knows("b")
        assert folder.once("b", lambda: 2) == 2
    assert [json.loads(line)["key"] for line in journal.read_text().splitlines()] == ["a", "b"]


def test_time_spent_before_an_interruption_counts(tmp_path):
    with RunFolder(tmp_path / "run") as folder:
        folder.once("a", lambda: 1)
    journal = tmp_path / "run" / "state" / "journal.jsonl"
    line = json.loads(journal.read_text())
    journal.write_text(json.dumps({**line, "clock": 100.0}) + "\n")
    with RunFolder(tmp_path / "run") as folder:
        assert 100 <= folder.spent < 101


def test_a_replay_takes_decisions_and_nothing_else(tmp_path):
    with RunFolder(tmp_path / "first") as first:
        first.decide("plan", lambda: {"epochs": 7})
        first.once("work", lambda: "old")
    with RunFolder(tmp_path / "second") as second:
        second.copy_decisions(tmp_path / "first")
        assert second.decide("plan", lambda: {"epochs": 99}) == {"epochs": 7}
        assert second.once("work", lambda: "new") == "new"


def test_one_process_at_a_time(tmp_path):
    with RunFolder(tmp_path / "run"), pytest.raises(UsageError, match="another process"):
        RunFolder(tmp_path / "run")


def test_a_folder_that_cannot_be_written_is_a_usage_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot write the run folder"):
        RunFolder(tmp_path / "file" / "run")
