"""Only who knows the token, by a name that is ours, may read; and nothing else is possible."""

import asyncio
from typing import Any

import httpx
import pytest

from netsitter.views.page.app import build_app, page_files
from netsitter.views.page.guard import Guard
from netsitter.views.page.library import Library

from .conftest import TOKEN

BASE = "http://127.0.0.1:7000"


class Client:
    """Asks the application directly, keeping cookies as a browser does."""

    def __init__(self, app: Any) -> None:
        self.app, self.cookies = app, httpx.Cookies()

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url=BASE, cookies=self.cookies) as client:
                answer = await client.request(method, path, **options)
                self.cookies = client.cookies
                return answer

        return asyncio.run(ask())

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)


@pytest.fixture
def client(tmp_path):
    library = Library([tmp_path])
    return Client(Guard(build_app(library, asyncio.Event()), token=TOKEN, port=7000, hosts=["proxy.example"]))


def test_without_the_token_nothing_is_told(client):
    for path in ("/", "/main.js", "/events", "/?token=wrong", "/?token=", "/nothing"):
        answer = client.get(path)
        assert answer.status_code == 403
        assert TOKEN not in answer.text


def test_the_token_in_the_address_becomes_a_cookie(client):
    answer = client.get(f"/?token={TOKEN}")
    assert (answer.status_code, answer.headers["location"]) == (303, "./")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("netsitter-7000=")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    page = client.get("/")
    assert page.status_code == 200
    assert "main.js" in page.text


def test_the_token_may_come_as_a_header(client):
    assert client.get("/", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:7000", "127.0.0.1.evil.example", "", "localhost.evil"]
)
def test_a_name_that_is_not_ours_is_refused(client, host):
    assert client.get("/", headers={"host": host, "authorization": f"Bearer {TOKEN}"}).status_code == 400


@pytest.mark.parametrize(
    "host", ["127.0.0.1:7000", "localhost", "LOCALHOST:1", "[::1]:7000", "10.0.0.7", "proxy.example"]
)
def test_our_names_are_let_in(client, host):
    assert client.get("/", headers={"host": host, "authorization": f"Bearer {TOKEN}"}).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_it_can_only_be_read(client, method):
    assert client.request(method, "/", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 405


@pytest.mark.parametrize(
    "path",
    ["/../app.py", "/..%2fapp.py", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/static/main.js", "/app.py",
     "/main.js%00", "/run.jsonl", "/C:\\windows"],
)  # fmt: skip
def test_no_path_leads_out(client, path):
    answer = client.get(path, headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 404
    assert "import" not in answer.text


def test_every_answer_carries_the_policy(client):
    for path, token in (("/", TOKEN), ("/main.js", TOKEN), ("/nothing", TOKEN), ("/", "wrong")):
        headers = client.get(path, headers={"authorization": f"Bearer {token}"}).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in headers


def test_the_page_asks_nobody_else_and_by_relative_addresses_only():
    import re

    for name, (content, _) in page_files().items():
        text = content.decode()
        assert not re.search(r"""(src|href)=["'](/|https?:)""", text), name
        if name not in ("uPlot.iife.min.js", "uPlot.LICENSE", "icon.svg", "dom.js"):
            assert "http" not in text, name
        assert "innerHTML" not in text or name.startswith("uPlot"), name
    assert "style=" not in page_files()["index.html"][0].decode()
