"""Rules are found by their files; one that cannot be loaded costs only itself."""

from pathlib import Path

import pytest

import netsitter.rules
from netsitter.diagnosis import diagnose
from netsitter.errors import UsageError
from netsitter.rules import all_rules, choose, find_rule
from netsitter.rules._examples import run_of


def test_every_file_is_a_rule():
    folder = netsitter.rules.__path__[0]

    files = {path.stem.replace("_", "-") for path in Path(folder).glob("[a-z]*.py")}
    assert {rule.name for rule in all_rules()} == files


def test_a_file_that_cannot_be_loaded_is_listed_as_broken(tmp_path, monkeypatch):
    (tmp_path / "of_no_use.py").write_text("import a_package_that_is_not_there\n")
    monkeypatch.setattr(netsitter.rules, "__path__", [*netsitter.rules.__path__, str(tmp_path)])
    rules = all_rules.__wrapped__()
    assert len(rules) == len(all_rules()) + 1
    verdict = diagnose(run_of({"loss": [1.0] * 60}), rules)
    assert set(verdict.broken) == {"of-no-use"}
    assert "a_package_that_is_not_there" in verdict.broken["of-no-use"]
    assert verdict.named("not-learning") is not None


def test_rules_are_chosen_by_name_code_or_family():
    assert {rule.code for rule in choose(["D001"])} == {"D001"}
    assert {rule.code[0] for rule in choose("I")} == {"I"}
    assert find_rule("overfitting") not in choose(None, ["overfitting"])
    assert choose() == all_rules()
    with pytest.raises(UsageError, match="Did you mean 'overfitting'"):
        choose(["overfiting"])
