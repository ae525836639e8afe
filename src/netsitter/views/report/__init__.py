"""A run as one HTML file that needs nothing else: no network, no script, light and dark, printable."""

import os
import shlex
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from netsitter.files import write_atomic
from netsitter.run import Run
from netsitter.views.report import text
from netsitter.views.report.compare import read_comparison
from netsitter.views.report.content import read_contents

TITLES = {
    "summary": ("verdict", "Verdict"),
    "diagnosis": ("findings", "Findings"),
    "treatments": ("treatments", "Treatments"),
    "scores": ("scores", "Test score"),
    "curves": ("curves", "Curves"),
    "inside": ("inside", "Inside"),
    "stages": ("stages", "Stages"),
    "leaderboard": ("leaderboard", "Leaderboard"),
    "predictions": ("predictions", "Predictions"),
    "table": ("data", "Data"),
    "network": ("network", "Network"),
    "reproduce": ("repeat", "Repeat"),
}
"""Part → its place in the page and its name in the list of parts at the top."""


def write_report(run: Run, path: str | os.PathLike[str]) -> None:
    """Write the report of ``run`` to ``path``. Raises OSError if it cannot be written."""
    path = Path(path)
    write_atomic(path, render_report(run, name=path.resolve().parent.name))


def render_report(run: Run, *, name: str = "run") -> str:
    """The report of ``run`` as HTML; ``name`` is what the run is called in it."""
    parts = read_contents(run)
    listed = [place for part, place in TITLES.items() if part in parts]
    return _render("report.html", name=name, contents=listed, **parts)


def render_comparison(runs: Mapping[str, Run]) -> str:
    """Several runs side by side as HTML, by the names that they are given."""
    return _render("compare.html", **read_comparison(runs))


def render_fragment(template: str, **parts: Any) -> str:
    """A part of a page, for a notebook: its style touches nothing but itself."""
    style = ".netsitter {\n" + _source("colours.css") + _source("plot.css") + "}\n" + _source("notebook.css")
    return _environment().get_template(template).render(style=Markup(style), **parts)


def _render(template: str, **parts: Any) -> str:
    style = ":root {\n" + _source("colours.css") + "}\n" + _source("plot.css") + _source("style.css")
    return _environment().get_template(template).render(style=Markup(style), **parts)


def _source(name: str) -> str:
    return _environment().get_template(name).render() + "\n"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("netsitter.views.report", "."),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        finalize=_made_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": text.number,
        "percent": text.percent,
        "duration": text.duration,
        "setting": text.setting,
        "short": text.short,
        "shell": shlex.quote,
        "python": repr,
    }
    return environment


def _made_visible(value: Any) -> Any:
    """Control characters of foreign text as symbols; what is markup already stays as it is."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return text.visible(value)
