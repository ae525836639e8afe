"""Writes iterations down: each becomes a record in the run of the training whose optimiser stepped."""

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from netsitter.observe import origin
from netsitter.observe.anatomy import Anatomy
from netsitter.observe.iteration import Iteration
from netsitter.observe.listener import Call
from netsitter.observe.look import Look, first_tensor
from netsitter.observe.pace import Pace
from netsitter.observe.training import Training
from netsitter.observe.trainings import Trainings
from netsitter.observe.validation import Validation
from netsitter.observe.wiring import Wiring
from netsitter.run import Run

STEPLESS = 8
"""Backward passes without any optimiser step after which they are recorded as a training of their own."""
DESCRIBED = (1, 2, 4, 16, 64, 256)
"""Samples after which the facts about the model are stated anew."""


class Ledger:
    """Keeps the books of every training."""

    def __init__(
        self,
        *,
        anatomy: Anatomy,
        wiring: Wiring,
        pace: Pace,
        make_run: Callable[[int], Run],
    ) -> None:
        self.trainings = Trainings(make_run, anatomy)
        self._wiring = wiring
        self._pace = pace
        self.lost: dict[str, Any] | None = None
        """Where the first NaN came from, once there is one."""
        self._wasted = 0
        """Iterations that ended without a step."""
        self.is_fresh = True
        """Whether the next training to be seen is at its first step."""
        self._orphans: list[Iteration] = []

    @property
    def index(self) -> int:
        """Iterations of all trainings."""
        count = self._wasted
        for training in self.trainings.all:
            count += training.book.steps
        return count

    def close(self, now: Iteration, training: Training, validation: Validation) -> bool:
        """Write an iteration down; returns whether its loss is lost. Most steps have a loss and no more."""
        if training is not self.trainings.latest:
            self.trainings.turn(training)
        if now.is_plain and not training.has_new_rates():
            loss = now.losses[0]
            training.book.record_plain(loss)
        else:
            training.book.advance(now.backwards)
            if now.has_more:
                now.note("eval_mode", now.in_eval is not None)
            values = self._values(now, training, validation)
            training.book.record(values)
            loss = values.get("loss", 0.0)
        if isinstance(loss, torch.Tensor) or math.isfinite(loss):
            return False
        if self.lost is not None and "nonfinite" not in training.facts:
            training.facts["nonfinite"] = {"step": training.book.step, **self.lost}
        return True

    def _values(self, now: Iteration, training: Training, validation: Validation) -> dict[str, float]:
        """The numbers of an iteration that has more to it than a loss."""
        values = now.values or {}
        for name in ("stale_grad", "empty_step", "eval_mode"):
            if values.get(f"wiring/{name}"):
                training.count(name)
        self._note_loss(now, training, values)
        if now.clip is not None:
            training.count("clips")
            kind, values["clip/max"], norm = now.clip
            if kind == "norm" and norm is not None:
                values["clip/raw"] = float(norm)
        values |= training.rates(now.look is not None)
        if now.look is not None:
            elapsed = time.perf_counter() - now.began
            with now.look.timed():
                validation.trained_on(now.look.batch)
            self._note_look(now.look, now, training, values, elapsed)
            now.look.forget()
        return values

    def _note_loss(self, now: Iteration, training: Training, values: dict[str, float]) -> None:
        # LBFGS calls its closure again and again: the first loss is the one at the step's start.
        losses = now.losses[:1] if training.has_line_search else now.losses
        known = [loss for loss in losses if isinstance(loss, float)]
        if known:
            values["loss"] = sum(known) / len(known)
        elif losses:
            tensors = [loss for loss in losses if isinstance(loss, torch.Tensor)]
            training.book.defer([training.book.step], torch.stack(tensors).mean().reshape(1))

    def _note_look(
        self, look: Look, now: Iteration, training: Training, values: dict[str, float], elapsed: float
    ) -> None:
        """Fetch what the look saw, with the losses that wait on the device, in one copy."""
        with look.timed():
            deferred = [(owner, *left) for owner in self.trainings.all for left in owner.book.take_deferred()]
            names = [tuple(f"\0{i} {step}" for step in steps) for i, (_, steps, _) in enumerate(deferred)]
            fetched = look.fetch(dict(zip(names, (losses for _, _, losses in deferred), strict=True)))
            for names_of, (owner, steps, _) in zip(names, deferred, strict=True):
                owner.book.record_losses(steps, [fetched.pop(name) for name in names_of])
            values |= fetched
            if training.book.step > 0:
                values |= now.times(elapsed - look.seconds, fetched.get("batch/rows", 0.0))
            self._note_facts(look, now, training)
        self._pace.looked(self.index, look.seconds, time.perf_counter())

    def _note_facts(self, look: Look, now: Iteration, training: Training) -> None:
        training.samples += 1
        self.is_fresh = False
        training.reached |= look.reached
        training.called |= look.called
        training.neighbours.add(look.batch, look.target)
        for name, fact in look.facts.items():
            training.facts.setdefault(name, fact)
        graph = look.facts.get("graph", {})
        for name in ("broadcast", "softmax_dim", "inner_softmax_dim", "inner_norm_dim"):
            if graph.get(name):
                training.facts["graph"] = {**training.facts["graph"], name: graph[name]}
        if now.had_saved_hooks:
            training.facts["checkpointed"] = True
        if now.scaler is not None:
            training.facts["amp"] = True
        if training.has_changed() or training.samples in DESCRIBED:
            training.describe(self._wiring.optimised())

    def search(self, loss: torch.Tensor, now: Iteration, latest: Call | None) -> None:
        """The loss is lost: find out where it went wrong, once."""
        calls = now.look.calls if now.look is not None else []
        targets = [call.target for call in calls if call.target is not None]
        given = latest and (latest[1] or latest[2])
        with torch.no_grad():
            batch, may_read = first_tensor(given), not now.had_saved_hooks
            self.lost = origin.find_origin(loss, self.trainings.anatomy, batch, targets, may_read)

    def waste(self, now: Iteration, validation: Validation) -> bool:
        """Gradients were made and cleared again without a step; returns whether the loss is lost."""
        training = self.trainings.all[-1] if self.trainings.all else None
        if training is not None and not (training.optimizers or self._wiring.optimised()):
            # No optimiser of torch's at all: Keras steps by means of its own, and so do others by hand.
            return self.close(now, training, validation)
        self._wasted += 1
        if training is not None:
            training.count("wasted")
            return False
        if now.look is not None:
            validation.trained_on(now.look.batch)
            now.look.forget()
        self._orphans.append(now)
        if len(self._orphans) >= STEPLESS:
            self.adopt_orphans()
        return False

    def adopt_orphans(self) -> None:
        """No optimiser has stepped: the backward passes make a training of their own."""
        orphans, self._orphans = self._orphans, []
        training = self.trainings.start() if orphans else None
        if training is None:
            return
        for orphan in orphans:
            # Where nothing was ever cleared, all backward passes look like one iteration.
            training.count("wasted", max(1, orphan.backwards))
            training.book.pass_over()
            values: dict[str, float] = {}
            self._note_loss(orphan, training, values)
            if orphan.look is not None:
                values |= orphan.look.fetch()
                self._note_facts(orphan.look, orphan, training)
            training.book.record(values)

    def note_pass(self, values: dict[str, float]) -> None:
        """A validation pass belongs to the training that stepped last."""
        training = self.trainings.last
        if training is not None:
            training.book.record(values, max(training.book.step, 0))

    def note_error(self, error: dict[str, Any]) -> None:
        """The program is dying of an exception: it goes on record."""
        training = self.trainings.last or self.trainings.start()
        if training is not None:
            training.facts.setdefault("error", error)

    def finish(self, now: Iteration, validation_rows: np.ndarray | None) -> None:
        """The watch ends: write what waits."""
        if now.backwards and not self.trainings.all:
            self._orphans.append(now)
        self.adopt_orphans()
        for training in self.trainings.all:
            training.facts["idle_optimizers"] = self._wiring.idle()
            training.conclude(self._wiring.optimised())
            rows = validation_rows if len(self.trainings.all) == 1 else None
            training.book.record(training.neighbours.numbers(rows), max(training.book.step, 0))
            training.book.flush()
            training.book.record_deferred()
            training.state()
