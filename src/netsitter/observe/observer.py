"""Listens to torch for one watch: sorts what is heard into iterations, and looks closely at some.

Nothing here raises: an error of ours is noted under ``broken``, and the training goes on.
"""

import functools
import math
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from netsitter.observe import origin, ranks, seams
from netsitter.observe.anatomy import Anatomy
from netsitter.observe.iteration import Iteration
from netsitter.observe.ledger import Ledger
from netsitter.observe.look import Look, first_tensor
from netsitter.observe.losses import Targets, call_of
from netsitter.observe.pace import Pace
from netsitter.observe.training import held
from netsitter.observe.validation import Validation
from netsitter.observe.wiring import Wiring, acts_randomly
from netsitter.run import Run

FORGIVEN = 50
"""Errors of ours in one place after which the watch is given up."""

Arguments = tuple[Any, ...]


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


class Observer:
    """The listener behind a watch. ``on_step`` is told after every step, for judging."""

    def __init__(
        self,
        *,
        model: nn.Module | None,
        loss: nn.Module | None,
        pace: Pace,
        make_run: Callable[[int], Run],
        on_step: Callable[[bool], None],
    ) -> None:
        self.anatomy = Anatomy(model)
        self._loss = loss
        self.wiring = Wiring()
        self.ledger = Ledger(anatomy=self.anatomy, wiring=self.wiring, pace=pace, make_run=make_run)
        self._pace = pace
        self._targets = Targets()
        self._validation = Validation(self._targets, self.ledger.note_pass)
        self._on_step = on_step
        self.errors: Counter[str] = Counter()
        self.broken: dict[str, str] = {}
        self.is_off = False
        self.dying: dict[str, Any] = {}
        """What a loss function was given when it raised."""
        self.is_compiled = False
        self._burst = 0
        self._depth = 0
        """How many optimiser steps are being taken, one inside the other."""
        self._batch: torch.Tensor | None = None
        self._has_trained = False
        self._previous: Iteration | None = None
        self._now = Iteration(began=time.perf_counter())
        self._begin()

    def excuse(self, place: str, error: Exception) -> None:
        """Note an error of ours; a place that keeps failing ends the watch."""
        self.errors[place] += 1
        self.broken.setdefault(place, f"{type(error).__name__}: {error}")
        self.is_off |= self.errors[place] > FORGIVEN

    # ---- the program makes things

    @guarded
    def on_optimizer(self, optimizer: torch.optim.Optimizer) -> None:
        parameters = held(optimizer)
        self._learn(parameters)
        if not self._is_mine(optimizer):
            return
        self.wiring.know(optimizer)
        for training in self.ledger.trainings.all:
            # What was trained before, and is kept now, is kept on purpose.
            self.anatomy.note_pretrained(p for known in training.live_optimizers() for p in held(known))
        if not any(training.shares(optimizer) for training in self.ledger.trainings.all):
            self.ledger.is_fresh = True
            self._burst = max(self._burst, 2)
            if self._now.look is None and self._now.backwards == 0:
                self._begin()

    @guarded
    def on_load(self, model: nn.Module) -> None:
        self.anatomy.note_pretrained(model.parameters())

    @guarded
    def on_compile(self) -> None:
        self.is_compiled = True
        self._begin()

    # ---- forward

    @guarded
    def on_forward(
        self, model: nn.Module, args: Arguments, kwargs: dict[str, Any], output: Any, started: float
    ) -> None:
        if model is self._loss:
            self.on_loss("custom", args, kwargs, output)
            return
        if self.anatomy.module_name(model) is None:
            return
        result = first_tensor(output)
        batch = first_tensor(args) if args else first_tensor(kwargs)
        has_modes = self.wiring.has_modes(model)
        if not torch.is_grad_enabled():
            self._validation.forward(batch, result, model.training and has_modes and acts_randomly(model))
        elif result is not None and result.requires_grad:
            now = self._now
            if now.waited is None:
                now.waited = started - now.began
            now.is_eval = has_modes and not model.training
            self.ledger.forwards += 1
            self._batch = batch
            if now.look is not None and now.backwards == 0:
                now.look.model_called(batch, result)

    @guarded
    def on_loss(self, name: str, args: Arguments, kwargs: dict[str, Any], result: Any) -> None:
        if isinstance(result, torch.Tensor) and not result.requires_grad:
            call = call_of(name, args, kwargs, result) if self._has_trained else None
            if call is not None:
                with torch.no_grad():
                    self._validation.loss(call)
        elif self._now.look is not None and self._now.backwards == 0:
            call = call_of(name, args, kwargs, result)
            if call is not None:
                self._now.look.calls.append(call)

    @guarded
    def on_loss_error(self, name: str, args: Arguments, kwargs: dict[str, Any], error: Exception) -> None:
        call = call_of(name, args, kwargs, None)
        if call is not None:
            self.dying = {"loss": call.facts(0), **call.target_range}

    # ---- backward

    @guarded
    def before_backward(self, tensors: Any) -> None:
        loss = first_tensor(tensors)
        if loss is None or loss.numel() != 1:
            return
        if self._now.backwards == 0:
            self._validation.flush()
        elif self.wiring.cleared and self._depth == 0 and self._now.scaler is None:
            self.ledger.waste(self._now)
            self._begin()
        now = self._now
        self.wiring.before_backward(now.look is not None)
        shown = loss.detach()
        value = float(shown) / now.scale if shown.device.type == "cpu" else shown / now.scale
        now.losses.append(value)
        if isinstance(value, float) and not math.isfinite(value) and self.ledger.lost is None:
            self._search(loss, now)
        if now.look is not None and now.backwards == 0:
            now.look.has_saved_hooks = now.had_saved_hooks
            reading = now.look.read(loss, float(now.scale))
            if self._learn(reading.leaves):
                now.look.reached = {self.anatomy.name(leaf) for leaf in reading.leaves}

    @guarded
    def after_backward(self, tensors: Any) -> None:
        now = self._now
        now.backwards += 1
        self._has_trained = True
        if now.look is not None:
            now.look.close()
            now.look.gradients(list(self.anatomy.parameters()), float(now.scale))

    @guarded
    def on_scale(self, scaler: Any) -> None:
        self._now.scaler = scaler if scaler.is_enabled() else None

    @guarded
    def on_saved_hooks(self) -> None:
        self._now.had_saved_hooks = True

    @guarded
    def on_zero_grad(self, owner: torch.optim.Optimizer | nn.Module) -> None:
        self.wiring.cleared_by(owner)

    @guarded
    def on_clip(self, kind: str, limit: Any, norm: Any) -> None:
        would_wait = isinstance(norm, torch.Tensor) and norm.device.type != "cpu"
        if limit is not None and (self._now.look is not None or not would_wait):
            self._now.clips.append((kind, float(limit), norm))

    # ---- step

    @guarded
    def before_step(self, optimizer: torch.optim.Optimizer) -> None:
        self._depth += 1
        if self._depth > 1 or not self._is_mine(optimizer):
            return
        stale, empty = self.wiring.before_step(optimizer, self._now.backwards > 0)
        look = self._look()
        self._now.note(look is not None, stale_grad=stale, empty_step=empty)
        if look is not None:
            look.before_step([(self.anatomy.name(p), p) for p in held(optimizer)])

    @guarded
    def after_step(self, optimizer: torch.optim.Optimizer) -> None:
        self._depth = max(0, self._depth - 1)
        if self._depth:
            return
        if not self._is_mine(optimizer):
            self._begin()
            return
        now, previous, look = self._now, self._previous, self._look()
        if look is not None:
            look.after_step()
        joint = previous.training if previous is not None and now.backwards == 0 else None
        training = self.ledger.trainings.find(optimizer, joint)
        if training is None:
            self._begin()
        elif now.backwards:
            self._batch, self._previous = None, now
            if ranks.is_due(training.step + 1) and ranks.is_replicated(self.anatomy.live_roots()):
                now.values["rank/divergence"] = ranks.measure_divergence(held(optimizer))
            was_lost = self.ledger.close(now, training, self._validation)
            self._on_step(was_lost)
            self._begin()
        elif look is not None and previous is not None:
            self.ledger.join(look, training)

    # ---- iterations

    def _begin(self) -> None:
        """A new iteration; sampled if it is due."""
        if self._now.look is not None:
            self._now.look.close()
        self._now = Iteration(began=time.perf_counter())
        if self._burst == 0 and self._pace.is_due(self.ledger.index):
            self._burst = self.ledger.trainings.burst
        if self._burst > 0:
            self._burst -= 1
            self._now.look = Look(self.anatomy, self._targets, self.ledger.is_fresh)
            # Hooks inside a compiled model would not fire, or make torch compile it anew.
            if not self.is_compiled:
                self._now.look.open()

    def _look(self) -> Look | None:
        """The look at the step being taken; a joint optimiser steps after its iteration has closed."""
        return self._now.look if self._now.backwards or self._previous is None else None

    def _is_mine(self, optimizer: torch.optim.Optimizer) -> bool:
        return not self.anatomy.given or self.anatomy.owns(held(optimizer))

    def _learn(self, parameters: list[torch.Tensor]) -> bool:
        """Find the models behind parameters, and listen to their calls."""
        has_learnt = self.anatomy.learn(parameters)
        for root in self.anatomy.live_roots():
            self.is_compiled |= hasattr(root, "_orig_mod")
            seams.hear_calls(root)
        return has_learnt

    def _search(self, loss: torch.Tensor, now: Iteration) -> None:
        """The loss is lost: find out where it went wrong, once."""
        calls = now.look.calls if now.look is not None else []
        targets = [call.target for call in calls if call.target is not None]
        with torch.no_grad():
            found = origin.find_origin(loss, self.anatomy, self._batch, targets, not now.had_saved_hooks)
        self.ledger.lost = found

    # ---- the end

    def finish(self) -> None:
        """The watch ends: write what waits."""
        self.is_off = True
        if self._now.look is not None:
            self._now.look.close()
        self._validation.flush(is_end=True)
        self.ledger.finish(self._now)
