"""What a training writes into its Run, step by step: many records with one write."""

import contextlib
import time
from collections.abc import Callable, Sequence

import torch

from netsitter.run import Run

BATCH = 64
"""Records are written this many at a time: one write for many steps."""
LONGEST_WAIT = 1.0
"""Seconds after which they are written however few they are: somebody may be looking."""
MAX_DEFERRED = 4096
"""Losses that are left on a device until the next look makes it wait."""


class Book:
    """Counts the steps of a training and keeps its Run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._step = -1
        self._steps = self._backwards = 0
        self.losses: list[float | torch.Tensor] = []
        """Of the steps that have nothing else, one backward each. They come after all that is counted
        and written above; who adds to them has taken a step."""
        self._pending: list[tuple[int, dict[str, float]]] = []
        self._deferred: list[tuple[list[int], torch.Tensor]] = []
        """Steps whose losses are left on a device, and the losses."""
        self._deferred_steps = 0
        self._flush_at = 0.0

    @property
    def step(self) -> int:
        """The last step; -1 before the first."""
        return self._step + len(self.losses)

    @property
    def steps(self) -> int:
        return self._steps + len(self.losses)

    @property
    def backwards(self) -> int:
        return self._backwards + len(self.losses)

    def advance(self, backwards: int) -> None:
        """A step of which more is to be said than a loss."""
        self._write_losses()
        self._step += 1
        self._steps += 1
        self._backwards += backwards

    def pass_over(self) -> None:
        """An iteration without a step has a place of its own."""
        self._write_losses()
        self._step += 1

    # ---- writing

    def record(self, values: dict[str, float], step: int | None = None) -> None:
        self._write_losses()
        self._pending.append((self.step if step is None else step, values))
        if len(self._pending) >= BATCH or time.monotonic() >= self._flush_at:
            self.flush()

    def record_plain(self, loss: float | torch.Tensor) -> None:
        """A step that has nothing but the loss of one backward, as most."""
        self.losses.append(loss)
        if len(self.losses) >= BATCH:
            self.flush()

    def record_losses(self, steps: list[int], losses: Sequence[float]) -> None:
        self.keep(lambda: self._run.extend_series("loss", steps, losses))

    def flush(self) -> None:
        """Write what waits, but for what is left on a device."""
        self._flush_at = time.monotonic() + LONGEST_WAIT
        self._write_losses()
        self._write_pending()

    def _write_losses(self) -> None:
        if not self.losses:
            return
        self._write_pending()
        losses, steps = self.losses[:], list(range(self._step + 1, self.step + 1))
        self._step, self._steps, self._backwards = self.step, self.steps, self.backwards
        self.losses.clear()
        tensors = [loss for loss in losses if isinstance(loss, torch.Tensor)]
        if len(tensors) == len(losses):
            self.defer(steps, torch.stack([loss.reshape(()).to(tensors[0].device) for loss in tensors]))
        else:
            self.record_losses(steps, list(map(float, losses)))

    def _write_pending(self) -> None:
        pending, self._pending = self._pending, []
        if pending:
            self.keep(lambda: self._run.extend(pending))

    def keep(self, write: Callable[[], None]) -> None:
        """A full disk ends the file, not the watch: the run goes on in memory."""
        try:
            write()
        except OSError:
            with contextlib.suppress(OSError):
                self._run.close()

    # ---- what is left on a device

    def defer(self, steps: list[int], losses: torch.Tensor) -> None:
        """Leave losses there until something else makes the device wait, or there are too many."""
        self._deferred.append((steps, losses))
        self._deferred_steps += len(steps)
        if self._deferred_steps >= MAX_DEFERRED:
            self.record_deferred()

    def take_deferred(self) -> list[tuple[list[int], torch.Tensor]]:
        """All of it, for whoever fetches it along with something else."""
        deferred, self._deferred = self._deferred, []
        self._deferred_steps = 0
        return deferred

    def record_deferred(self) -> None:
        """Fetch and write it."""
        for steps, losses in self.take_deferred():
            self.record_losses(steps, losses.tolist())
