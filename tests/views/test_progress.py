"""What the terminal shows while a recipe goes on."""

import io
import re
from contextlib import redirect_stderr

import pytest

from netsitter.views.progress import Terminal
from netsitter.views.spark import BLOCKS, PLAIN, spark


class Tty(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def play(stream: Tty) -> None:
    """A recipe of one stage, with its progress on ``stream``."""
    with redirect_stderr(stream), Terminal() as progress:
        progress.say("task: binary")
        progress.stage_began("overfit", lambda: 83.0)
        progress.trial_ended(None)
        progress.trial_ended(0.51234, (0.9, 0.7, 0.5))
        progress.stage_ended("overfit", "It can learn by heart.", ["lr-too-high"])


@pytest.fixture
def stderr(monkeypatch: pytest.MonkeyPatch) -> Tty:
    stream = Tty()
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    return stream


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text)


def test_a_terminal_gets_a_moving_table_and_its_cursor_back(stderr: Tty) -> None:
    play(stderr)
    said = stderr.getvalue()
    assert re.search(r"overfit +0:00 +2 +0.5123 +× *. +█▄▁", plain(said))
    assert "time left" in said
    assert "1:23" in said
    assert said.rindex("\x1b[?25h") > said.rindex("\x1b[?25l")
    assert "found: lr-too-high" in plain(said)


def test_the_table_fits_into_40_columns(stderr: Tty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    play(stderr)
    assert max(len(line) for line in re.split(r"[\r\n]", plain(stderr.getvalue()))) <= 40


def test_a_failing_recipe_leaves_the_terminal_as_it_was(stderr: Tty) -> None:
    def fail() -> None:
        with redirect_stderr(stderr), Terminal() as progress:
            progress.stage_began("tune", lambda: 1.0)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert stderr.getvalue().rindex("\x1b[?25h") > stderr.getvalue().rindex("\x1b[?25l")


@pytest.mark.parametrize(("name", "value"), [("TERM", "dumb"), ("piped", "")])
def test_nothing_moves_where_it_cannot(
    stderr: Tty, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    if name == "piped":
        monkeypatch.setattr(Tty, "isatty", lambda self: False)
    else:
        monkeypatch.setenv(name, value)
    play(stderr)
    assert "\x1b" not in stderr.getvalue()
    assert stderr.getvalue().splitlines() == [
        "task: binary", "", "overfit", "It can learn by heart.", "found: lr-too-high",
    ]  # fmt: skip


def test_control_characters_of_names_do_nothing(stderr: Tty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    with redirect_stderr(stderr), Terminal() as progress:
        progress.say("column \x1b[2J\x07 [bold]: number")
    assert stderr.getvalue() == "column \\x1b[2J\\x07 [bold]: number\n"


def test_no_color(stderr: Tty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    play(stderr)
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", stderr.getvalue())


def test_sparks() -> None:
    assert spark([1, 2, 3, 4, 5, 6, 7, 8]) == BLOCKS
    assert spark([1, 2, 3, 4, 5, 6, 7, 8], encoding="ascii") == PLAIN
    assert spark([]) == ""
    assert spark([3.0, 3.0]) == BLOCKS[0] * 2
    assert spark([1.0, float("nan"), 2.0]) == "▁×█"
    assert spark([float("inf")] * 4) == "××××"
    assert spark([1e-3, 1.0, 1e3]) == "▁▅█", "a wide range is drawn on a logarithmic scale"


def test_a_long_curve_keeps_its_spike() -> None:
    values = [1.0] * 1000
    values[333] = 50.0
    assert spark(values, 10).count("█") == 1
    assert len(spark(values, 10)) == 10
