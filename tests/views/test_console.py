"""Findings in plain words."""

from netsitter.diagnosis import Diagnosis
from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy
from netsitter.views.console import line, summary


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
