"""Who may read the page: those who know its token, under a name that is ours, and nothing but reading."""

import secrets
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from urllib.parse import parse_qs, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    # Script and style are files of ours: nothing that a run is called can become either.
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; require-trusted-types-for 'script'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
FORBIDDEN = "Open the address that `netsitter serve` printed: it holds the token of this page.\n"


class Guard:
    """Middleware: 400 for a foreign Host, 405 for anything but reading, 403 without the token."""

    def __init__(self, app: ASGIApp, *, token: str, port: int, hosts: Iterable[str] = ()) -> None:
        self.app, self.token = app, token
        self.cookie = f"netsitter-{port}"
        """Cookies do not tell ports apart: two servers need two names."""
        self.hosts = {"localhost", *(host.lower() for host in hosts)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await (self._refusal(scope) or self.app)(scope, receive, send_guarded)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        headers = Headers(scope=scope)
        if not self.is_ours(headers.get("host", "")):
            # A page elsewhere that made its own name point here (DNS rebinding) is seen by the name.
            return PlainTextResponse("This name is not known here; see --allow-host.\n", 400)
        if scope["method"] not in ("GET", "HEAD"):
            return PlainTextResponse("This server can only be read.\n", 405, {"allow": "GET, HEAD"})
        query = parse_qs(scope["query_string"].decode("latin-1"))
        given = query.pop("token", [""])[0]
        if self._is_token(given) and scope["path"] == "/":
            return self._welcome(urlencode(query, doseq=True))
        bearer = headers.get("authorization", "").removeprefix("Bearer ")
        if any(map(self._is_token, (given, bearer, self._from_cookie(headers.get("cookie", ""))))):
            return None
        return PlainTextResponse(FORBIDDEN, 403)

    def _welcome(self, rest: str) -> RedirectResponse:
        """The token moves from the address, where it would be seen and kept, into a cookie.

        Both are relative, so that they hold behind a proxy that puts a prefix before our paths.
        """
        response = RedirectResponse("./" + (f"?{rest}" if rest else ""), 303)
        response.headers["set-cookie"] = f"{self.cookie}={self.token}; HttpOnly; SameSite=Strict"
        return response

    def _is_token(self, given: str) -> bool:
        return secrets.compare_digest(given.encode(), self.token.encode())

    def _from_cookie(self, header: str) -> str:
        try:
            cookies = SimpleCookie(header)
        except CookieError:
            return ""
        return cookies[self.cookie].value if self.cookie in cookies else ""

    def is_ours(self, host: str) -> bool:
        """Whether a Host header names us: an IP address (a name is needed to rebind), or a known name."""
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() and "]" not in host[-1:] else host
        name = name.strip("[]").lower().removesuffix(".")
        try:
            ip_address(name)
        except ValueError:
            return name in self.hosts
        return True
