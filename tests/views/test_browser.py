"""The report in a browser: nothing for an accessibility checker to complain of, nothing out of place."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from netsitter.run import Run
from netsitter.views.report import render_comparison, render_report
from tests.views.runs import HOSTILE, classified_run, finished_run, watched_run

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
LONG = "wide" * 2500
EASTERN = "שם עמודה ارتفاع 🦜"

PAGES = {
    "regression": lambda: render_report(finished_run()),
    "binary": lambda: render_report(classified_run(classes=("no", "yes"))),
    "multiclass": lambda: render_report(classified_run()),
    "watched": lambda: render_report(watched_run()),
    "compared": lambda: render_comparison({"a": finished_run(), "b": watched_run(), "c": classified_run()}),
    "empty": lambda: render_report(Run()),
    "hostile": lambda: render_report(
        classified_run(target=HOSTILE, classes=(LONG, EASTERN, "</style></script><b>")), name=LONG
    ),
    "hostile columns": lambda: render_report(finished_run(columns=(HOSTILE, LONG, EASTERN)), name=EASTERN),
}


@pytest.fixture(scope="module")
def browser() -> Iterator:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """axe-core, fetched for the test; it is no part of the product."""
    folder = tmp_path_factory.mktemp("axe")
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm to fetch axe-core with")
    command = [npm, "install", "--silent", "--no-audit", "--prefix", str(folder), "axe-core@4"]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    except (subprocess.SubprocessError, OSError) as error:
        pytest.skip(f"axe-core could not be fetched: {error}")
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture
def show(browser, tmp_path: Path):
    """Open a page of the given name; the page's errors end the test."""
    contexts = []

    def opened(name: str, *, width: int = 1280, scheme: str = "light"):
        file = tmp_path / "page.html"
        file.write_text(PAGES[name](), encoding="utf-8")
        # The page forbids scripts; the checker is one.
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        page.goto(file.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(show, axe: str, name: str, scheme: str) -> None:
    page = show(name, scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.evaluate(axe)
    found = page.evaluate("axe.run()")["violations"]
    told = [
        {"id": v["id"], "where": [n["html"][:150] for n in v["nodes"][:3]], "why": v["help"]} for v in found
    ]
    assert told == [], json.dumps(told, indent=1)


@pytest.mark.parametrize("width", [400, 800, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_sticks_out(show, name: str, width: int) -> None:
    page = show(name, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.title().endswith("netsitter report")


def test_the_axis_and_the_colours_are_chosen_by_keyboard(show) -> None:
    page = show("regression")
    figure = page.locator("figure:has(.switch)").first
    views = figure.locator(".view")
    assert [views.nth(i).is_visible() for i in range(2)] == [True, False]
    figure.locator("input").first.focus()
    page.keyboard.press("ArrowRight")
    assert [views.nth(i).is_visible() for i in range(2)] == [False, True]
    paper = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(paper)
    page.locator("#auto").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(paper) != before


def test_print_shows_every_view_on_white(show) -> None:
    page = show("regression", scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert all(view.is_visible() for view in page.locator("figure:has(.switch) .view").all())
    assert not page.locator("nav").is_visible()
