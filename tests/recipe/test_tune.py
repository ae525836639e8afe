"""The search: what it may vary, where it starts, and when it gives a training up."""

import msgspec
import optuna
import pytest

import netsitter
from netsitter.nets.config import NetConfig
from netsitter.recipe.config import FitConfig
from netsitter.recipe.context import Candidate
from netsitter.recipe.trial import Spec, Trial, sampled_curve
from netsitter.recipe.tune import PATIENT_TRIALS, known_good, median_rule

START = Candidate(net=NetConfig(), fit=FitConfig(weight_decay=0.0))


def finished(curve: list[float]) -> Trial:
    return Trial(
        spec=Spec(name="t", stage="tune", net=NetConfig(), fit=FitConfig(), seed=0),
        score=curve[-1],
        train_loss=1.0,
        lowest_train_loss=1.0,
        best_epoch=1,
        epochs=10,
        steps=10,
        parameters=1,
        seconds=1.0,
        curve=tuple(curve),
    )


def test_a_training_behind_the_median_is_given_up_at_a_tenth_but_not_early():
    done = [finished([1.0 - 0.05 * k - 0.01 * i for k in range(10)]) for i in range(PATIENT_TRIALS)]
    give_up = median_rule(done, epochs=20)
    assert give_up(9, 2.0)
    assert not give_up(9, 0.1)
    assert not give_up(1, 2.0), "a tenth is too early"
    assert not give_up(19, 2.0), "at the end there is nothing to save"


def test_few_finished_trials_give_nothing_up():
    assert not median_rule([finished([0.1] * 10)], epochs=10)(5, 99.0)


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
