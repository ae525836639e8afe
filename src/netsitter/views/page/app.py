"""The server's few addresses. No path comes from the client: files and runs are looked up by name."""

import asyncio
import time
from collections.abc import AsyncIterator
from functools import cache
from importlib.resources import files

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from netsitter.views.page.library import Library
from netsitter.views.page.stream import Viewer

TICK = 1.0
"""Seconds between two looks at what is new to a page."""
SOON = 0.15
"""The same while the page still waits for its first sight of a run."""
REST = 150
"""A look that took long is followed by a rest so many times as long, at most ``MOST_REST`` seconds."""
MOST_REST = 10.0
HEARTBEAT = 15.0
"""Seconds of silence after which a proxy might think the connection dead."""
MOST_RUNS, MOST_EXTRA = 12, 24
"""Runs that one page compares; numbers that it asks for beyond those it is shown."""

TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "LICENSE": "text/plain; charset=utf-8",
}


@cache
def page_files() -> dict[str, tuple[bytes, str]]:
    """Name → content and type of every file of the page."""
    folder = files("netsitter.views.page") / "static"
    return {
        file.name: (file.read_bytes(), TYPES[file.name.rpartition(".")[2]])
        for file in folder.iterdir()
        if file.name.rpartition(".")[2] in TYPES
    }


def build_app(library: Library, closing: asyncio.Event) -> Starlette:
    """The application; ``closing`` is set when the server ends, so that open pages let go."""

    async def file(request: Request) -> Response:
        content, kind = page_files().get(request.path_params.get("name", "index.html"), (None, ""))
        if content is None:
            return Response("There is no such file.\n", 404, media_type="text/plain")
        return Response(content, headers={"content-type": kind})

    async def events(request: Request) -> Response:
        query = request.query_params
        viewer = Viewer(
            library,
            query.getlist("run")[:MOST_RUNS],
            extra=query.getlist("number")[:MOST_EXTRA],
            cursor=request.headers.get("last-event-id") or query.get("cursor", ""),
        )
        return StreamingResponse(
            _events(library, viewer, closing),
            media_type="text/event-stream",
            headers={"x-accel-buffering": "no"},
        )

    return Starlette(
        routes=[Route("/", file), Route("/events", events), Route("/{name}", file)],
    )


async def _events(library: Library, viewer: Viewer, closing: asyncio.Event) -> AsyncIterator[bytes]:
    library.look(viewer, viewer.runs)
    spoke = time.monotonic()
    try:
        yield b"retry: 1500\n: netsitter\n\n"
        while not closing.is_set():
            started = time.thread_time()
            # Gathering may wait for a run that is being read or judged: never in the event loop.
            events, cost = await asyncio.to_thread(_timed, viewer)
            if events:
                yield events
                spoke = time.monotonic()
            elif time.monotonic() - spoke > HEARTBEAT:
                yield b": still here\n\n"
                spoke = time.monotonic()
            cost += time.thread_time() - started
            rest = SOON if viewer.is_waiting else max(TICK, min(MOST_REST, REST * cost))
            try:
                await asyncio.wait_for(closing.wait(), rest)
            except TimeoutError:
                continue
    finally:
        library.leave(viewer)


def _timed(viewer: Viewer) -> tuple[bytes, float]:
    started = time.thread_time()
    return viewer.gather(), time.thread_time() - started
