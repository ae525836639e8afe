import math

import pytest

from netsitter.run import Run
from netsitter.treat.score import Score, curve, judge, meaning, scores


@pytest.mark.parametrize(
    ("name", "kind", "higher"),
    [
        ("val_acc", "score", True),
        ("balanced_acc", "score", True),
        ("R2", "score", True),
        ("test_loss", "loss", False),
        ("val nll", "loss", False),
        ("rmse", "error", False),
        ("mean_error", "error", False),
        ("wer", "score", False),
        ("log_likelihood", "loss", True),
    ],
)
def test_a_scores_name_tells_its_direction(name, kind, higher):
    assert meaning(name) == (kind, higher)


@pytest.mark.parametrize("name", ["epoch", "step", "lr", "gap", "seconds", "samples", "width"])
def test_other_numbers_are_no_scores(name):
    assert meaning(name) is None


OUTPUT = """\
using r2d2 on 3 cores
epoch 1/2 loss 0.9 | val_loss: 0.8, val accuracy 0.55
epoch 2/2 loss 0.4 | val_loss: 0.5, val accuracy 0.75
RESULT recall=0.625
"""


def test_the_last_word_of_a_program_is_trusted_most():
    found = scores(OUTPUT, None)
    assert (found[0].name, found[0].value) == ("recall", 0.625)
    by_name = {score.name: score for score in found}
    assert by_name["val accuracy"].value == 0.75
    assert by_name["val_loss"].rank < by_name["loss"].rank
    assert set(by_name) == {"recall", "val accuracy", "val_loss", "loss"}
    assert curve(OUTPUT, "val_loss") == [0.8, 0.5]


def test_a_loss_of_the_training_is_no_last_word():
    found = scores("epoch 1 val_acc 0.7 train_loss 0.2\n", None)
    assert found[0].name == "val_acc"


def test_nan_is_a_value_and_no_level():
    (score,) = scores("mse nan\n", None)
    assert math.isnan(score.value)
    assert score.level == -math.inf


def test_watched_scores_stand_in_where_nothing_is_printed():
    run = Run()
    for step in range(40):
        run.append(
            step, {"loss": 1.0 / (step + 1), "val/loss": 0.5, "val/metric/accuracy": 0.8, "val/rows": 400}
        )
    found = scores("done\n", run, {"on": "validation", "rows": 400, "error": 0.2, "log_loss": 0.5})
    assert found[0].kind == "score"
    assert found[0].rows == 400
    assert {"validation error", "val/metric/accuracy", "val/loss", "loss"} <= {score.name for score in found}


def test_what_a_remedy_redefines_does_not_judge_it():
    before = scores("val_acc 0.5\nRESULT val_loss=2.0\n", None)
    after = scores("val_acc 0.9\nRESULT val_loss=300.0\n", None)
    plain, spared = judge(before, after), judge(before, after, ("loss",))
    assert plain is not None
    assert plain[1].name == "val_loss"
    assert spared is not None
    assert (spared[1].name, spared[1].value) == ("val_acc", 0.9)
    assert judge(scores("loss 2\n", None), scores("loss 1\n", None), ("loss",)) is None


def test_a_run_that_died_has_no_score_before():
    pair = judge([], scores("RESULT r2=0.9\n", None))
    assert pair is not None
    assert pair[0] is None


def test_levels_rise_with_quality_whatever_the_unit():
    def of(kind, higher, *values):
        return [Score(name="s", value=v, kind=kind, higher=higher).level for v in values]

    assert of("score", True, 0.2, 0.9) == [0.2, 0.9]
    assert of("score", True, -400.0, 0.1)[0] == 0.0
    assert of("error", False, 100.0, 1.0) == pytest.approx([-math.log(100), 0.0])
    low, high = of("loss", True, -5.0, -1.0)
    assert low < high
    falling = of("loss", False, 30.0, 0.5, 1e-6, 1e-11, 0.0, -1e-6, -0.3, -40.0)
    assert falling == sorted(falling)
    assert of("error", False, -0.1) == [-math.inf], "an error below 0 is none: the score was redefined"


def test_noise_of_a_share_is_its_binomial_standard_error():
    score = Score(name="acc", value=0.9, kind="score", higher=True, rows=400)
    assert score.noise == pytest.approx(math.sqrt(0.9 * 0.1 / 400))


def test_a_turned_sign_redefines_the_loss_that_is_trained_on_only():
    before, after = (
        scores("loss -90\nRESULT val_nll=80\n", None),
        scores("loss 0.2\nRESULT val_nll=0.3\n", None),
    )
    pair = judge(before, after, ("training-loss",))
    assert pair is not None
    assert pair[1].name == "val_nll"
    assert judge(scores("loss 1\nx 2\n", None), scores("loss 0\nx 2\n", None), ("training-loss",)) is None
