"""The page in a real browser: what is clicked, what arrives, what hostile names do, who can use it."""

import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest
import uvicorn

from netsitter.run import Run
from netsitter.views.page.app import build_app
from netsitter.views.page.guard import Guard
from netsitter.views.page.library import Library

from .conftest import TOKEN, make_run

CHROMIUM = Path("/usr/bin/chromium")
sync_api = pytest.importorskip("playwright.sync_api")
if not CHROMIUM.exists():
    pytest.skip("Chromium is not there", allow_module_level=True)

HOSTILE = "</script><img src=x onerror='window.hurt = 1'>\"'\u202e`${1}" + "ä" * 120
WAIT = 30_000
WIDER = """document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("*")]
.filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 150))"""
"""What makes the page wider than the window."""


@pytest.fixture(scope="module")
def chromium():
    with sync_api.sync_playwright() as player:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = player.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium):
    """A page that fails the test at any error, also of the content policy, and asks nobody but us."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(WAIT)
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda message: message.type == "error" and trouble.append(message.text))
    page.on("request", lambda request: "//127.0.0.1:" in request.url or trouble.append(request.url))
    page.trouble = trouble
    yield page
    context.close()
    # A server that is ended on purpose is reported by the browser; that is no error of the page.
    assert [text for text in trouble if "ERR_CONNECTION" not in text and "ERR_INCOMPLETE" not in text] == []


def sick_run(folder: Path) -> None:
    with Run.create(folder, {"optimizers": [{"type": "SGD", "lr": 10.0}]}) as run:
        for step in range(120):
            loss = 1.5**step if step < 100 else float("nan")
            run.append(step, {"loss": loss, "lr/0": 10.0, "grad_norm/first": loss, "grad_norm/second": loss})
        run.finish(status="finished")


def test_a_click_leads_to_what_is_wrong(page, serve, tmp_path):
    make_run(tmp_path / "healthy")
    sick_run(tmp_path / "diverging")
    page.goto(serve(tmp_path).url)
    page.get_by_role("row", name=re.compile("diverging")).get_by_text(
        re.compile("too high|non finite|explod")
    ).wait_for()
    assert "token" not in page.url
    page.get_by_role("link", name="diverging").click()
    page.get_by_role("heading", name=re.compile("cannot end well|Something is wrong")).wait_for()
    assert "since step" in page.locator(".finding").first.inner_text()
    assert "Try:" in page.locator(".finding").first.inner_text()
    assert "not finite, first at step 100" in page.locator("figure.chart").first.inner_text()
    assert page.locator(".map canvas").is_visible()
    picture = page.screenshot()
    assert len(picture) > 20_000
    page.get_by_role("link", name="← all runs").click()
    page.get_by_role("link", name="healthy").wait_for()


def test_what_is_written_arrives_and_a_restart_is_survived(page, serve, tmp_path):
    make_run(tmp_path / "live", steps=10, end=None)
    served = serve(tmp_path)
    page.goto(served.url)
    page.get_by_text("step 9", exact=True).wait_for()
    status = page.locator("#connection")
    sync_api.expect(status).to_have_text("live")
    with Run.create(tmp_path / "live") as run:
        run.append(10, {"loss": 0.0625})
        page.get_by_text("step 10", exact=True).wait_for()
        page.locator(".legend b").first.get_by_text("0.0625").wait_for()
        served.end()
        status.get_by_text("connection lost").wait_for()
        run.append(11, {"loss": 0.03125})
        serve(tmp_path, served.port)
        page.get_by_text("step 11", exact=True).wait_for()
        page.locator(".legend b").first.get_by_text("0.03125").wait_for()
        run.finish(status="finished")
    page.locator(".pill").get_by_text("finished").wait_for()
    sync_api.expect(status).to_have_text("live")


def test_hostile_names_are_only_text(page, serve, tmp_path):
    facts = {"task": HOSTILE, "metric": {"name": HOSTILE}, HOSTILE: HOSTILE}
    folder = tmp_path / re.sub("/", "∕", HOSTILE)[:90]
    with Run.create(folder, facts) as run:
        for step in range(60):
            numbers = {"loss": 2.0**step, f"val/metric/{HOSTILE}": 1.0, f"grad_norm/{HOSTILE}": 2.0**step}
            run.append(step, {**numbers, f"lr/{HOSTILE}": 0.1, "baseline/" + HOSTILE: 1.0, "__proto__": 1.0})
        run.note(stage=HOSTILE, text=HOSTILE)
        run.finish(status="failed", reason=HOSTILE)
    make_run(tmp_path / "other")
    page.goto(serve(tmp_path).url)
    page.get_by_role("link", name=re.compile("img src=x")).click()
    page.locator(".finding").first.wait_for()
    page.locator("summary", has_text="Settings").click()
    page.get_by_role("cell", name=re.compile("img src=x")).first.wait_for()
    assert page.evaluate("window.hurt") is None
    assert page.locator("main img").count() == 0
    assert page.locator("main script").count() == 0
    assert "\u202e" not in page.locator("main").inner_text()
    assert page.evaluate(WIDER) == []


def test_search_sort_and_compare_by_keyboard(page, serve, tmp_path):
    for name, rate in (("slow", 0.001), ("quick", 0.1), ("other", 0.1)):
        make_run(tmp_path / name, facts={"optimizers": [{"type": "SGD", "lr": rate}]})
    page.goto(serve(tmp_path).url)
    page.get_by_role("link", name="slow").wait_for()
    page.get_by_role("button", name="Run", exact=True).press("Enter")
    names = page.locator("table.runs tbody th a")
    assert names.all_inner_texts() == ["other", "quick", "slow"]
    page.keyboard.press("Enter")
    assert names.all_inner_texts() == ["slow", "quick", "other"]
    page.get_by_label("Search").fill("zzz")
    page.get_by_text("No run matches.").wait_for()
    page.get_by_label("Search").fill("")
    for name in ("slow", "quick"):
        page.get_by_label(f"Compare {name}").press("Space")
    page.get_by_role("button", name="Compare 2").press("Enter")
    page.get_by_role("heading", name="2 runs compared").wait_for()
    row = page.get_by_role("row", name=re.compile(r"optimizers\.0\.lr"))
    row.wait_for()
    assert row.locator("td").all_inner_texts() == ["0.001", "0.1"]
    assert page.get_by_role("row", name=re.compile("optimizers.0.type")).count() == 0
    page.locator(".plot").first.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    assert "step 48" in page.locator("figure.chart [aria-live]").first.inner_text()
    page.go_back()
    assert page.get_by_label("Compare quick").is_checked()


def test_another_number_is_drawn_when_it_is_asked_for(page, serve, tmp_path):
    with Run.create(tmp_path / "one") as run:
        for step in range(20):
            run.append(step, {"loss": 1.0, "weight_norm": 3.0 + step})
    page.goto(serve(tmp_path / "one").url)
    page.locator("figure.chart").first.wait_for()
    page.get_by_label("Draw another number").fill("weight_norm")
    page.get_by_role("button", name="Draw", exact=True).click()
    page.get_by_role("img", name=re.compile("weight_norm, steps 0 to 19")).wait_for()


def test_behind_a_proxy_that_puts_a_prefix_before_it(page, tmp_path):
    make_run(tmp_path / "far")
    closing = asyncio.Event()
    library = Library([tmp_path])
    inner = Guard(build_app(library, closing), token=TOKEN, port=1)

    async def proxy(scope, receive, send):
        assert scope["path"].startswith("/some/prefix/"), scope["path"]
        await inner({**scope, "path": scope["path"].removeprefix("/some/prefix")}, receive, send)

    server = uvicorn.Server(uvicorn.Config(proxy, port=0, log_level="critical", lifespan="off"))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
        thread.start()
        library.start()
        page.goto(f"http://127.0.0.1:{listener.getsockname()[1]}/some/prefix/?token={TOKEN}")
        page.get_by_role("heading", name="far").wait_for()
        page.locator("figure.chart canvas").first.wait_for()
        page.goto("about:blank")
        library.close()
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def axe(tmp_path_factory):
    """The accessibility checker's script, fetched from npm."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not there")
    folder = tmp_path_factory.mktemp("axe")
    done = subprocess.run(
        ["npm", "pack", "axe-core@4"],
        cwd=folder,
        capture_output=True,
        timeout=120,
        check=False,
        env={**os.environ},
    )
    packed = list(folder.glob("axe-core-*.tgz"))
    if done.returncode or not packed:
        pytest.skip("axe-core could not be fetched")
    shutil.unpack_archive(packed[0], folder, filter="data")
    return (folder / "package" / "axe.min.js").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_it_is_accessible(page, serve, axe, tmp_path, scheme, width):
    make_run(tmp_path / "running", end=None)
    sick_run(tmp_path / "diverging")
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(serve(tmp_path).url)
    page.get_by_role("link", name="diverging").wait_for()
    sync_api.expect(page.locator(".verdict-cell .quiet")).to_have_count(0, timeout=WAIT)
    check(page, axe)
    page.get_by_role("link", name="diverging").click()
    page.locator(".finding").first.wait_for()
    page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
    check(page, axe)
    page.goto(page.url + "+ffffffffffffffff")
    page.get_by_role("heading", name="2 runs compared").wait_for()
    check(page, axe)


def check(page, axe: str) -> None:
    time.sleep(0.3)
    page.evaluate(axe)
    found = page.evaluate("axe.run()")["violations"]
    told = [(v["id"], [node["html"][:200] for node in v["nodes"]]) for v in found]
    assert told == [], json.dumps(told, indent=1)
    assert page.evaluate(WIDER) == []
