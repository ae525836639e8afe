"""While a training goes on, only what is proven, or still holds after twice as many steps, is told."""

import pytest

import netsitter
from netsitter.diagnosis import Diagnosis
from netsitter.finding import Depth, Finding, Severity


def finding(depth: Depth, severity: Severity = Severity.SICK) -> Finding:
    return Finding(code="X001", name="it", severity=severity, depth=depth, message="It is so.")


@pytest.fixture
def sitter():
    with netsitter.watch(quiet=True) as sitter:
        yield sitter


def told_at(sitter, monkeypatch, finding: Finding | None, step: int) -> bool:
    """Whether a verdict with this finding at this step is told."""
    monkeypatch.setattr(type(sitter), "run", type("Stub", (), {"last_step": step}))
    before = len(sitter._told)
    sitter._tell(Diagnosis(findings=(finding,) if finding else ()), aloud=False)
    return len(sitter._told) > before


@pytest.mark.parametrize(
    ("depth", "severity"), [(Depth.MECHANISM, Severity.SICK), (Depth.DYNAMICS, Severity.FATAL)]
)
def test_what_is_proven_is_told_at_once(sitter, monkeypatch, depth, severity):
    assert told_at(sitter, monkeypatch, finding(depth, severity), 3)


def test_a_suspicion_is_told_when_it_holds_after_twice_the_steps(sitter, monkeypatch):
    suspicion = finding(Depth.SETTING)
    assert not told_at(sitter, monkeypatch, suspicion, 100)
    assert not told_at(sitter, monkeypatch, suspicion, 199)
    assert told_at(sitter, monkeypatch, suspicion, 200)
    assert not told_at(sitter, monkeypatch, suspicion, 400), "once"


def test_a_suspicion_that_passes_begins_anew(sitter, monkeypatch):
    suspicion = finding(Depth.DYNAMICS)
    assert not told_at(sitter, monkeypatch, suspicion, 100)
    assert not told_at(sitter, monkeypatch, None, 150)
    assert not told_at(sitter, monkeypatch, suspicion, 250)


def test_an_outcome_waits_for_the_end(sitter, monkeypatch):
    outcome = finding(Depth.OUTCOME)
    assert not told_at(sitter, monkeypatch, outcome, 100)
    assert not told_at(sitter, monkeypatch, outcome, 10_000)
    sitter.close()
    assert told_at(sitter, monkeypatch, outcome, 10_000)
