"""Findings in plain words."""

import io
import os
import re

from netsitter.diagnosis import Diagnosis
from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy
from netsitter.run import Run
from netsitter.views.console import course, line, say, summary


class Terminal(io.StringIO):
    tty, code = True, "utf-8"

    @property
    def encoding(self) -> str:
        return self.code

    def isatty(self) -> bool:
        return self.tty

    def fileno(self) -> int:
        return 2


def finding(name: str, severity: Severity = Severity.SICK, **more: object) -> Finding:
    remedy = Remedy(name="mend", text="Mend it.", knob=Knob.LR)
    facts = {"code": "X001", "depth": Depth.SETTING, "message": "It is off.", "remedies": (remedy,), **more}
    return Finding(name=name, severity=severity, **facts)


def test_a_line_says_what_where_since_when_and_what_to_do():
    text = line(finding("lr-too-high", where=("a", "b", "c", "d", "e"), since=7))
    assert text == (
        "sick[X001] lr-too-high: It is off. → a, b, c, d and 1 more (since step 7)\n    try: Mend it."
    )


def test_symptoms_are_folded_under_their_cause():
    verdict = Diagnosis(findings=(finding("zero-init"), finding("plateau", explained_by="zero-init")))
    assert "explains: plateau" in summary(verdict)
    assert summary(verdict).count("It is off.") == 1


def test_a_healthy_run_is_said_to_be_one_with_what_was_not_checked():
    verdict = Diagnosis(
        unchecked={"overfitting": "the run has no val/loss", "drift": "the run has no val/loss"}
    )
    assert summary(verdict).splitlines() == [
        "nothing wrong was found",
        "not checked: overfitting, drift (no val/loss)",
    ]


def test_on_a_terminal_lines_are_wrapped_and_severities_coloured(monkeypatch):
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr("os.get_terminal_size", lambda fd: os.terminal_size((40, 20)))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    say([line(finding("lr-too-high", where=("first.weight", "second.weight"), since=7))])
    said = stream.getvalue()
    assert "\x1b[1;33msick[X001]\x1b[0m" in said
    plain = re.sub(r"\x1b\[[\d;]*m", "", said)
    assert max(map(len, plain.splitlines())) <= 40
    assert all(row.startswith("netsitter: ") for row in plain.splitlines())
    assert "".join(plain.replace("netsitter: ", "").split()) == "".join(
        line(finding("lr-too-high", where=("first.weight", "second.weight"), since=7)).split()
    )


def test_no_color_and_a_dumb_terminal(monkeypatch):
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr("os.get_terminal_size", lambda fd: os.terminal_size((80, 20)))
    for name, value in (("NO_COLOR", "1"), ("TERM", "dumb")):
        monkeypatch.setenv(name, value)
        say([line(finding("lr-too-high"))])
    assert "\x1b" not in stream.getvalue()


def test_what_the_stream_cannot_write_is_replaced(monkeypatch):
    stream = Terminal()
    stream.tty, stream.code = False, "ascii"
    monkeypatch.setattr("sys.stderr", stream)
    say(["a → b"])
    assert stream.getvalue() == "netsitter: a ? b\n"


def test_the_course_of_the_loss():
    run = Run()
    for step in range(100):
        run.append(step, {"loss": 2.0 - step / 100})
    assert course(run).startswith("loss 2 to 1.01 in 100 steps  ")
    assert course(Run()) == ""
