"""A round of the search takes no more members than the time left allows, whatever a shape costs."""

from types import SimpleNamespace

import pytest

import netsitter
from netsitter.nets.config import NetConfig
from netsitter.recipe import rounds as module
from netsitter.recipe.config import FitConfig
from netsitter.recipe.context import Candidate
from netsitter.recipe.folder import read_journal
from netsitter.recipe.rounds import HALVED, Rounds


def rounds(monkeypatch, *, left: float, step: float, longest: float = 60.0) -> Rounds:
    """Of a table with 640 rows and batches of 64, whose networks take ``step`` seconds a step."""
    monkeypatch.setattr(module, "seconds_per_epoch", lambda problem, candidate: 10 * step)
    problem = SimpleNamespace(split=SimpleNamespace(train=range(640)))
    base = Candidate(net=NetConfig(), fit=FitConfig(batch_size=64, epochs=10))
    return Rounds(
        context=SimpleNamespace(problem=problem),  # pyright: ignore[reportArgumentType]
        search=None,  # pyright: ignore[reportArgumentType]
        space=None,  # pyright: ignore[reportArgumentType]
        base=base,
        left=lambda: left,
        longest=longest,
    )


GROUP = [{"name": f"t{i}", "changes": {}, "group": 0} for i in range(8)]


@pytest.mark.parametrize(("left", "members"), [(100.0, 8), (20.0, 4), (4.0, 0)])
def test_a_group_is_as_large_as_its_part_of_the_time_left(monkeypatch, left, members):
    one = rounds(monkeypatch, left=left, step=0.05)  # 100 steps: 5 s, halved to 2.5
    assert HALVED == 0.5
    assert one._fitting(GROUP, waiting=2)["members"] == members


def test_what_the_folds_would_have_no_time_for_is_not_searched(monkeypatch):
    assert rounds(monkeypatch, left=100.0, step=0.05, longest=4.9)._fitting(GROUP, waiting=1)["members"] == 0
    assert rounds(monkeypatch, left=100.0, step=0.05, longest=5.1)._fitting(GROUP, waiting=1)["members"] == 8


def test_a_guess_that_was_too_short_makes_later_groups_smaller(monkeypatch):
    one = rounds(monkeypatch, left=20.0, step=0.05)
    one.off = 1.0
    assert one._fitting(GROUP, waiting=1)["members"] == 4


def test_what_there_was_no_time_for_is_asked_and_never_trained(tmp_path, flowers, quick, monkeypatch):
    monkeypatch.setattr(module, "seconds_per_epoch", lambda problem, candidate: 1e6)
    longer = {"recipe": {"budget": 120, "max_trials": 8}}
    netsitter.train(flowers, "kind", out=tmp_path / "run", settings=[quick, longer])
    journal = read_journal(tmp_path / "run" / "state" / "journal.jsonl")
    assert journal["plan/tune-0/group-0"]["value"]["members"] == 0
    assert not [key for key in journal if key.startswith("trial/tune")]
    assert "plan/tune/1" not in journal, "a search without time ends"
