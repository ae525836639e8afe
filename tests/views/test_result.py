"""The end of a recipe, on wide and narrow terminals and in a pipe."""

import re
from pathlib import Path

import pytest

from netsitter.views.result import print_result
from tests.views.runs import finished_run


@pytest.mark.parametrize("width", [40, 60, 120])
def test_it_fits_the_terminal(width: int, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(width))
    print_result(Path("runs/a"), finished_run(), has_model=True)
    said = re.sub(r"\x1b\[[\d;]*m", "", capsys.readouterr().out)
    told, _, places = said.partition("run folder")
    assert max(map(len, told.splitlines())) <= width
    assert "boosted trees" in told
    assert "1.6" in told
    assert "netsitter predict runs/a NEW.csv -o predictions.csv" in places


def test_a_pipe_gets_every_metric_and_whole_lines(capsys) -> None:
    print_result(Path("runs/a"), finished_run(), has_model=False)
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "r2" in said
    assert "\nBetter than a constant answer for price.\n" in said
    assert "netsitter predict" not in said
