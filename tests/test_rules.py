"""One contract over every rule: dropping a file into rules/ is enough to be held to it."""

import json
import math
import re
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netsitter.diagnosis import diagnose
from netsitter.finding import Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import HEADINGS, Rule
from netsitter.rules import all_rules, find_rule
from netsitter.run import Run

FAMILIES = {
    "N": "numerics",
    "I": "initialisation",
    "G": "gradients",
    "A": "activations",
    "L": "learning rate and optimiser",
    "O": "objective",
    "F": "fit",
    "D": "data",
    "M": "mode and wiring",
    "P": "price",
}
NOT_LAYERS = {"lr/", "baseline/", "metric/", "val/metric/"}
CURVE_ONLY = {"loss", "val/loss"}

every_rule = pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.name)


def every_case_of(wanted: Callable[[Rule], bool]) -> pytest.MarkDecorator:
    """Every case of the rules that are wanted."""
    cases = [
        pytest.param(rule, case, id=f"{rule.name}: {case.why}")
        for rule in all_rules()
        if wanted(rule)
        for case in rule.cases()
    ]
    return pytest.mark.parametrize(("rule", "case"), cases)


def reads(rule: Rule) -> set[str]:
    """Every series and fact that the rule needs."""
    return {need for needs in rule.needs for need in needs.split("|")}


def layered(rule: Rule) -> set[str]:
    """What stands before a layer's name in the series that the rule needs."""
    return {need.partition("*")[0] for need in reads(rule) if "*" in need} - NOT_LAYERS


def reads_only_curves(rule: Rule) -> bool:
    return reads(rule) <= CURVE_ONLY


every_case = every_case_of(lambda rule: True)


# ---- what a rule says about itself


def test_codes_and_names_are_unique():
    codes = [rule.code for rule in all_rules()]
    names = [rule.name for rule in all_rules()]
    assert len(set(codes)) == len(codes)
    assert len(set(names)) == len(names)


@every_rule
def test_code_and_name_are_well_formed(rule):
    assert re.fullmatch(rf"[{''.join(FAMILIES)}]\d{{3}}", rule.code)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)
    assert type(rule).__name__.casefold() == rule.name.replace("-", "").casefold()
    assert find_rule(rule.name) is rule
    assert find_rule(rule.code) is rule


@every_rule
def test_the_manual_is_whole(rule):
    assert tuple(rule.sections()) == HEADINGS
    assert all(len(text) > 20 for text in rule.sections().values())
    assert rule.summary.endswith((".", "?"))
    assert len(rule.summary) <= 100


@every_rule
def test_what_it_explains_exists_and_is_not_itself(rule):
    names = {other.name for other in all_rules()}
    assert rule.name not in rule.explains
    assert set(rule.explains) <= names, "explains illnesses that no rule names"


@every_rule
def test_it_shows_sick_and_well(rule):
    cases = list(rule.cases())
    assert any(case.is_sick for case in cases)
    assert any(not case.is_sick for case in cases)
    assert len({case.why for case in cases}) == len(cases)


# ---- what it says about runs


@every_case
def test_it_fires_exactly_on_the_sick(rule, case):
    assert not rule.missing(case.run), "a case must have what the rule needs"
    findings = list(rule.check(case.run))
    assert bool(findings) == case.is_sick, [finding.message for finding in findings]
    assert len(findings) <= 1 or len({f.where for f in findings}) == len(findings), "one illness, one finding"


@every_case
def test_findings_are_data_a_person_can_read(rule, case):
    for finding in rule.check(case.run):
        assert (finding.code, finding.name) == (rule.code, rule.name)
        assert finding.message.endswith((".", "?"))
        assert len(finding.message) > 20
        assert not re.search(r"\b(nan|inf)\b", finding.message), "say what it means"
        assert finding.evidence, "how do we know?"
        assert finding.remedies, "what should one do?"
        assert isinstance(finding.where, tuple)
        json.dumps(finding.to_json(), allow_nan=False)
        for remedy in finding.remedies:
            assert_is_data(remedy)


def assert_is_data(remedy: Remedy) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", remedy.name)
    assert remedy.text.endswith((".", "?"))
    assert isinstance(remedy.knob, Knob)
    assert isinstance(remedy.safety, Safety)
    assert json.loads(json.dumps(dict(remedy.settings), allow_nan=False)) == dict(remedy.settings)


@every_case
def test_judging_twice_says_the_same_and_changes_nothing(rule, case):
    facts = json.dumps(case.run.facts, sort_keys=True)
    names = case.run.names()
    first = diagnose(case.run, [rule]).to_json()
    assert diagnose(case.run, [rule]).to_json() == first
    assert not first["broken"]
    assert (json.dumps(case.run.facts, sort_keys=True), case.run.names()) == (facts, names)


@every_case
def test_a_log_read_back_is_judged_alike(rule, case, tmp_path):
    with Run.create(tmp_path, case.run.facts) as run:
        for step, values in records(case.run):
            run.append(step, values)
        if case.run.end is not None:
            run.finish(**{k: v for k, v in case.run.end.items() if k != "kind"})
    assert diagnose(Run.open(tmp_path), [rule]).to_json() == diagnose(case.run, [rule]).to_json()


# ---- whatever the run


def records(run: Run) -> Iterator[tuple[int, dict[str, float]]]:
    """The kept points, one by one."""
    for name in run.names():
        for step, value in zip(run[name].steps, run[name].values, strict=True):
            yield int(step), {name: float(value)}


def rebuilt(
    run: Run, facts: Any = None, rename: Any = lambda name: name, value: Any = lambda name, v: v
) -> Run:
    """A copy of a run with its facts, its names or its values changed."""
    copy = Run(run.facts if facts is None else facts)
    for step, values in records(run):
        copy.append(step, {rename(name): value(name, v) for name, v in values.items()})
    if run.end is not None:
        copy.finish(**run.end)
    return copy


NUMBER = st.floats(allow_nan=True, allow_infinity=True) | st.sampled_from(
    [0.0, 1.0, -1.0, 1e-300, math.nan, math.inf]
)
POINTS = st.lists(NUMBER, max_size=60) | st.builds(lambda v, n: [v] * n, NUMBER, st.integers(1, 400))
LAYERS = ["fc1", "fc1.weight", "0.bias", "encoder.layers.3", ""]


@st.composite
def any_run_for(draw: st.DrawFn, rule: Rule) -> Run:
    """What the rule needs, filled with anything; its own cases' facts, so that it gets to its judgement."""
    base = draw(st.sampled_from([case.run for case in rule.cases()]))
    run = Run(base.facts)
    wanted = [need for needs in rule.needs for need in needs.split("|") if not need.startswith("@")]
    for name in sorted({*wanted, *base.names(), "loss", "val/loss"}):
        layers = draw(st.lists(st.sampled_from(LAYERS), max_size=4, unique=True)) if "*" in name else [""]
        for layer in layers:
            if name in base and "*" not in name and draw(st.booleans()):
                values = list(base[name].values)
            else:
                values = draw(POINTS)
            stride = draw(st.sampled_from([1, 1, 7]))
            for index, value in enumerate(values):
                run.append(index * stride, {name.replace("*", layer): value})
    return run


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.name)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_it_never_raises_on_any_log(rule, data):
    run = data.draw(any_run_for(rule))
    verdict = diagnose(run, [rule])
    assert not verdict.broken
    json.dumps(verdict.to_json())
    assert diagnose(run, [rule]).to_json() == verdict.to_json()


@pytest.mark.parametrize(
    "facts", [{}, {"model": {}, "optimizers": [], "losses": [], "seen": {}}], ids=["none", "empty"]
)
@every_rule
def test_it_never_raises_on_missing_facts(rule, facts):
    for case in rule.cases():
        assert not diagnose(rebuilt(case.run, facts=facts), [rule]).broken


@every_case_of(reads_only_curves)
def test_a_loss_shifted_or_scaled_is_judged_alike(rule, case):
    """Only for rules that read nothing but curves: a gradient would have to be scaled with its loss."""
    for scale, shift in ((1000.0, 0.0), (1e-3, 0.0), (1.0, -50.0), (3.0, 7.0)):

        def moved(name: str, value: float, scale: float = scale, shift: float = shift) -> float:
            return value * scale + shift if name in CURVE_ONLY else value

        assert bool(list(rule.check(rebuilt(case.run, value=moved)))) == case.is_sick, (scale, shift)


@every_case_of(lambda rule: bool(layered(rule)))
def test_the_names_of_layers_mean_nothing(rule, case):
    starred = {prefix for other in all_rules() for prefix in layered(other)}
    numbers = count()
    alias: dict[str, str] = {}
    for name in case.run.names():
        for prefix in starred:
            if name.startswith(prefix):
                alias.setdefault(name[len(prefix) :], f"part{next(numbers)}.x")

    def rename(name: str) -> str:
        prefix = next((p for p in starred if name.startswith(p)), None)
        return name if prefix is None else prefix + alias[name[len(prefix) :]]

    def rename_fact(value: Any) -> Any:
        if isinstance(value, dict):
            return {alias.get(k, k): rename_fact(v) for k, v in value.items()}
        if isinstance(value, list):
            return [rename_fact(v) for v in value]
        return alias.get(value, value) if isinstance(value, str) else value

    before = list(rule.check(case.run))
    after = list(rule.check(rebuilt(case.run, facts=rename_fact(case.run.facts), rename=rename)))
    assert len(after) == len(before)
    assert [len(f.where) for f in after] == [len(f.where) for f in before]


def test_no_case_of_one_rule_breaks_another():
    for rule in all_rules():
        for case in rule.cases():
            assert not diagnose(case.run).broken


def test_severities_are_used_as_meant():
    """An outcome many causes share is never fatal: it does not say what to change."""
    for rule in all_rules():
        if rule.depth.rank == 3:
            assert rule.severity is not Severity.FATAL, rule.name
