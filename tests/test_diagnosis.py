"""Judging: broken rules are contained, symptoms are folded under causes, live and offline agree."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import pytest

from netsitter.diagnosis import diagnose
from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy
from netsitter.rule import Case, Rule
from netsitter.run import Run


def rule(
    name: str,
    *,
    depth: Depth = Depth.DYNAMICS,
    severity: Severity = Severity.SICK,
    explains: tuple[str, ...] = (),
    needs: tuple[str, ...] = (),
    since: int | None = None,
    error: Exception | None = None,
) -> Rule:
    """A rule that always says the same."""

    @dataclass(frozen=True, kw_only=True)
    class Fixed(Rule):
        code: ClassVar[str] = "X001"

        @property
        def name(self) -> str:
            return name

        def check(self, run: Run) -> Iterator[Finding]:
            yield self.finding(f"it is {name}", since=since, remedies=(REMEDY,))
            if error:
                raise error

        @staticmethod
        def cases() -> Iterator[Case]:
            yield from ()

    Fixed.depth, Fixed.severity, Fixed.explains, Fixed.needs = depth, severity, explains, needs
    return Fixed()


REMEDY = Remedy(name="do-it", text="Do it.", knob=Knob.LR)


def names(rules: list[Rule], run: Run | None = None) -> list[str]:
    return [finding.name for finding in diagnose(run or Run(), rules).findings]


def test_a_broken_rule_stops_only_itself():
    verdict = diagnose(Run(), [rule("bad", error=ZeroDivisionError("x / 0")), rule("good")])
    assert verdict.broken == {"bad": "ZeroDivisionError: x / 0"}
    assert verdict.named("good") is not None
    assert verdict.named("bad") is not None, "what it found before it broke still counts"


def test_what_is_missing_is_said():
    verdict = diagnose(
        Run({"task": "x"}), [rule("r", needs=("loss|val/loss", "@model", "@task", "grad_norm/*"))]
    )
    assert verdict.unchecked == {"r": "the run has no loss or val/loss, no model, no grad_norm/*"}
    assert verdict.findings == ()


def test_causes_come_before_symptoms():
    rules = [
        rule("outcome", depth=Depth.OUTCOME),
        rule("late", since=90),
        rule("early", since=10),
        rule("setting", depth=Depth.SETTING),
        rule("mechanism", depth=Depth.MECHANISM),
        rule("odd", depth=Depth.MECHANISM, severity=Severity.ODD),
    ]
    assert names(rules) == ["mechanism", "setting", "early", "late", "outcome", "odd"]
    assert names(rules[::-1]) == names(rules)


def test_symptoms_are_folded_under_the_cause_that_explains_them():
    rules = [
        rule("plateau", depth=Depth.OUTCOME),
        rule("dead", explains=("plateau",)),
        rule("zero", depth=Depth.SETTING, explains=("dead", "plateau")),
        rule("own", depth=Depth.OUTCOME),
    ]
    verdict = diagnose(Run(), rules)
    assert [f.name for f in verdict.findings] == ["zero", "own", "dead", "plateau"]
    assert [f.explained_by for f in verdict.findings] == [None, None, "zero", "zero"]


def test_an_unsure_finding_explains_nothing():
    rules = [
        rule("guess", depth=Depth.SETTING, severity=Severity.ODD, explains=("plateau",)),
        rule("plateau"),
    ]
    assert all(finding.explained_by is None for finding in diagnose(Run(), rules).findings)


def test_a_symptom_never_explains_its_cause():
    rules = [rule("a", explains=("b",)), rule("b", depth=Depth.SETTING, explains=("a",))]
    verdict = diagnose(Run(), rules)
    assert [(f.name, f.explained_by) for f in verdict.findings] == [("b", None), ("a", "b")]


@pytest.mark.parametrize(
    ("severity", "is_sick"), [(Severity.FATAL, True), (Severity.SICK, True), (Severity.ODD, False)]
)
def test_only_sure_findings_make_a_run_sick(severity, is_sick):
    assert diagnose(Run(), [rule("r", severity=severity)]).is_sick is is_sick


def test_the_json_is_the_documented_one():
    verdict = diagnose(Run(), [rule("r", since=4), rule("u", needs=("loss",))]).to_json()
    assert json.loads(json.dumps(verdict)) == verdict
    assert set(verdict) == {"findings", "unchecked", "broken"}
    (finding,) = verdict["findings"]
    assert finding["remedies"] == [
        {"name": "do-it", "text": "Do it.", "safety": "advice", "knob": "lr", "trial": None}
    ]
    assert {"code", "name", "severity", "where", "since", "message", "evidence"} <= set(finding)


def test_live_and_offline_verdicts_are_the_same(tmp_path):
    """The verdict while the file is written is the verdict of whoever reads the file."""
    with Run.create(tmp_path, {"target": "y", "shape": (3, 4)}) as live:
        live.append(0, {"data/target/distinct": 1})
        for step in range(3000):
            live.append(step, {"loss": 1e3 if step % 700 == 3 else 2.0 + 0.01 * (step % 7), "val/loss": 2.0})
        assert diagnose(live).to_json() == diagnose(Run.open(tmp_path)).to_json()
        assert diagnose(live).findings, "a verdict with nothing in it would prove nothing"


def test_the_public_function_is_not_hidden_by_a_module_of_its_name():
    import netsitter
    import netsitter.diagnosis

    assert netsitter.diagnose(Run()).findings == ()
