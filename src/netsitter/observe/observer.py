"""Listens to torch for one watch: sorts what is heard into iterations, and looks closely at some.

An error of ours is noted under ``broken``, and the training goes on. On most steps nothing is looked at:
what such a step runs through here is kept short (benchmarks/overhead.py prints its price).
"""

import math
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from netsitter.observe import origin, ranks, seams
from netsitter.observe.anatomy import Anatomy
from netsitter.observe.failure import Failure
from netsitter.observe.guard import Guarded
from netsitter.observe.iteration import Iteration
from netsitter.observe.ledger import Ledger
from netsitter.observe.look import Look, first_tensor
from netsitter.observe.losses import Targets, call_of
from netsitter.observe.pace import Pace
from netsitter.observe.training import Training, held
from netsitter.observe.validation import Validation
from netsitter.observe.wiring import Slate, Wiring, acts_randomly, steps_under_way
from netsitter.run import Run

Arguments = tuple[Any, ...]


class Observer(Guarded):
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
        super().__init__()
        self.anatomy = Anatomy(model)
        self._loss = loss
        self.wiring = Wiring()
        self.ledger = Ledger(anatomy=self.anatomy, wiring=self.wiring, pace=pace, make_run=make_run)
        self._pace = pace
        self._targets = Targets()
        self._validation = Validation(self._targets, self.ledger.note_pass)
        self._on_step = on_step
        self.failure = Failure()
        self.is_compiled = False
        self._burst = 0
        self._slate: Slate | None = None
        """That of the optimiser whose step is being taken, if it is one of mine."""
        self._depth = 0
        """How many optimiser steps are being taken, one inside the other."""
        self._given: Any = None
        """What the model was last called with while training."""
        self._has_trained = False
        self._previous: Training | None = None
        """Stepped last: optimisers that step without a backward of their own join it."""
        self.is_looking = False
        self.on_zero_grad = self.wiring.cleared_by
        self._now = Iteration(began=time.perf_counter())
        self._begin()

    def give_up(self) -> None:
        """Stop listening, in the middle of a step or not."""
        seams.leave(self)
        if self._now.look is not None:
            self._now.look.close()

    def on_optimizer(self, optimizer: torch.optim.Optimizer) -> None:
        started = time.perf_counter()
        self._learn(held(optimizer))
        self._pace.charge(time.perf_counter() - started)
        if self._slate_of(optimizer) is None:
            return
        for training in self.ledger.trainings.all:
            # What was trained before, and is kept now, is kept on purpose.
            self.anatomy.note_pretrained(p for known in training.live_optimizers() for p in held(known))
        if not any(training.shares(optimizer) for training in self.ledger.trainings.all):
            self.ledger.is_fresh = True
            self._burst = max(self._burst, 2)
            if self._now.look is None and self._now.backwards == 0:
                self._begin()

    def on_load(self, model: nn.Module) -> None:
        self.anatomy.note_pretrained(model.parameters())

    def on_compile(self) -> None:
        self.is_compiled = True
        self._begin()

    # ---- forward

    def on_forward(
        self, model: nn.Module, args: Arguments, kwargs: dict[str, Any], output: Any, started: float
    ) -> None:
        if model is self._loss:
            self.on_loss("custom", args, kwargs, output)
            return
        has_modes = self.wiring.known_modes(model)
        if has_modes is None:
            if self.anatomy.module_name(model) is None:
                return
            has_modes = self.wiring.has_modes(model)
        result = output if isinstance(output, torch.Tensor) else first_tensor(output)
        if not torch.is_grad_enabled():
            acts = model.training and has_modes and acts_randomly(model)
            self._validation.forward(first_tensor(args or kwargs), result, acts)
        elif result is not None and result.requires_grad:
            now = self._now
            now.is_eval = has_modes and not model.training
            self.ledger.forwards += 1
            self._given = args or kwargs
            if self.is_looking:
                now.heard(started, first_tensor(self._given), result)

    def on_loss(self, name: str, args: Arguments, kwargs: dict[str, Any], result: Any) -> None:
        if not getattr(result, "requires_grad", True):
            call = call_of(name, args, kwargs, result) if self._has_trained else None
            if call is not None:
                with torch.no_grad():
                    self._validation.loss(call)
        elif self._now.look is not None and self._now.backwards == 0:
            call = call_of(name, args, kwargs, result)
            if call is not None:
                self._now.look.calls.append(call)

    def on_loss_error(self, name: str, args: Arguments, kwargs: dict[str, Any], error: Exception) -> None:
        self.failure.note(error, self.ledger.index, call_of(name, args, kwargs, None))

    def on_forward_error(self, error: Exception) -> None:
        self.failure.note(error, self.ledger.index)

    def on_dropout(self) -> None:
        self._validation.has_dropped = True

    # ---- backward

    def before_backward(self, tensors: Any) -> None:
        loss = tensors if isinstance(tensors, torch.Tensor) else first_tensor(tensors)
        self._has_trained = True
        now = self._now
        if loss is not None and loss.numel() == 1:
            now = self._note_loss(loss)
            if now.look is not None and now.backwards == 0:
                self._read(now.look, loss, now)
        now.backwards += 1

    def _note_loss(self, loss: torch.Tensor) -> Iteration:
        """Take down what is minimised; returns the iteration it belongs to."""
        now = self._now
        if now.backwards == 0:
            self._validation.flush()
        elif self.wiring.cleared and self._depth == 0 and now.scaler is None:
            is_lost = self.ledger.waste(now, self._validation)
            self._begin()
            self._on_step(is_lost)
            now = self._now
        self.wiring.before_backward(self.is_looking)
        value = now.take(loss)
        if type(value) is float and not math.isfinite(value) and self.ledger.lost is None:
            self._search(loss, now)
        return now

    def _read(self, look: Look, loss: torch.Tensor, now: Iteration) -> None:
        look.has_saved_hooks = now.had_saved_hooks
        reading = look.read(loss, float(now.scale))
        if self._learn(reading.leaves):
            look.reached = {self.anatomy.name(leaf) for leaf in reading.leaves}

    def after_backward(self, tensors: Any) -> None:
        now = self._now
        if now.look is not None:
            now.look.close()
            now.look.gradients(list(self.anatomy.parameters()), float(now.scale))

    def on_scale(self, scaler: Any) -> None:
        self._now.scaler = scaler if scaler.is_enabled() else None

    def on_saved_hooks(self) -> None:
        self._now.had_saved_hooks = True

    def on_clip(self, kind: str, limit: Any, norm: Any) -> None:
        would_wait = isinstance(norm, torch.Tensor) and norm.device.type != "cpu"
        if limit is not None and (self._now.look is not None or not would_wait):
            self._now.clip = (kind, float(limit), norm)

    # ---- step

    def before_step(self, optimizer: torch.optim.Optimizer) -> None:
        self._depth += 1
        if self._depth > 1:
            # One optimiser inside another; or the program has caught what a step raised.
            self._depth = steps_under_way()
            if self._depth > 1:
                return
        slate = self._slate = self.wiring.slate(optimizer) or self._slate_of(optimizer)
        if slate is None:
            return
        now = self._now
        look = now.look and self._look()
        if now.backwards:
            if (slate.has_stepped and not slate.is_clean) or look is not None:
                now.note("stale_grad", slate.has_stepped and not slate.is_clean)
            if self.wiring.cleared or look is not None:
                now.note("empty_step", self.wiring.is_empty(optimizer))
        if slate.probe is None or look is not None:
            self.wiring.renew_probe(slate, optimizer)
        slate.is_clean, slate.has_stepped = False, True
        if look is not None:
            look.before_step([(self.anatomy.name(p), p) for p in held(optimizer)])

    def after_step(self, optimizer: torch.optim.Optimizer) -> None:
        self._depth = max(0, self._depth - 1)
        if self._depth:
            return
        slate, now = self._slate, self._now
        if slate is None:
            self._begin()
            return
        if now.look is not None and (look := self._look()) is not None:
            look.after_step()
        training = slate.training
        if training is None:
            joint = self._previous if now.backwards == 0 else None
            training = slate.training = self.ledger.trainings.find(optimizer, joint)
        if training is None:
            self._begin()
        elif now.backwards:
            self._given, self._previous = None, training
            if ranks.is_due(training.step + 1):
                now.add(ranks.compare(training.step + 1, held(optimizer)))
            is_lost = self.ledger.close(now, training, self._validation)
            self._begin()
            # Last, for it may end the program: by what it is told of a finding.
            self._on_step(is_lost)

    def _slate_of(self, optimizer: torch.optim.Optimizer) -> Slate | None:
        """A new one; None for an optimiser of a model that is not watched."""
        if self.anatomy.given and not self.anatomy.owns(held(optimizer)):
            return None
        return self.wiring.know(optimizer)

    # ---- iterations

    def _begin(self) -> None:
        """A new iteration; sampled if it is due."""
        now = self._now
        if now.look is not None:
            now.look.close()
        if self._burst == 0 and self._pace.is_due(self.ledger.index):
            self._burst = self.ledger.trainings.burst
        if self._burst > 0:
            self._burst -= 1
            self._now = Iteration(began=time.perf_counter())
            looked = (self.anatomy, self._targets, self.ledger.is_fresh)
            self._now.look, self.is_looking = Look(*looked, is_compiled=self.is_compiled), True
        else:
            self.is_looking = False
            self._now = Iteration() if now.has_more else now.again()

    def _look(self) -> Look | None:
        """The look at the step being taken; a joint optimiser steps after its iteration has closed."""
        return self._now.look if self._now.backwards or self._previous is None else None

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
            batch, may_read = first_tensor(self._given), not now.had_saved_hooks
            self.ledger.lost = origin.find_origin(loss, self.anatomy, batch, targets, may_read)

    def finish(self) -> None:
        """The watch ends: write what waits."""
        self.give_up()
        self._validation.flush(is_end=True)
        if self.failure.is_last(self.ledger.index):
            self.ledger.note_error(self.failure.facts)
        self.ledger.finish(self._now, self._validation.sample())
