"""One contract over every experiment; the ones that are quick are run, all of them in `make test-all`."""

import json
import math

import pytest
from click.testing import CliRunner

from netsitter.cli.lab import command
from netsitter.errors import UsageError
from netsitter.lab import experiment_names, find_experiment, run_experiment
from netsitter.lab.page import render_page
from netsitter.rules import all_rules

QUICK = ("batch-norm-identity", "zero-init")


@pytest.mark.parametrize("name", experiment_names())
def test_an_experiment_says_what_it_claims(name):
    experiment = find_experiment(name)
    assert experiment.title
    assert experiment.claim.endswith(".")
    assert len(experiment.about) > 100, "the docstring is its manual"
    known = {rule.name for rule in all_rules()}
    for arm, illnesses in experiment.named.items():
        assert arm
        assert set(illnesses) <= known


def _check(name):
    outcome = run_experiment(name)
    result = outcome.result
    assert outcome.checks
    assert result.seeds
    assert result.charts
    assert set(outcome.checks) >= set(result.checks)
    for numbers in result.rows.values():
        assert len(numbers) == len(result.columns)
    for chart in result.charts:
        for xs, ys in chart.lines.values():
            assert len(xs) == len(ys) > 0
            assert all(math.isfinite(x) for x in xs)
    assert outcome.held == all(check.held for check in outcome.checks)
    assert json.loads(json.dumps(outcome.to_json()))["name"] == name
    page = render_page([outcome], title=outcome.title)
    assert page.count("<svg") == len(result.charts)
    return outcome


@pytest.mark.parametrize("name", QUICK)
def test_a_quick_experiment_holds(name):
    assert _check(name).held


@pytest.mark.slow
@pytest.mark.parametrize("name", experiment_names())
def test_every_experiment_measures_and_names(name):
    outcome = _check(name)
    assert [check.text for check in outcome.checks if not check.held] == []


def test_one_seed_gives_one_result():
    first, second = run_experiment("zero-init").result, run_experiment("zero-init").result
    assert first.rows == second.rows
    assert first.said == second.said


def test_a_claim_that_does_not_hold_is_reported_so(monkeypatch):
    import netsitter.lab.zero_init as module

    monkeypatch.setattr(module, "NAMED", {"he": ("zero-init",)})
    outcome = run_experiment("zero-init")
    assert not outcome.held
    assert "did not hold" in render_page([outcome], title="t")


def test_a_wrong_name_is_told_before_anything_is_run(tmp_path):
    with pytest.raises(UsageError, match="Did you mean 'zero-init'"):
        find_experiment("zero-initt")
    done = CliRunner().invoke(command, ["batch-norm-identity", "zero-initt", "-o", str(tmp_path / "lab")])
    assert isinstance(done.exception, UsageError)
    assert not (tmp_path / "lab").exists()


def test_the_command_lists_and_runs(tmp_path):
    listed = CliRunner().invoke(command, [])
    assert listed.exit_code == 0
    assert all(name in listed.stdout for name in experiment_names())
    done = CliRunner().invoke(command, ["batch-norm-identity", "-o", str(tmp_path), "--json"])
    assert done.exit_code == 0, done.output
    (told,) = json.loads(done.stdout)
    assert told["held"] is True
    assert "<svg" in (tmp_path / "batch-norm-identity.html").read_text(encoding="utf-8")


def test_hostile_text_is_escaped():
    from dataclasses import replace

    outcome = replace(run_experiment("batch-norm-identity"), title="<script>alert(1)</script>")
    assert "<script>" not in render_page([outcome], title=outcome.title)
