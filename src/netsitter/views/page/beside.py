"""The live page beside a training: a process of its own, so that it cannot disturb the program."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from netsitter.views import console


@contextmanager
def serving(folder: Path, *, stays: bool) -> Iterator[None]:
    """Serve the runs under ``folder``, which may not be there yet, while the block is at work.

    The address goes to stderr as soon as it is known; nothing waits for it. With ``stays`` the page
    remains after the block until Ctrl-C.
    """
    try:
        server = _start(folder)
    except OSError as error:
        console.say([f"no live page: {error}"])
        yield
        return
    try:
        yield
        if stays:
            console.say(["the training is over; the page stays until Ctrl-C"])
            with suppress(KeyboardInterrupt):
                server.wait()
    finally:
        server.terminate()
        with suppress(subprocess.TimeoutExpired):
            server.wait(timeout=3)


def _start(folder: Path) -> subprocess.Popen[bytes]:
    server = subprocess.Popen(
        [sys.executable, "-m", "netsitter", "serve", str(folder), "--json", "--parent", str(os.getpid())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Ctrl-C is meant for the training; the page ends when that does.
        start_new_session=True,
    )
    assert server.stdout is not None
    assert server.stderr is not None
    threading.Thread(target=_say_address, args=(server.stdout, server.stderr), daemon=True).start()
    return server


def _say_address(out: IO[bytes], err: IO[bytes]) -> None:
    try:
        said = f"live page: {json.loads(out.readline())['url']}"
    except (ValueError, KeyError, OSError):
        said = f"no live page: {err.read().decode(errors='replace').strip()}"
    console.say([said])
