"""Faults of ours do not reach the training; and the interface."""

import io
import sys

import pytest
from torch import nn

import netsitter
from netsitter.diagnosis import diagnose
from netsitter.errors import UsageError
from tests.observe.loops import mlp, sit, train


def test_a_model_whose_repr_raises_is_watched():
    class Shy(nn.Linear):
        def __repr__(self) -> str:
            raise RuntimeError("no")

    with sit() as sitter:
        assert len(train(Shy(8, 4), steps=5)) == 5
    assert sitter.run.last_step == 4
    assert "<Sitter" in repr(sitter)


def test_an_error_of_ours_is_noted_and_the_training_goes_on(monkeypatch):
    monkeypatch.setattr("netsitter.observe.graph.read", lambda loss: 1 / 0)
    with sit() as sitter:
        assert len(train(mlp(), steps=5)) == 5
    assert sitter.diagnosis.broken["before_backward"].startswith("ZeroDivisionError")


def test_a_full_disk_ends_the_file_only(tmp_path, monkeypatch):
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    model = mlp()
    with sit(run_dir=tmp_path) as sitter:
        train(model, steps=5)
        monkeypatch.setattr("netsitter.run.Run._put", full)
        train(model, steps=195)
    assert sitter.run.last_step == 199
    assert sitter.run["loss"].count == 200


def test_a_folder_that_cannot_be_made_is_no_reason_to_stop(tmp_path):
    (tmp_path / "file").write_text("")
    with sit(run_dir=tmp_path / "file" / "run") as sitter:
        train(mlp(), steps=5)
    assert sitter.run.last_step == 4
    assert "run_dir" in sitter.diagnosis.broken


@pytest.mark.parametrize("stream", [None, io.StringIO()], ids=["none", "closed"])
def test_a_closed_stderr_is_no_reason_to_stop(stream, monkeypatch):
    if stream is not None:
        stream.close()
    with netsitter.watch() as sitter:
        monkeypatch.setattr(sys, "stderr", stream)
        train(mlp(4, nn.Softmax(1)), steps=20)
    assert sitter.diagnosis.named("double-softmax") is not None


def test_findings_are_told_once_each(capsys):
    told = []
    with netsitter.watch(on_finding=told.append):
        train(mlp(4, nn.Softmax(1)), steps=20)
    assert [finding.name for finding in told].count("double-softmax") == 1
    assert capsys.readouterr().err.count("[O002]") == 1


def test_a_callback_that_fails_is_our_trouble_only():
    def fail(finding: object) -> None:
        raise ValueError("no")

    with sit(on_finding=fail) as sitter:
        train(mlp(4, nn.Softmax(1)), steps=20)
    assert "ValueError" in str(sitter.diagnosis.broken)


# ---- the interface


def test_rules_are_chosen_by_name_code_and_family():
    with sit(select=["O"], ignore=["double-softmax"]) as sitter:
        train(mlp(4, nn.Softmax(1)), steps=20)
    assert not {finding.code[0] for finding in sitter.findings} - {"O"}
    assert sitter.diagnosis.named("double-softmax") is None
    with pytest.raises(UsageError, match="double-softmax"):
        sit(select=["dubble-softmax"])


def test_numbers_of_ones_own_are_recorded():
    with sit() as sitter:
        train(mlp(), steps=5)
        sitter.log(val_loss=0.5, bleu=31)
    assert sitter.run["val/loss"].last == 0.5
    assert sitter.run["metric/bleu"].last == 31


def test_a_run_read_back_gets_the_same_verdict(tmp_path):
    with sit(run_dir=tmp_path) as sitter:
        train(mlp(4, nn.Softmax(1)), steps=60)
    offline = diagnose(netsitter.Run.open(tmp_path))
    assert [f.to_json() for f in offline.findings] == [f.to_json() for f in sitter.findings]


def test_it_shows_itself_in_a_notebook():
    with sit() as sitter:
        train(mlp(4, nn.Softmax(1)), steps=20)
    assert "double-softmax" in sitter._repr_html_()
