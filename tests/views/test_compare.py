"""Several runs side by side."""

from netsitter.run import Run
from netsitter.views.report import render_comparison
from tests.views.runs import HOSTILE, classified_run, finished_run
from tests.views.test_report import Page


def trained(rate: float, steps: int = 200, **facts: object) -> Run:
    run = Run({"optimizers": [{"type": "Adam", "lr": rate}], **facts})
    for step in range(steps):
        run.append(step, {"loss": 2.0 * (1 - rate) ** step, "val/loss": 2.1 * (1 - rate) ** step})
    return run


def test_it_says_which_is_best_and_in_what_they_differ() -> None:
    html = render_comparison({"slow": trained(0.001), "fast": trained(0.1)})
    text = Page(html).text
    assert "fast is best by its lowest validation loss" in text
    assert "slow follows" in text
    assert "optimizers.0.lr" in text
    assert "Validation loss of 2 runs" in text


def test_different_losses_or_targets_are_not_ranked() -> None:
    apart = {
        "a": trained(0.1, losses=[{"name": "mse_loss"}]),
        "b": trained(0.1, losses=[{"name": "cross_entropy"}]),
    }
    assert "different losses (cross_entropy, mse_loss)" in Page(render_comparison(apart)).text
    other = {"a": finished_run(target="x"), "b": finished_run(target="y")}
    assert "predict different things" in Page(render_comparison(other)).text


def test_test_scores_outrank_losses() -> None:
    worse = finished_run()
    worse.fact(test={"rmse": {"value": 2.6, "low": 2.0, "high": 3.0}})
    text = Page(render_comparison({"a": worse, "b": finished_run()})).text
    assert "b is best by its test rmse, 1.6; a follows with 2.6" in text


def test_findings_are_a_row_an_illness_and_a_column_a_run() -> None:
    lost = trained(0.1)
    lost.append(200, {"loss": float("nan")})
    text = Page(render_comparison({"well": trained(0.05), "lost": lost})).text
    assert "non-finite-loss – fatal" in text


def test_hostile_and_unequal_runs() -> None:
    html = render_comparison({HOSTILE: classified_run(), "x" * 10_000: finished_run(), "empty": Run()})
    page = Page(html)
    assert not any(tag == "script" for tag, _ in page.tags)
    assert "\u202e" not in html
    assert len(html) < 300_000
