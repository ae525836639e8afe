"""Runs, verdicts, results and watches in a notebook."""

import os
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
import torch

import netsitter
from netsitter.diagnosis import diagnose
from netsitter.recipe import Result
from netsitter.run import Run
from tests.views.runs import HOSTILE, finished_run, watched_run
from tests.views.test_report import Page


def result(run: Run) -> Result:
    return Result(path=Path("runs/a"), model=None, run=run, seconds=1.0)


def test_a_run_shows_its_curve_and_its_findings() -> None:
    html = watched_run()._repr_html_()
    assert html.count("<svg") == 1
    assert "200 steps" in html
    assert "non-finite-loss" in html
    assert "no number from step 180" in html


def test_a_diagnosis_is_a_table_of_causes() -> None:
    verdict = diagnose(watched_run())
    causes = [f.name for f in verdict.findings if f.explained_by is None]
    assert causes
    text = Page(verdict._repr_html_()).text
    assert all(name in text for name in causes)
    assert "No rule found anything wrong" in Page(diagnose(Run(), [])._repr_html_()).text


def test_a_result_has_its_verdict_its_score_and_its_places() -> None:
    html = result(finished_run())._repr_html_()
    assert "Better than a constant answer" in html
    assert "boosted trees" in html
    assert "runs/a/report.html" in html
    assert "Result" in result(Run())._repr_html_()


@pytest.mark.parametrize("show", [lambda run: run._repr_html_(), lambda run: result(run)._repr_html_()])
def test_everything_foreign_is_escaped(show) -> None:
    run = finished_run(target=HOSTILE)
    run.fact(verdict=HOSTILE)
    page = Page(show(run))
    assert not any(tag in ("script", "img") for tag, _ in page.tags)
    assert HOSTILE[:20] in page.text
    assert "\u202e" not in page.text


def test_the_style_touches_nothing_outside() -> None:
    style = watched_run()._repr_html_().partition("<style>")[2].partition("</style>")[0]
    rules = style[style.index("\n}\n") :]
    outside = [
        line for line in rules.splitlines() if "{" in line and ".netsitter" not in line.partition("{")[0]
    ]
    assert outside == []


class Handle:
    def __init__(self) -> None:
        self.shown: list[str] = []

    def update(self, html: SimpleNamespace) -> None:
        self.shown.append(html.data)


def test_a_watch_in_a_cell_is_redrawn_in_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    handle, first = Handle(), []
    ipython = ModuleType("IPython.display")
    ipython.HTML = lambda data: SimpleNamespace(data=data)
    ipython.display = lambda html, display_id: first.append(html.data) or handle
    monkeypatch.setitem(sys.modules, "IPython", ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", ipython)
    model = torch.nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with netsitter.watch(model, quiet=True) as sitter:
        sitter._ipython_display_()
        for _ in range(20):
            loss = model(torch.ones(4, 2)).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    assert len(first) == 1
    assert "nothing recorded yet" in first[0]
    assert "20 steps" in handle.shown[-1]


def test_a_kernel_that_is_gone_disturbs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from netsitter.views.notebook import Screen

    def gone(html: object) -> None:
        raise ConnectionError

    ipython = ModuleType("IPython.display")
    ipython.HTML = lambda data: data
    ipython.display = lambda html, display_id: SimpleNamespace(update=gone)
    monkeypatch.setitem(sys.modules, "IPython", ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", ipython)
    screen = Screen(lambda: "a")
    screen.show("b")
    screen.show("c")


@pytest.mark.slow
def test_a_real_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
    cells = [
        "import torch, netsitter\n"
        "model = torch.nn.Linear(2, 1)\n"
        "optimizer = torch.optim.SGD(model.parameters(), lr=1e9)\n"
        "sitter = netsitter.watch(model, quiet=True)",
        "sitter",
        "for _ in range(30):\n"
        "    optimizer.zero_grad()\n"
        "    model(torch.ones(4, 2)).square().mean().backward()\n"
        "    optimizer.step()\n"
        "sitter.close()",
        "sitter.run",
        "sitter.diagnosis",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    live, run, verdict = (notebook.cells[i].outputs[0]["data"]["text/html"] for i in (1, 3, 4))
    assert "30 steps" in live, "the cell above was redrawn by the one below"
    assert len(notebook.cells[1].outputs) == 1
    assert "<svg" in run
    assert "lr-too-high" in verdict
