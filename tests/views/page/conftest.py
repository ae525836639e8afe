"""Runs to be served, and a server in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from netsitter.run import Run

TOKEN = "a-token-of-the-tests"


def make_run(
    folder: Path, *, steps: int = 50, facts: dict | None = None, end: str | None = "finished"
) -> Path:
    with Run.create(folder, facts) as run:
        for step in range(steps):
            run.append(step, {"loss": 1 / (1 + step), "lr/0": 0.1})
            if step % 5 == 4:
                run.append(
                    step, {"val/loss": 1.1 / (1 + step), "grad_norm/a.weight": 0.5, "grad_norm/b.weight": 0.1}
                )
        if end is not None:
            run.finish(status=end)
    return folder


class Served:
    """`netsitter serve` on some folder."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "netsitter", "serve", str(folder), "--port", str(port), "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "NETSITTER_TOKEN": TOKEN},
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.communicate()[1]
        self.url = json.loads(line)["url"]
        self.base = self.url.partition("?")[0]
        self.port = int(self.base.rpartition(":")[2].strip("/"))

    def end(self) -> None:
        self.process.terminate()
        self.process.communicate(timeout=30)


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    started: list[Served] = []

    def start(folder: Path, port: int = 0) -> Served:
        started.append(Served(folder, port))
        return started[-1]

    yield start
    for served in started:
        served.end()
