"""Findings on a trial propose changes; each is tried by a fresh trial, kept or not, and told."""

from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from netsitter.nets.config import NetConfig
from netsitter.recipe.amend import MOST, amend, proposals
from netsitter.recipe.config import FitConfig, build_config
from netsitter.recipe.context import Candidate
from netsitter.recipe.trial import Spec, Trial
from netsitter.recipe.tune import act_on_findings
from netsitter.rules import find_rule
from netsitter.treat.remedies import all_remedies

SICK = next(case.run for case in find_rule("overfitting").cases() if case.is_sick)


def trial(name: str, score: float, candidate: Candidate) -> Trial:
    spec = Spec(name=name, stage="regularize", net=candidate.net, fit=candidate.fit, seed=0)
    return Trial(
        spec=spec,
        score=score,
        train_loss=score,
        lowest_train_loss=score,
        best_epoch=1,
        epochs=10,
        steps=10,
        parameters=1,
        seconds=1.0,
    )


def context(
    folder, *, pinned: tuple[str, ...] = (), scores: tuple[float, ...] = (), left: float = 1.0
) -> Any:
    """A recipe in which the n-th further trial scores the n-th of ``scores``."""
    made: list[Trial] = []

    def run(name: str, stage: str, candidate: Candidate, *, seed: int) -> Trial:
        made.append(trial(name, scores[len(made)], candidate))
        return made[-1]

    return SimpleNamespace(
        folder=SimpleNamespace(path=folder, decide=lambda key, make: make()),
        allowed=lambda changes: {k: v for k, v in changes.items() if k not in pinned},
        trial=run,
        made=made,
        remaining=left,
        budget=1.0,
    )


@pytest.fixture
def overfitted(tmp_path):
    place = tmp_path / "trials" / "plain"
    place.mkdir(parents=True)
    SICK.save(place / "run.jsonl")
    return trial("plain", 0.5, Candidate(net=NetConfig(), fit=FitConfig()))


def test_what_is_found_proposes_what_would_change_something(overfitted, tmp_path):
    found = list(proposals(context(tmp_path), overfitted))
    assert {"overfitting"} <= {proposal.finding for proposal in found}
    changes = [dict(proposal.changes) for proposal in found]
    assert {"net.dropout": 0.3} in changes
    assert {"net.width": 128} in changes
    assert not any("fit.patience" in change for change in changes), "it stops early already"


def test_nothing_that_the_user_pinned_is_proposed(overfitted, tmp_path):
    found = list(proposals(context(tmp_path, pinned=("net.dropout",)), overfitted))
    assert found
    assert not any("net.dropout" in proposal.changes for proposal in found)


def test_what_helps_is_kept_and_told_with_its_gain(overfitted, tmp_path):
    given = context(tmp_path, scores=(0.4, 0.45))
    best, story = amend(given, "regularize", overfitted, lambda t: t.score)
    assert best is given.made[0]
    assert len(given.made) == MOST
    assert given.made[1].spec.net.dropout == best.spec.net.dropout, "the second starts from the first"
    assert "overfitting → more-dropout (net.dropout = 0.3): 0.5 → 0.4, kept" in story
    assert "not kept" in story


def test_settings_of_the_stage_and_the_last_of_the_time_are_left_alone(overfitted, tmp_path):
    given = context(tmp_path, scores=(0.4, 0.4))
    amend(given, "regularize", overfitted, lambda t: t.score, keep=("net.dropout",))
    assert not any(made.spec.net.dropout for made in given.made)
    given = context(tmp_path, left=0.1)
    assert amend(given, "regularize", overfitted, lambda t: t.score) == (overfitted, "")


def test_the_search_acts_on_its_best_network_first(overfitted, tmp_path):
    other = trial("other", 0.6, Candidate(net=NetConfig(), fit=FitConfig()))
    given, trials = context(tmp_path, scores=(0.4, 0.45)), [other, overfitted]
    assert "overfitting → more-dropout" in act_on_findings(given, trials)
    assert trials == [other, overfitted, given.made[0]]
    assert act_on_findings(given, []) == ""


@pytest.mark.parametrize("name", all_remedies())
def test_every_amendment_is_a_configuration_that_can_be_set(name):
    start = Candidate(net=NetConfig(), fit=FitConfig(weight_decay=0.1, label_smoothing=0.1))
    changes = all_remedies()[name].amend(start, {})
    candidate = start.but(changes)
    assert (candidate == start) is (not changes)
    tree = {"net": msgspec.to_builtins(candidate.net), "fit": msgspec.to_builtins(candidate.fit)}
    build_config([tree])
