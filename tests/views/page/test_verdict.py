"""The page's verdict: the same findings as everywhere, and which of them are too early to tell."""

from netsitter.diagnosis import diagnose
from netsitter.run import Run
from netsitter.views.page.layers import COLUMNS, ROWS, layer_maps
from netsitter.views.page.settings import settings_of
from netsitter.views.page.verdict import Judge, headline


def diverging(steps: int = 200) -> Run:
    run = Run()
    for step in range(steps):
        run.append(step, {"loss": 1.2**step})
    return run


def test_a_finished_run_has_the_verdict_that_it_has_everywhere():
    judge, run = Judge(), diverging()
    judge.judge(run, 1, goes_on=False)
    assert judge.verdict is not None
    names = [finding["name"] for finding in judge.verdict["findings"]]
    assert names == [finding.name for finding in diagnose(run).findings]
    assert names
    assert not any(finding["early"] for finding in judge.verdict["findings"])
    line = headline(judge.verdict)
    assert line is not None
    assert line["worst"] in ("fatal", "sick")


def test_while_a_run_goes_on_a_finding_is_told_when_it_lasts():
    judge = Judge()
    run = Run()
    for step in range(400):
        run.append(step, {"loss": 1.0, "val/loss": 1.0})
    judge.judge(run, 1, goes_on=True)
    assert judge.verdict is not None
    outcome = [
        finding for finding in judge.verdict["findings"] if finding["name"] in ("not-learning", "plateau")
    ]
    assert outcome
    assert all(finding["early"] for finding in outcome)
    judge.judge(run, 2, goes_on=False)
    assert not any(finding["early"] for finding in judge.verdict["findings"])


def test_nothing_new_is_not_judged_again():
    judge, run = Judge(), diverging(30)
    assert judge.is_due("place")
    judge.judge(run, "place", goes_on=True)
    assert not judge.is_due("place")
    assert not judge.is_due("other")  # a rest first
    judge._due = 0.0
    assert judge.is_due("other")


def test_a_map_keeps_order_extremes_and_what_is_not_finite():
    run = Run()
    for step in range(500):
        numbers = {f"grad_norm/layer{i:03}.weight": 1.0 for i in range(3 * ROWS)}
        numbers["grad_norm/layer001.weight"] = float("nan") if step == 250 else 9.0 if step == 300 else 1.0
        run.append(step, numbers)
    (drawn,) = layer_maps(run)
    assert len(drawn["rows"]) == ROWS
    assert len(drawn["steps"]) == COLUMNS
    assert drawn["rows"][0].startswith("layer000")
    assert drawn["cells"][0].count("nan") == 1
    assert 9.0 in drawn["cells"][0]
    assert set(drawn["cells"][1]) == {1.0}


def test_settings_are_flat_and_short():
    facts = {
        "optimizers": [{"type": "Adam", "lr": 0.1, "betas": [0.9, 0.99]}],
        "model": {"name": "Net", "parameters": {str(i): {"shape": [1]} for i in range(5000)}},
        "task": "x" * 5000,
        "ids": list(range(50)),
        "empty": None,
    }
    flat = settings_of(facts)
    assert flat["optimizers.0.lr"] == 0.1
    assert flat["optimizers.0.betas"] == "0.9, 0.99"
    assert flat["model.name"] == "Net"
    assert flat["model.parameters"] == "5000 entries"
    assert len(str(flat["task"])) == 400
    assert str(flat["ids"]).endswith("50 in all")
    assert flat["empty"] is None
