"""One arm of a trial: the program, as it is or changed, run once to its end in a process of its own.

The process is a fork of this one, which has imported torch: importing costs more than many trainings.
"""

import contextlib
import io
import json
import os
import re
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from netsitter.run import Run
from netsitter.treat.prescription import Dose
from netsitter.treat.score import Score, scores
from netsitter.treat.warden import Warden

SEED_NAME = re.compile(r"""(?:environ(?:\.get)?|getenv)\W{1,3}["'](\w*SEED\w*)["']""", re.IGNORECASE)
SHIFT = 7919
"""Added to a program's own seeds, times the seed; a prime, so that neighbours do not meet."""
OUTPUT, ERRORS = "output.txt", "errors.txt"


@dataclass(frozen=True, kw_only=True)
class Program:
    """The user's program and how it is called."""

    target: str
    arguments: tuple[str, ...] = ()
    is_module: bool = False


@dataclass(frozen=True, kw_only=True)
class Job:
    """What one arm runs."""

    program: Program
    texts: Mapping[str, str] = field(default_factory=dict)
    """Path of a file → its changed source, run in the file's place."""
    seed: int = 0
    doses: tuple[Dose, ...] = ()
    """Remedies put in through hooks."""
    is_watched: bool = True
    """Without a watch nothing of netsitter is in the program's way."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How an arm ended."""

    job: Job
    status: int | None
    """Exit status; None where it was stopped."""
    seconds: float
    output: str = ""
    error: str = ""
    """The last line that it wrote to standard error."""
    run: Run | None = None
    diagnosis: Mapping[str, Any] = field(default_factory=dict)
    treatment: Mapping[str, Any] = field(default_factory=dict)
    """What became of the doses, the yardstick, and the program's places, as `script.py` writes them."""
    stopped: str = ""
    """Why it was stopped before its end."""

    @property
    def scores(self) -> list[Score]:
        """Of a run that came to its end."""
        return scores(self.output, self.run, self.treatment.get("yardstick")) if self.status == 0 else []

    @property
    def has_trained(self) -> bool:
        """Whether any loss of a training was seen."""
        return self.run is not None and len(self.run["loss"]) > 0

    @property
    def sick(self) -> list[dict[str, Any]]:
        """Findings that are fatal or sick, in the order in which to act on them."""
        return [f for f in self.diagnosis.get("findings", ()) if f["severity"] != "odd"]


class Arm:
    """A running arm; ``at_a_time`` of them share the threads that torch would take for one."""

    def __init__(self, job: Job, folder: Path, warden: Warden, at_a_time: int = 1) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.job = job
        self.folder = folder
        self._began = time.perf_counter()
        self._warden = warden
        self._outcome: Outcome | None = None
        sys.stdout.flush()
        sys.stderr.flush()
        self._pid = os.fork()
        if self._pid == 0:
            _run_and_leave(job, folder, warden, at_a_time)

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._began

    def poll(self) -> Outcome | None:
        """The outcome, once there is one."""
        if self._outcome is None:
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            if pid:
                self._warden.strike_off(pid)
                self._outcome = self._read(os.waitstatus_to_exitcode(status), "")
        return self._outcome

    def stop(self, why: str) -> Outcome:
        """End the process, and those that it started."""
        if self._outcome is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._pid, signal.SIGKILL)
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            self._warden.strike_off(self._pid)
            self._outcome = self._read(None, why)
        return self._outcome

    def run_so_far(self) -> Run | None:
        """The longest training's run, as far as it is written."""
        runs = []
        for file in self.folder.glob("**/run.jsonl"):
            with contextlib.suppress(OSError, ValueError):
                runs.append(Run.open(file))
        return max(runs, key=lambda run: run.last_step, default=None)

    def _read(self, status: int | None, stopped: str) -> Outcome:
        output, errors = _text(self.folder / OUTPUT), _text(self.folder / ERRORS)
        run = self.run_so_far() if self.job.is_watched else None
        return Outcome(
            job=self.job,
            status=status,
            seconds=self.seconds,
            output=output,
            error=errors.rstrip().rpartition("\n")[2],
            run=run,
            diagnosis=_document(self.folder / "diagnosis.json"),
            treatment=_document(self.folder / "treatment.json"),
            stopped=stopped,
        )


def _text(path: Path) -> str:
    """What an arm wrote; empty if it wrote nothing."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _document(path: Path) -> dict[str, Any]:
    """A JSON file of an arm; empty if it was not written."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _run_and_leave(job: Job, folder: Path, warden: Warden, at_a_time: int) -> None:
    """In the child: run, write, and leave without the parent's clean-up."""
    status = 1
    try:
        os.setsid()
        warden.put_down()
        _redirect(folder)
        _share_threads(at_a_time)
        status = _run(job, folder)
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException as error:
        with contextlib.suppress(Exception):
            print(f"netsitter: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
    finally:
        os._exit(status)


def _share_threads(at_a_time: int) -> None:
    """Arms beside each other with all threads each would wait for one another, many times slower."""
    import torch

    torch.set_num_threads(max(1, torch.get_num_threads() // at_a_time))


def _redirect(folder: Path) -> None:
    """Standard output to a file, errors to another, nothing to read."""
    for name, number in ((OUTPUT, 1), (ERRORS, 2)):
        file = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(file, number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdout, sys.stderr = (io.TextIOWrapper(io.FileIO(n, "w", closefd=False), "utf-8") for n in (1, 2))


def _run(job: Job, folder: Path) -> int:
    from netsitter.observe.script import run_program, run_sources
    from netsitter.treat.script import attend

    program = job.program
    _seed(job)
    run_sources(job.texts)
    if job.is_watched:
        return attend(
            program.target,
            list(program.arguments),
            job.doses,
            folder,
            is_module=program.is_module,
            seed=job.seed,
        )
    return run_program(program.target, list(program.arguments), is_module=program.is_module, sitter=None)


def _seed(job: Job) -> None:
    """Start every arm of a seed from the same random numbers.

    Seed 0 is the program as it is called. For another, the environment's SEED is raised where the
    program reads one; else every seed that the program sets is shifted.
    """
    import random

    import numpy as np
    import torch

    random.seed(job.seed)
    np.random.seed(job.seed)
    torch.manual_seed(job.seed)
    if job.seed == 0:
        return
    names = {name for text in job.texts.values() for name in SEED_NAME.findall(text)}
    for name in names:
        os.environ[name] = str(int(os.environ.get(name) or 0) + job.seed)
    if not names:
        for owner, name in ((random, "seed"), (np.random, "seed"), (torch, "manual_seed")):
            _shift(owner, name, SHIFT * job.seed)


def _shift(owner: Any, name: str, by: int) -> None:
    plain = getattr(owner, name)

    def shifted(*args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], int):
            args = ((args[0] + by) % 2**32, *args[1:])
        return plain(*args, **kwargs)

    setattr(owner, name, shifted)
