"""`netsitter report`: one run, several, and logs of others."""

from pathlib import Path

import pytest

from netsitter.run import Run


def trained(folder: Path, rate: float) -> Path:
    with Run.create(folder) as run:
        for step in range(60):
            run.append(step, {"loss": (1 - rate) ** step})
    return folder


def test_one_run_is_written_beside_its_log(netsitter, tmp_path):
    folder = trained(tmp_path / "night", 0.1)
    result = netsitter("report", folder)
    assert result.status == 0
    assert result.out.strip() == str(folder / "report.html")
    assert "night" in (folder / "report.html").read_text(encoding="utf-8")
    assert netsitter("report", folder / "run.jsonl").out.strip() == str(folder / "report.html")


def test_several_are_compared(netsitter, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    slow, fast = trained(tmp_path / "slow", 0.01), trained(tmp_path / "fast", 0.1)
    assert netsitter("report", slow, fast).out.strip() == "comparison.html"
    page = (tmp_path / "comparison.html").read_text(encoding="utf-8")
    assert "fast is best by its last loss" in page


def test_runs_of_one_name_are_told_apart(netsitter, tmp_path):
    a, b = trained(tmp_path / "a" / "run", 0.01), trained(tmp_path / "b" / "run", 0.1)
    netsitter("report", a, b, a, "-o", tmp_path / "both.html")
    page = (tmp_path / "both.html").read_text(encoding="utf-8")
    assert "2 runs compared" in page


def test_another_tools_log(netsitter, tmp_path):
    path = tmp_path / "metrics.csv"
    path.write_text("step,train_loss\n" + "".join(f"{i},{1 / (i + 1)}\n" for i in range(50)))
    result = netsitter("report", path)
    assert result.out.strip() == str(tmp_path / "metrics.report.html")
    assert "The training loss went from 1 to" in (tmp_path / "metrics.report.html").read_text(
        encoding="utf-8"
    )


def test_stdout(netsitter, tmp_path):
    assert netsitter("report", trained(tmp_path / "run", 0.1), "-o", "-").out.startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("arguments", "words"), [([], "Missing argument"), (["nowhere"], "There is no nowhere")]
)
def test_what_cannot_be_done_is_said(netsitter, arguments, words):
    result = netsitter("report", *arguments)
    assert result.status == 2
    assert words in result.err


def test_a_place_that_cannot_be_written(netsitter, tmp_path):
    result = netsitter("report", trained(tmp_path / "run", 0.1), "-o", tmp_path / "no" / "such.html")
    assert result.status == 2
    assert "cannot write" in result.err
