"""Runs and verdicts in a notebook: a picture that stands still, or one that is drawn anew in its place."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from netsitter.diagnosis import Diagnosis, diagnose
from netsitter.run import Run


def run_html(run: Run) -> str:
    """A run: its loss curve and what the rules make of it."""
    return watch_html(run, diagnose(run), title="Run")


def watch_html(run: Run, diagnosis: Diagnosis, *, title: str = "Watching") -> str:
    """A training that may be going on."""
    from netsitter.views.report import render_fragment

    steps = f"{run.last_step + 1:,} steps" if run["loss"] else "nothing recorded yet"
    return render_fragment(
        "notebook.html",
        title=str(run.facts.get("target") or title),
        state=steps,
        verdict="",
        figures=_curves(run, diagnosis),
        diagnosis=diagnosis,
        places={},
    )


def diagnosis_html(diagnosis: Diagnosis) -> str:
    """A verdict as a table, what to act on first on top."""
    from netsitter.views.report import render_fragment

    parts: dict[str, Any] = {"state": "", "verdict": "", "figures": [], "places": {}}
    return render_fragment("notebook.html", title="Diagnosis", diagnosis=diagnosis, **parts)


def result_html(path: Path, run: Run) -> str:
    """The end of a recipe: verdict, test score beside the baselines, where things are."""
    from netsitter.views.report import render_fragment
    from netsitter.views.report.trained import scores

    target = run.facts.get("target")
    return render_fragment(
        "notebook.html",
        title=f"Predicting {target}" if target else "Result",
        state="",
        verdict=str(run.facts.get("verdict", "")),
        figures=scores(run).get("figures", [])[:1],
        diagnosis=diagnose(run),
        places={"run folder": str(path), "report": str(path / "report.html")},
    )


def _curves(run: Run, diagnosis: Diagnosis) -> list[Any]:
    from netsitter.views.report.curves import loss_figure, read_losses

    losses = read_losses(run)
    shown = [finding for finding in diagnosis.findings if finding.explained_by is None]
    picture = loss_figure(run, losses, shown) if losses is not None else None
    return [picture] if picture else []


class Screen:
    """An output cell that is redrawn in its place, without a flicker, for as long as there is a kernel.

    Only to be made where IPython is running: by its own call of ``_ipython_display_``.
    """

    def __init__(self, draw: Callable[[], str]) -> None:
        from IPython.display import HTML, display  # pyright: ignore[reportMissingImports]

        self._html = HTML
        self._shown = draw()
        self._handle = display(HTML(self._shown), display_id=True)

    def show(self, html: str) -> None:
        """Replace what is shown; a kernel that is gone is no reason to disturb a training."""
        if self._handle is None or html == self._shown:
            return
        self._shown = html
        try:
            self._handle.update(self._html(html))
        except Exception:
            self._handle = None
