"""Validation passes, found by themselves: forwards without gradients between training steps.

A pass is told from another by the rows it looks at: fingerprints of input rows say whether a pass
sees validation rows or training rows, and how many rows the two share.
"""

import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from netsitter.observe.losses import LossCall, Targets
from netsitter.observe.neighbours import rows_of
from netsitter.observe.scores import predicted, score, top_share

MAX_ROWS = 4096
"""Fingerprints kept of one stream, and of the training rows."""
VAL_ROWS = 256
"""Rows of a validation set that are kept to be compared with training rows."""
DECIDE = 24
"""Training rows that must be known before a pass is called validation or training."""
SAME = 0.9
"""A pass that holds this share of the training rows seen looks at the training rows."""

Emit = Callable[[dict[str, float]], None]


@dataclass(kw_only=True)
class _Stream:
    """Passes over the same rows."""

    rows: set[float] = field(default_factory=set)
    is_complete: bool = False
    name: str = ""
    sample: list[np.ndarray] = field(default_factory=list)
    """Some of the rows themselves, flat."""
    waiting: list[dict[str, float]] = field(default_factory=list)
    """Passes before enough training rows were known to name the stream."""


@dataclass(kw_only=True)
class _Pass:
    stream: _Stream
    losses: list[tuple[int, torch.Tensor | float]] = field(default_factory=list)
    scores: dict[str, list[tuple[int, torch.Tensor | float]]] = field(default_factory=dict)
    rows: int = 0
    acts_randomly: bool = False
    repeats: int = 0
    last_row: float | None = None
    extra: dict[str, torch.Tensor | float] = field(default_factory=dict)


class Validation:
    """Collects passes; `flush` emits one record for each when training goes on."""

    def __init__(self, targets: Targets, emit: Emit) -> None:
        self._targets = targets
        self._emit = emit
        self._streams: list[_Stream] = []
        self.passes: dict[tuple[Any, ...], _Pass] = {}
        self._latest: _Pass | None = None
        self.has_dropped = False
        """Whether dropout was at work without gradients, since a model was last called so."""
        self._trained: dict[float, None] = {}
        self._coverage = 0.0
        """Share of the newest training rows that were known before: of all training rows that are known."""

    def trained_on(self, batch: torch.Tensor | None) -> None:
        """Remember rows of a training batch."""
        rows = fingerprints(batch, 256)
        if rows:
            self._coverage = sum(row in self._trained for row in rows) / len(rows)
        for row in rows:
            self._trained[row] = None
        while len(self._trained) > MAX_ROWS:
            del self._trained[next(iter(self._trained))]

    def forward(self, batch: torch.Tensor | None, output: torch.Tensor | None, acts_randomly: bool) -> None:
        """A model was called without gradients."""
        key = _caller()
        rows = fingerprints(batch, 1)
        running = self.passes.get(key)
        if running is None or self._moved(running.stream, rows):
            self._finish(self.passes.pop(key, None))
            running = self.passes[key] = _Pass(stream=self._stream_of(rows))
        self._latest = running
        running.acts_randomly |= acts_randomly or self.has_dropped
        self.has_dropped = False
        running.repeats += bool(rows) and running.last_row == rows[0]
        running.last_row = rows[0] if rows else None
        running.rows += len(batch) if batch is not None and batch.dim() else 0
        if not running.stream.is_complete:
            _keep_some(batch, running.stream.sample)
            running.stream.rows.update(fingerprints(batch, MAX_ROWS - len(running.stream.rows)))
        if output is not None and output.dim() >= 1 and len(output) >= 8 and not running.extra:
            running.extra["output/row_std"] = output.detach().float().std(0, unbiased=False).mean()

    def dropped(self) -> None:
        """Dropout was at work without gradients."""
        self.has_dropped = True

    def loss(self, call: LossCall) -> None:
        """A loss function was called without gradients."""
        value = call.value
        if value is None or value.numel() != 1:
            return
        running = self._latest
        if running is None:
            running = self._latest = self.passes[_caller()] = _Pass(stream=self._stream_of([]))
        rows = len(call.prediction) if call.prediction.dim() else 1
        shown = value.detach()
        running.losses.append((rows, shown / rows if call.reduction == "sum" else shown))
        for name, number in score(call).items():
            running.scores.setdefault(f"metric/{name}", []).append((rows, number))
        if call.target is not None and "target/unseen" not in running.extra:
            self._note_targets(call, call.target, running)

    def _note_targets(self, call: LossCall, target: torch.Tensor, running: _Pass) -> None:
        if self._targets.has_seen(DECIDE) and not target.is_complex() and target.numel():
            running.extra["target/unseen"] = self._targets.unseen(target)
        if not Targets.is_classes(call):
            return
        if target.dim() == 1 and not target.is_floating_point() and target.numel() and int(target.min()) >= 0:
            running.extra["target/top_share"] = top_share(target.detach())
        classes = predicted(call)
        if classes is not None and classes.numel():
            running.extra["output/top_share"] = top_share(classes)

    def flush(self, is_end: bool = False) -> None:
        """Training goes on: the running passes are over."""
        if not self.passes and not is_end:
            return
        passes, self.passes, self._latest = self.passes, {}, None
        for running in passes.values():
            self._finish(running)
        for stream in self._streams:
            if stream.waiting and (is_end or len(self._trained) >= DECIDE):
                self._name(stream)
                waiting, stream.waiting = stream.waiting, []
                for values in waiting:
                    self._write(stream, values)

    def _finish(self, running: _Pass | None) -> None:
        if running is None:
            return
        stream = running.stream
        stream.is_complete |= bool(stream.rows)
        values = {"rows": float(running.rows), "train_mode": float(running.acts_randomly)}
        values["repeats"] = float(running.repeats)
        if running.losses:
            values["loss"] = _mean(running.losses)
        values |= {name: _mean(numbers) for name, numbers in running.scores.items()}
        values |= {name: float(value) for name, value in running.extra.items()}
        if stream.name:
            self._write(stream, values)
        else:
            stream.waiting.append(values)

    def _write(self, stream: _Stream, values: dict[str, float]) -> None:
        if self._trained and stream.rows:
            known = sum(row in self._trained for row in stream.rows) / len(stream.rows)
            values = {**values, "overlap": self._overlap(stream), "known": known, "coverage": self._coverage}
        self._emit({f"{stream.name}/{name}": value for name, value in values.items()})

    def _name(self, stream: _Stream) -> None:
        """``val`` for the first rows that are not trained on, ``val2`` for the next; ``train_eval``."""
        taken = {other.name for other in self._streams}
        kind = "train_eval" if self._trained and self._overlap(stream) >= SAME else "val"
        stream.name = next(n for i in range(1, 1000) if (n := kind if i == 1 else f"{kind}{i}") not in taken)

    def _overlap(self, stream: _Stream) -> float:
        return sum(row in stream.rows for row in self._trained) / max(len(self._trained), 1)

    def sample(self) -> np.ndarray | None:
        """Rows of the first validation set, shape (rows, numbers); None where there is none of floats."""
        kept = next((stream.sample for stream in self._streams if stream.name == "val"), [])
        return np.concatenate(kept) if kept else None

    def _moved(self, stream: _Stream, rows: list[float]) -> bool:
        """The same call has gone on to other rows that are known."""
        if not rows or rows[0] in stream.rows:
            return False
        return any(rows[0] in other.rows for other in self._streams if other is not stream)

    def _stream_of(self, rows: list[float]) -> _Stream:
        known = next((s for s in self._streams if rows and rows[0] in s.rows), None)
        if known is None and not rows:
            known = next((s for s in self._streams if not s.rows), None)
        if known is None:
            known = _Stream()
            if len(self._streams) < 16:
                self._streams.append(known)
        return known


def fingerprints(batch: torch.Tensor | None, limit: int) -> list[float]:
    """One number for each of the first rows, the same for the same row.

    A fixed cosine weighting of the row's numbers, in double precision; a million different rows
    collide with a chance of about 1e-4.
    """
    if batch is None or batch.dim() == 0 or limit <= 0 or batch.is_complex() or batch.numel() == 0:
        return []
    rows = batch.detach()[: min(limit, len(batch))].reshape(min(limit, len(batch)), -1)[:, :4096].double()
    return (rows * _weights(rows.shape[1], rows.device)).sum(1).tolist()


@functools.lru_cache(maxsize=8)
def _weights(width: int, device: torch.device) -> torch.Tensor:
    return torch.cos(torch.arange(1, width + 1, dtype=torch.float64, device=device) * 1.7) + 1.1


def _keep_some(batch: torch.Tensor | None, kept: list[np.ndarray]) -> None:
    """Copy rows of floats until there are enough; all of one length."""
    flat = rows_of(batch, VAL_ROWS - sum(map(len, kept)))
    if flat is not None and (not kept or kept[0].shape[1] == flat.shape[1]):
        kept.append(flat)


def _mean(weighted: list[tuple[int, torch.Tensor | float]]) -> float:
    total = sum(rows for rows, _ in weighted)
    return sum(rows * float(value) for rows, value in weighted) / max(total, 1)


def _caller(depth: int = 4) -> tuple[Any, ...]:
    """Where in the program this call comes from: the innermost frames outside torch and netsitter."""
    frame: Any = sys._getframe(2)
    found: list[Any] = []
    while frame is not None and len(found) < 2 * depth:
        package = frame.f_globals.get("__name__", "").partition(".")[0]
        if package not in ("torch", "netsitter"):
            found += [frame.f_code, frame.f_lineno]
        frame = frame.f_back
    return tuple(found)
