"""Run the server: on one address, quietly, until it is interrupted or its training has ended."""

import asyncio
import ipaddress
import os
import secrets
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from netsitter.errors import UsageError
from netsitter.views.page.app import build_app
from netsitter.views.page.guard import Guard
from netsitter.views.page.library import Library
from netsitter.views.page.pace import be_nice

PORT = 6420
"""Where nothing else is asked for; any free port if this one is taken."""
TOKEN = "NETSITTER_TOKEN"
"""Environment variable with a token to be used, so that an address stays good over restarts."""


def serve(
    roots: Sequence[Path],
    *,
    host: str,
    port: int | None,
    hosts: Sequence[str],
    announce: Callable[[str], None],
    parent: int | None = None,
) -> None:
    """Serve the runs under ``roots`` until interrupted, or until the process ``parent`` is gone.

    ``announce`` is called once with the address of the page, token and all. ``port``: None takes any free
    one if the usual one is in use. Raises UsageError if the address cannot be had.
    """
    token = os.environ.get(TOKEN) or secrets.token_urlsafe(16)
    listener = _listen(host, port)
    be_nice()
    with listener:
        asyncio.run(_serve(listener, Library(roots), token, [*hosts, *_own_names(host)], announce, parent))


async def _serve(
    listener: socket.socket,
    library: Library,
    token: str,
    hosts: Sequence[str],
    announce: Callable[[str], None],
    parent: int | None,
) -> None:
    host, port = listener.getsockname()[:2]
    closing = asyncio.Event()
    app = Guard(build_app(library, closing), token=token, port=port, hosts=hosts)
    config = uvicorn.Config(
        app,
        log_level="critical",
        access_log=False,
        server_header=False,
        date_header=False,
        lifespan="off",
        timeout_graceful_shutdown=2,
    )
    server = _QuietServer(config)
    loop = asyncio.get_running_loop()

    def end() -> None:
        closing.set()
        server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, end)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(end))
    watching = asyncio.create_task(_end_with(parent, end)) if parent is not None else None
    library.start()
    shown = f"[{host}]" if ":" in host else "127.0.0.1" if host == "0.0.0.0" else host
    announce(f"http://{shown}:{port}/?token={token}")
    try:
        await server.serve(sockets=[listener])
    finally:
        library.close()
        if watching is not None:
            watching.cancel()


class _QuietServer(uvicorn.Server):
    """Leaves signals to us: an interrupt is how this program is ended, no error."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _end_with(parent: int, end: Callable[[], None]) -> None:
    while os.getppid() == parent:
        await asyncio.sleep(1)
    end()


def _listen(host: str, port: int | None) -> socket.socket:
    try:
        return _bind(host, PORT if port is None else port)
    except OSError as error:
        if port is None:
            return _bind(host, 0)
        reason = error.strerror or str(error)
        raise UsageError(f"cannot serve on {host}, port {port}: {reason.lower()}. Try --port 0.") from None


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except (OSError, OverflowError) as error:
        listener.close()
        raise error if isinstance(error, OSError) else OSError(None, "there is no such port") from None
    return listener


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _own_names(host: str) -> list[str]:
    """Names under which this machine is reached, where it can be reached from outside."""
    return [host] if is_loopback(host) else [host, socket.gethostname()]
