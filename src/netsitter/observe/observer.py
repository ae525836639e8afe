"""Turns what is heard into steps: which backward belongs to which optimiser's step, and when to look closely.

An *iteration* is everything between two optimiser steps that had gradients: one backward or several
(accumulation), one optimiser or several (joint). It is written into the Run of the training whose
optimiser stepped. Nothing here raises: an error of ours is counted under ``broken``.
"""

import functools
import math
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from netsitter.observe import origin, seams
from netsitter.observe.anatomy import Anatomy
from netsitter.observe.look import Look, first_tensor
from netsitter.observe.losses import Targets, call_of
from netsitter.observe.pace import Pace
from netsitter.observe.probes import fetch
from netsitter.observe.training import Training, held
from netsitter.observe.trainings import Trainings
from netsitter.observe.validation import Validation
from netsitter.observe.wiring import Wiring, acts_randomly
from netsitter.run import Run

STEPLESS = 8
"""Backward passes without any optimiser step after which they are recorded as a training of their own."""
FORGIVEN = 50
"""Errors of ours in one place after which that place is left alone."""


def guarded(method: Callable[..., None]) -> Callable[..., None]:
    """Errors of ours never reach the program."""

    @functools.wraps(method)
    def call(self: "Observer", *args: Any) -> None:
        if self.is_off:
            return
        try:
            method(self, *args)
        except Exception as error:
            self.excuse(method.__name__, error)

    return call


@dataclass(kw_only=True)
class Iteration:
    """What was heard since the last step."""

    began: float
    look: Look | None = None
    backwards: int = 0
    losses: list[float | torch.Tensor] = field(default_factory=list)
    scaler: Any = None
    is_eval: bool = False
    waited: float | None = None
    """Seconds until the first forward: the program was fetching data."""
    values: dict[str, float] = field(default_factory=dict)
    clips: list[tuple[str, float, Any]] = field(default_factory=list)
    training: Training | None = None
    had_saved_hooks: bool = False


class Observer:
    """The listener behind a watch. ``on_step`` is told after every step, for judging."""

    def __init__(
        self,
        *,
        model: nn.Module | None,
        pace: Pace,
        make_run: Callable[[int], Run],
        on_step: Callable[[Training, bool], None],
    ) -> None:
        self.anatomy = Anatomy(model)
        self.pace = pace
        self.trainings = Trainings(make_run, self.anatomy)
        self.targets = Targets()
        self.validation = Validation(self.targets, self._on_pass)
        self.wiring = Wiring()
        self.on_step = on_step
        self.errors: Counter[str] = Counter()
        self.broken: dict[str, str] = {}
        self.is_off = False
        self.lost: dict[str, Any] | None = None
        """Where the first NaN came from, once there is one."""
        self.dying: dict[str, Any] = {}
        """What a loss function was given when it raised."""
        self.forwards = 0
        self._index = 0
        self._is_fresh = True
        """Whether the next training to be seen is at its first step."""
        self._burst = 0
        self._depth = 0
        self._batch: torch.Tensor | None = None
        self._orphans: list[Iteration] = []
        self._deferred: list[tuple[Training, int, torch.Tensor]] = []
        self._has_trained = False
        self._previous: Iteration | None = None
        self._now = Iteration(began=time.perf_counter())
        if model is not None:
            seams.hear_calls(model)
        self._begin()

    def excuse(self, place: str, error: Exception) -> None:
        """Note an error of ours; a place that keeps failing ends the watch."""
        self.errors[place] += 1
        self.broken.setdefault(place, f"{type(error).__name__}: {error}")
        self.is_off |= self.errors[place] > FORGIVEN

    # ---- what is heard

    @guarded
    def on_optimizer(self, optimizer: torch.optim.Optimizer) -> None:
        parameters = held(optimizer)
        self.anatomy.learn(parameters)
        for root in self.anatomy.live_roots():
            seams.hear_calls(root)
        if self.anatomy.given and not self.anatomy.owns(parameters):
            return
        self.wiring.know(optimizer)
        for training in self.trainings.all:
            # What was trained before, and is kept now, is kept on purpose.
            self.anatomy.note_pretrained(p for known in training.live_optimizers() for p in held(known))
        if not any(training.shares(optimizer) for training in self.trainings.all):
            self._is_fresh = True
            self._burst = max(self._burst, 2)
            if self._now.look is None and self._now.backwards == 0:
                self._begin()

    @guarded
    def on_forward(
        self, model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any, started: float
    ) -> None:
        if self.anatomy.module_name(model) is None:
            return
        result = first_tensor(output)
        batch = first_tensor(args) if args else first_tensor(kwargs)
        if not torch.is_grad_enabled():
            randomly = model.training and self.wiring.has_modes(model) and acts_randomly(model)
            self.validation.forward(batch, result, randomly)
            return
        if result is None or not result.requires_grad:
            return
        now = self._now
        if now.waited is None:
            now.waited = started - now.began
        now.is_eval = not model.training and self.wiring.has_modes(model)
        self.forwards += 1
        self._batch = batch
        if now.look is not None and now.backwards == 0:
            now.look.model_called(batch, result)

    @guarded
    def on_loss(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        if isinstance(result, torch.Tensor) and not result.requires_grad:
            call = call_of(name, args, kwargs, result)
            if call is not None and self._has_trained:
                with torch.no_grad():
                    self.validation.loss(call)
        elif self._now.look is not None and self._now.backwards == 0:
            call = call_of(name, args, kwargs, result)
            if call is not None:
                self._now.look.calls.append(call)

    @guarded
    def on_loss_error(
        self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], error: Exception
    ) -> None:
        call = call_of(name, args, kwargs, None)
        if call is None:
            return
        self.dying = {"loss": call.facts(0)}
        if call.target is not None and call.target.numel() and not call.target.is_complex():
            self.dying["target_min"] = float(call.target.min())
            self.dying["target_max"] = float(call.target.max())

    @guarded
    def before_backward(self, tensors: Any) -> None:
        now = self._now
        loss = first_tensor(tensors)
        if loss is None or loss.numel() != 1:
            return
        if now.backwards == 0:
            self.validation.flush()
        if self.wiring.cleared and now.backwards and self._depth == 0 and now.scaler is None:
            self._waste()
            now = self._now
        self.wiring.before_backward(now.look is not None)
        shown = loss.detach()
        value = float(shown) / self._scale(now) if shown.device.type == "cpu" else shown / self._scale(now)
        now.losses.append(value)
        if isinstance(value, float) and not math.isfinite(value) and self.lost is None:
            self._search(loss, now)
        if now.look is not None and now.backwards == 0:
            now.look.has_saved_hooks = now.had_saved_hooks
            reading = now.look.read(loss, self._scale(now))
            if self.anatomy.learn(reading.leaves):
                for root in self.anatomy.live_roots():
                    seams.hear_calls(root)
                now.look.reached = {self.anatomy.name(leaf) for leaf in reading.leaves}

    @guarded
    def after_backward(self, tensors: Any) -> None:
        now = self._now
        now.backwards += 1
        self._has_trained = True
        if now.look is not None:
            now.look.close()
            now.look.gradients(list(self.anatomy.parameters()), self._scale(now))

    @guarded
    def on_zero_grad(self, owner: torch.optim.Optimizer | nn.Module) -> None:
        self.wiring.cleared_by(owner)

    @guarded
    def on_clip(self, kind: str, limit: float, norm: Any) -> None:
        now = self._now
        if limit is None or (
            now.look is None and isinstance(norm, torch.Tensor) and norm.device.type != "cpu"
        ):
            return
        now.clips.append((kind, float(limit), norm))

    @guarded
    def on_scale(self, scaler: Any) -> None:
        self._now.scaler = scaler if scaler.is_enabled() else None

    @guarded
    def on_saved_hooks(self) -> None:
        self._now.had_saved_hooks = True

    @guarded
    def on_load(self, model: nn.Module) -> None:
        self.anatomy.note_pretrained(model.parameters())

    @guarded
    def before_step(self, optimizer: torch.optim.Optimizer) -> None:
        self._depth += 1
        if self._depth > 1 or not self._is_mine(optimizer):
            return
        had_backward = self._now.backwards > 0
        stale, empty = self.wiring.before_step(optimizer, had_backward)
        look = self._look()
        self._note_wiring(look is not None, stale_grad=stale, empty_step=empty)
        if look is not None:
            look.before_step([(self.anatomy.name(p), p) for p in held(optimizer)])

    @guarded
    def after_step(self, optimizer: torch.optim.Optimizer) -> None:
        self._depth = max(0, self._depth - 1)
        if self._depth:
            return
        now, previous = self._now, self._previous
        if not self._is_mine(optimizer):
            self._begin()
            return
        look = self._look()
        if look is not None:
            look.after_step()
        joint = previous.training if previous is not None and now.backwards == 0 else None
        training = self.trainings.find(optimizer, joint)
        if training is None:
            self._begin()
        elif now.backwards:
            self._close(now, training)
        elif look is not None and previous is not None:
            training.record(fetch(look.numbers))

    def _note_wiring(self, always: bool, **faults: bool) -> None:
        """Faults are written on the step they show, their absence only on sampled steps."""
        for name, is_faulty in faults.items():
            if is_faulty or always:
                self._now.values[f"wiring/{name}"] = float(is_faulty)

    # ---- iterations

    def _is_mine(self, optimizer: torch.optim.Optimizer) -> bool:
        return not self.anatomy.given or self.anatomy.owns(held(optimizer))

    def _look(self) -> Look | None:
        """The look at the step being taken; a joint optimiser steps after its iteration has closed."""
        if self._now.backwards or self._previous is None:
            return self._now.look
        return None

    def _scale(self, now: Iteration) -> Any:
        if now.scaler is None:
            return 1.0
        scale = now.scaler._scale
        return 1.0 if scale is None else float(scale) if scale.device.type == "cpu" else scale

    def _begin(self) -> None:
        if self._now.look is not None:
            self._now.look.close()
        now = self._now = Iteration(began=time.perf_counter())
        if self._burst == 0 and self.pace.is_due(self._index):
            self._burst = self.trainings.burst
        if self._burst > 0:
            self._burst -= 1
            now.look = Look(self.anatomy, self.targets, self._is_fresh)
            now.look.open()

    def _close(self, now: Iteration, training: Training) -> None:
        """An iteration is over: write it down and plan the next."""
        training.step += 1
        training.count("steps")
        training.count("backwards", now.backwards)
        self.trainings.turn(training)
        now.training = training
        values = now.values
        self._note_wiring(now.look is not None, eval_mode=now.is_eval)
        for name in ("stale_grad", "empty_step", "eval_mode"):
            if values.get(f"wiring/{name}"):
                training.count(name)
        self._note_loss(now, training, values)
        for kind, limit, norm in now.clips[-1:]:
            training.count("clips")
            values["clip/max"] = limit
            if kind == "norm" and norm is not None:
                values["clip/raw"] = float(norm)
        values |= training.rates(now.look is not None)
        elapsed = time.perf_counter() - now.began
        if now.look is not None:
            self._note_look(now.look, now, training, values, elapsed)
        else:
            self.pace.stepped(elapsed)
        training.record(values)
        was_lost = not math.isfinite(values.get("loss", 0.0))
        if was_lost and self.lost is not None and "nonfinite" not in training.facts:
            training.facts["nonfinite"] = {"step": training.step, **self.lost}
        self._batch = None
        self._index += 1
        self._previous = now
        self.on_step(training, was_lost)
        self._begin()

    def _note_loss(self, now: Iteration, training: Training, values: dict[str, float]) -> None:
        # LBFGS calls its closure again and again: the first loss is the one at the step's start.
        losses = now.losses[:1] if self._is_closure(training) else now.losses
        known = [loss for loss in losses if isinstance(loss, float)]
        if known:
            values["loss"] = sum(known) / len(known)
        elif losses:
            tensors = [loss for loss in losses if isinstance(loss, torch.Tensor)]
            self._deferred.append((training, training.step, torch.stack(tensors).mean()))

    @staticmethod
    def _is_closure(training: Training) -> bool:
        return any(isinstance(o, torch.optim.LBFGS) for o in training.live_optimizers())

    def _note_look(
        self, look: Look, now: Iteration, training: Training, values: dict[str, float], elapsed: float
    ) -> None:
        """Fetch what the look saw, with the losses that wait on the device, in one copy."""
        with look.timed():
            deferred, self._deferred = self._deferred, []
            fetched = fetch(look.numbers | {f"\0{i}": loss for i, (_, _, loss) in enumerate(deferred)})
            for index, (owner, step, _) in enumerate(deferred):
                owner.record({"loss": fetched.pop(f"\0{index}")}, step)
            values |= fetched
            if training.step > 0:
                values |= _times(now, elapsed - look.seconds, fetched.get("batch/rows", 0.0))
            self.validation.trained_on(look.batch)
            self._note_facts(look, now, training)
        self.pace.looked(self._index, look.seconds)

    def _note_facts(self, look: Look, now: Iteration, training: Training) -> None:
        training.samples += 1
        self._is_fresh = False
        training.reached |= look.reached
        training.called |= look.called
        for name, fact in look.facts.items():
            training.facts.setdefault(name, fact)
        graph = look.facts.get("graph", {})
        for name in ("broadcast", "softmax_dim"):
            if graph.get(name):
                training.facts["graph"] = {**training.facts["graph"], name: graph[name]}
        if now.had_saved_hooks:
            training.facts["checkpointed"] = True
        if now.scaler is not None:
            training.facts["amp"] = True
        training.seen["forwards"] = self.forwards
        if training.samples in (1, 2, 4, 16, 64, 256):
            training.describe(self.wiring.optimised())

    def _waste(self) -> None:
        """Gradients were made and cleared again without a step."""
        for training in self.trainings.all[-1:]:
            training.count("wasted")
        if not self.trainings.all:
            self._orphans.append(self._now)
            if len(self._orphans) >= STEPLESS:
                self.adopt_orphans()
        self._index += 1
        self._begin()

    def adopt_orphans(self) -> None:
        """No optimiser ever stepped: the backward passes make a training of their own."""
        orphans, self._orphans = self._orphans, []
        training = self.trainings.start() if orphans else None
        if training is None:
            return
        for orphan in orphans:
            training.count("wasted")
            training.step += 1
            values: dict[str, float] = {}
            self._note_loss(orphan, training, values)
            if orphan.look is not None:
                values |= fetch(orphan.look.numbers)
                self._note_facts(orphan.look, orphan, training)
            training.record(values)

    def _search(self, loss: torch.Tensor, now: Iteration) -> None:
        """The loss is lost: find out where it went wrong, once."""
        targets = [c.target for c in now.look.calls if c.target is not None] if now.look is not None else []
        with torch.no_grad():
            found = origin.find_origin(loss, self.anatomy, self._batch, targets, not now.had_saved_hooks)
        self.lost = found

    def _on_pass(self, values: dict[str, float]) -> None:
        for training in self.trainings.all[-1:]:
            training.record(values, max(training.step, 0))

    def note_error(self, error: dict[str, Any]) -> None:
        """The program is dying: its last backward without a step counts as seen."""
        training = self.trainings.all[-1] if self.trainings.all else self.trainings.start()
        if training is not None:
            training.facts["error"] = {**error, "backwards": self._now.backwards}

    def finish(self) -> None:
        """The watch ends: write what waits."""
        self.is_off = True
        if self._now.look is not None:
            self._now.look.close()
        if self._now.backwards and not self.trainings.all:
            self._orphans.append(self._now)
        self.adopt_orphans()
        self.validation.flush(is_end=True)
        for training, step, loss in self._deferred:
            training.record({"loss": float(loss)}, step)
        for training in self.trainings.all:
            training.facts["idle_optimizers"] = self.wiring.idle()
            training.describe(self.wiring.optimised())
            training.flush()
            training.state()


def _times(now: Iteration, seconds: float, rows: float) -> dict[str, float]:
    """Step time, time spent waiting for data, and rows a second."""
    times = {"time/step": max(seconds, 0.0)}
    if now.waited is not None:
        times["time/data"] = now.waited
    if rows and seconds > 0:
        times["throughput"] = rows / seconds
    return times
