"""The report is complete, safe, self-contained and tolerant."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netsitter.run import Run
from netsitter.views.report import render_report, write_report
from tests.views.runs import HOSTILE, classified_run, finished_run

VOID = {"meta", "br", "hr", "img", "input", "link"}
TITLES = (
    "Verdict",
    "Findings",
    "Test score beside the baselines",
    "Loss curves",
    "How it was made",
    "Leaderboard",
    "Predictions on the test rows",
    "The data",
    "Use it, repeat it",
)


class Page(HTMLParser):
    """Tags with their attributes; fails on a tag that is closed in the wrong order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def test_every_part_is_there_in_order() -> None:
    html = render_report(finished_run())
    assert re.findall(r"<h2>(.*?)</h2>", html) == list(TITLES)
    assert "left out" not in Page(html).text
    text = Page(html).text
    for expected in (
        "Better than a constant answer",
        "1,000",
        "1 min 15 s",
        "boosted trees",
        "loss became nan",
    ):
        assert expected in text


def test_classification_shows_confusion_and_calibration() -> None:
    html = render_report(classified_run())
    assert "actual ↓ predicted →" in html
    assert "how often right" in html
    assert "verdict fair" in html, "worse than the trees is no good verdict"


@pytest.mark.parametrize(
    "run", [finished_run(), classified_run(), Run()], ids=["numbers", "classes", "empty"]
)
def test_it_loads_nothing_and_runs_nothing(run: Run) -> None:
    html = render_report(run)
    page = Page(html)
    for tag, attributes in page.tags:
        assert tag not in ("script", "iframe", "object", "embed", "link", "img", "form"), tag
        assert not any(name.startswith("on") for name in attributes), attributes
        assert not {"src", "xlink:href", "srcset"} & set(attributes)
        assert (attributes.get("href") or "#").startswith("#"), "links stay within the page"
    assert "url(" not in html
    assert "@import" not in html
    assert "color-scheme: light dark" in html
    assert len(html) < 200_000


def test_hostile_names_are_shown_and_do_nothing() -> None:
    run = classified_run(target=HOSTILE, classes=(HOSTILE, "b"))
    run.fact(data=finished_run(columns=(HOSTILE,)).facts["data"], importance={HOSTILE: 0.3})
    run.fact(
        worst_rows=[
            {"row": 3, "actual": HOSTILE, "predicted": "b", "probability": 0.1, "cells": {HOSTILE: HOSTILE}}
        ]
    )
    run.append(0, {f"grad_norm/{HOSTILE}": 1.0, f"dead/{HOSTILE}": 0.0})
    run.append(5, {f"grad_norm/{HOSTILE}": 1.0, f"dead/{HOSTILE}": 1.0})
    html = render_report(run, name=HOSTILE)
    page = Page(html)
    assert not any(tag == "script" for tag, _ in page.tags)
    assert "<script>alert('x')</script>" in page.text
    assert "\x07" not in html
    assert "\u202e" not in html
    assert "\\x07" in page.text
    assert "left out" not in page.text


def test_a_watched_run_without_a_recipe() -> None:
    run = Run(
        {
            "model": {
                "name": "Net",
                "parameters": {"a": {"elements": 10}},
                "modules": {"fc": {"type": "Linear"}},
            }
        }
    )
    for step in range(50):
        run.append(step, {"loss": 1 / (step + 1)})
    text = Page(render_report(run, name="night shift")).text
    assert "night shift" in text
    assert "The network" in text
    assert "The training loss went from" in text
    assert "Test score" not in text


def test_the_largest_run_is_still_a_small_page() -> None:
    """Everything at once: 300 layers, a thousand trials, a thousand columns, long series with a NaN."""
    columns = tuple(f"a column with a rather long name, number {i}" for i in range(1000))
    run = finished_run(columns=columns)
    trials = [
        {"rank": i, "name": f"tune-{i}", "stage": "tune", "validation": 1 + i / 9, "epochs": 9,
         "seconds": 1.0, "parameters": 1000,
         "settings": {f"net.setting_{k}": (i * k) % 97 / 7 for k in range(20)},
         "failed": f"the loss became nan at step {i}" if i % 3 == 0 else None}
        for i in range(1000)
    ]  # fmt: skip
    rows = [float(i) for i in range(1000)]
    run.fact(leaderboard=trials, residuals={"predicted": rows, "actual": rows[::-1]})
    names = [f"encoder.blocks.{i}.attention.projection.weight" for i in range(300)]
    run.fact(model={"name": "Deep", "parameters": {name: {"elements": 9} for name in names}, "modules": {}})
    for step in range(0, 30_000, 100):
        for family in ("grad_norm", "update_ratio", "act_std", "dead", "saturated"):
            run.append(step, {f"{family}/{name}": (step % 7 + 1) / 9 for name in names})
    run.extend((step, {"loss": 5 + (step * 7919 % 101) / 9}) for step in range(30_000))
    run.append(30_000, {"loss": float("nan")})
    html = render_report(run)
    assert len(html.encode()) < 3_000_000
    assert "left out:" not in Page(html).text
    assert "700 more in leaderboard.json" in Page(html).text


def test_treatments_are_told_and_marked_on_the_curve() -> None:
    run = finished_run()
    run.treat({"remedy": "roll-back", "step": 120, "kept": False, "why": f"no gain {HOSTILE}", "skipped": 2})
    html = render_report(run)
    text = Page(html).text
    assert "roll-back at step 120 undone" in text
    assert "skipped 2" in text
    assert 'class="line act"' in html
    assert "<script>" not in html


@pytest.mark.parametrize(
    "losses", [[float("nan")] * 5, [float("inf"), 1.0, 2.0], [-3.0, -4.0, -5.0], [2.0], [0.0] * 9]
)
def test_odd_losses(losses: list[float]) -> None:
    run = Run()
    for step, loss in enumerate(losses):
        run.append(step, {"loss": loss, "val/loss": loss, "init/loss": loss})
    text = Page(render_report(run)).text
    assert "left out" not in text


def test_it_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "my run" / "report.html"
    path.parent.mkdir()
    write_report(finished_run(), path)
    assert path.read_text(encoding="utf-8").rstrip().endswith("</html>")
    assert [p.name for p in path.parent.iterdir()] == ["report.html"]


def test_the_same_run_gives_the_same_page() -> None:
    assert render_report(finished_run()) == render_report(finished_run())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=25, deadline=None)
@given(name=st.sampled_from(sorted(finished_run().facts | classified_run().facts)), value=JSON)
def test_no_fact_however_odd_stops_the_report(name: str, value: object) -> None:
    run = classified_run()
    run.fact(**{name: value})
    html = render_report(run)
    assert "Loss curves" in html
    Page(html)
