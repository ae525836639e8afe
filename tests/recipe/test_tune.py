"""The search: where it starts, how much a round asks for, and what it says of failures."""

import msgspec
import optuna
import pytest

import netsitter
from netsitter.nets.config import NetConfig
from netsitter.recipe.config import FitConfig
from netsitter.recipe.context import Candidate
from netsitter.recipe.rounds import MEMBERS, round_sizes
from netsitter.recipe.space import known_good
from netsitter.recipe.trial import Spec, Trial, sampled_curve

START = Candidate(net=NetConfig(), fit=FitConfig(weight_decay=0.0))


def finished(seconds: float) -> Trial:
    return Trial(
        spec=Spec(name="t", stage="tune", net=NetConfig(), fit=FitConfig(), seed=0),
        score=1.0,
        train_loss=1.0,
        lowest_train_loss=1.0,
        best_epoch=1,
        epochs=10,
        steps=10,
        parameters=1,
        seconds=seconds,
    )


def test_a_round_takes_half_of_the_time_in_groups_that_are_cheap_to_train_together():
    sizes = round_sizes([finished(0.5)] * 3, 64.0, most=400)
    assert sum(sizes) == 64
    assert max(sizes) <= MEMBERS
    assert sum(round_sizes([finished(0.5)], 64.0, most=7)) <= 7
    assert round_sizes([finished(0.5)], 0.3, most=400) == []
    assert round_sizes([finished(0.5)], 64.0, most=0) == []


def test_every_starting_point_lies_in_what_can_be_set():
    for point in known_good(START):
        candidate = START.but(point)
        assert msgspec.convert(msgspec.to_builtins(candidate.net), NetConfig) == candidate.net
        optuna.trial.FixedTrial(point).suggest_float("fit.weight_decay", 1e-4, 1.0, log=True)


def test_the_curve_keeps_the_best_so_far_at_each_tenth():
    assert sampled_curve([5, 3, 4, 2], planned=4)[-1] == 2
    assert sampled_curve([5.0, 3.0], planned=20) == [3.0]


def test_a_failed_trial_is_on_the_leaderboard_with_its_reason(tmp_path, flowers, quick):
    wild = [quick, {"fit": {"optimizer": "sgd", "lr": 1e30, "schedule": "constant", "warmup": 0.0}}]
    with pytest.raises(netsitter.errors.TrainingError, match="no usable model"):
        netsitter.train(flowers, "kind", out=tmp_path / "run", settings=wild)
    journal = (tmp_path / "run" / "state" / "journal.jsonl").read_text()
    assert "became" in journal
    board = netsitter.Run.open(tmp_path / "run").facts["leaderboard"]
    assert all(row["failed"] for row in board)
