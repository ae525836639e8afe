import math

from netsitter.views.repair import spark, text, worth

DOCUMENT = {
    "program": "train.py",
    "healthy": False,
    "has_trained": True,
    "status": 0,
    "findings": [
        {"name": "lr-too-high", "severity": "sick", "message": "The loss diverges.", "explained_by": None}
    ],
    "left": [],
    "proven": True,
    "remedies": [
        {
            "illness": "lr-too-high",
            "text": "Divide the learning rate by 10.",
            "score": "mse",
            "before": 4.0,
            "after": 0.5,
            "seconds": 1.5,
            "in_source": True,
            "places": [],
        }
    ],
    "gain": {
        "score": "mse",
        "before": [4.0, 4.0, 4.0],
        "after": [0.5, 0.5, 0.5],
        "gain": math.log(8),
        "corrected": None,
        "low": math.log(4),
        "high": math.log(16),
        "scale": "natural logarithm of the ratio",
    },
    "seeds": [0, 1, 2],
    "curves": {"score": "loss", "untreated": [4.0, None], "treated": [4.0, 0.5]},
    "tried": [{"text": "Clip.", "result": "mse 4 → 4"}],
    "trials": 9,
    "seconds": 12.0,
    "diff": "--- a/train.py\n+++ b/train.py\n",
}


def test_a_report_says_illness_remedy_proof_cost_and_change():
    said = text(DOCUMENT)
    assert "lr-too-high: The loss diverges." in said
    assert "Divide the learning rate by 10." in said
    assert "8 times less (90 % interval 4 to 16)" in said
    assert "tried and not kept: Clip. mse 4 → 4" in said
    assert "9 runs, 12 s" in said
    assert said.endswith("+++ b/train.py")


def test_a_remedy_that_the_diff_does_not_hold_says_so_and_where_to_look():
    place = {"file": "train.py", "line": 7, "what": "optimizer"}
    by_hand = {**DOCUMENT["remedies"][0], "in_source": False, "places": [place]}
    assert "not in the diff" not in text(DOCUMENT)
    said = text({**DOCUMENT, "remedies": [by_hand]})
    assert "not in the diff" in said
    assert "look at train.py:7 (optimizer)" in said


def test_a_healthy_program_gets_one_line():
    assert text({**DOCUMENT, "healthy": True}) == "train.py: nothing wrong was found; nothing was changed."


def test_what_is_not_proven_is_not_recommended():
    said = text({**DOCUMENT, "proven": False, "remedies": [], "diff": ""})
    assert "nothing is recommended" in said
    assert "remedy for" not in said


def test_a_curve_is_drawn_between_its_ends():
    assert spark([0.0, 1.0, None, math.nan], 0.0, 1.0) == "▁█××"


def test_a_report_says_that_a_score_was_not_true():
    assert "not true" not in text(DOCUMENT)
    assert "not true" in text({**DOCUMENT, "gain": {**DOCUMENT["gain"], "corrected": True}})


def test_a_gain_to_below_zero_is_no_ratio():
    gain = {"gain": 40.0, "low": 39.0, "high": 41.0, "scale": "natural logarithm of the ratio"}
    assert worth({**gain, "before": [0.5], "after": [-3.0]}) == "less"
    assert "times less" in worth({**gain, "before": [0.5], "after": [0.1]})
