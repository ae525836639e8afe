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
from torch.optim import Optimizer

from netsitter.observe import ranks, seams
from netsitter.observe.anatomy import Anatomy
from netsitter.observe.book import LONGEST_WAIT
from netsitter.observe.failure import Failure
from netsitter.observe.guard import Guarded
from netsitter.observe.iteration import Iteration
from netsitter.observe.ledger import Ledger
from netsitter.observe.listener import Call
from netsitter.observe.look import Look, first_tensor
from netsitter.observe.losses import Targets, call_of
from netsitter.observe.pace import Pace
from netsitter.observe.rota import Rota
from netsitter.observe.stride import Stride
from netsitter.observe.training import Training, held
from netsitter.observe.validation import Validation
from netsitter.observe.wiring import Slate, Wiring, acts_randomly, steps_under_way
from netsitter.run import Run

Args = tuple[Any, ...]
Kwargs = dict[str, Any]


class Observer(Guarded):
    """The listener behind a watch. ``on_step`` is asked to judge, and says when to ask it again."""

    def __init__(
        self,
        *,
        model: nn.Module | None,
        loss: nn.Module | None,
        pace: Pace,
        make_run: Callable[[int], Run],
        on_step: Callable[[bool], float],
    ) -> None:
        super().__init__()
        self.anatomy = Anatomy(model)
        self._loss = loss
        self.wiring = Wiring()
        self.ledger = Ledger(anatomy=self.anatomy, wiring=self.wiring, pace=pace, make_run=make_run)
        self._pace = pace
        targets = Targets()
        self._rota = Rota(self.anatomy, targets, self.ledger, pace)
        self._validation = Validation(targets, self.ledger.note_pass)
        self._on_step = on_step
        self.failure = Failure(self.ledger)
        self._slate: Slate | None = None
        """That of the optimiser whose step is being taken, if it is one of mine."""
        self._depth = 0  # optimiser steps under way, one inside the other
        self.familiar = self.wiring.modes
        self.latest: Call | None = None
        """The call of a model that is trained on next."""
        self._stride = Stride(self.wiring, self._validation)
        self._wake_at, self._has_trained = -math.inf, False
        self._previous: Training | None = None
        """Stepped last: optimisers that step without a backward of their own join it."""
        self.is_looking, self.on_zero_grad = False, self.wiring.cleared_by
        self.on_dropout = self._validation.dropped
        self.on_loss_error, self.on_forward_error = self.failure.in_loss, self.failure.note
        self._now = Iteration(began=time.perf_counter())
        self._begin()

    def give_up(self) -> None:
        """Stop listening, in the middle of a step or not."""
        seams.leave(self)
        if self._now.look is not None:
            self._now.look.close()

    def on_optimizer(self, optimizer: Optimizer) -> None:
        self._unsettle()
        started = time.perf_counter()
        self._learn(held(optimizer))
        self._pace.charge(time.perf_counter() - started)
        if self._slate_of(optimizer) is None:
            return
        for training in self.ledger.trainings.all:
            # What was trained before, and is kept now, is kept on purpose.
            self.anatomy.note_pretrained(p for known in training.live_optimizers() for p in held(known))
        if not any(training.covers(optimizer) for training in self.ledger.trainings.all):
            self.ledger.is_fresh = self._now.has_more = True
            self._pace.restart(self.ledger.index)
            self._rota.extend(2)
            if self._now.look is None and self._now.backwards == 0:
                self._begin()

    def on_load(self, model: nn.Module) -> None:
        self.anatomy.note_pretrained(model.parameters())

    def on_compile(self) -> None:
        self._rota.is_compiled = True
        self._begin()

    # ---- forward

    def on_forward(self, model: nn.Module, args: Args, kwargs: Kwargs, output: Any, started: float) -> None:
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
            self.latest = (model, args, kwargs)
            self._now.called(self.latest, is_eval=has_modes and not model.training)
            if self.is_looking:
                self._now.heard(started, first_tensor(args or kwargs), result)

    def on_loss(self, name: str, args: Args, kwargs: Kwargs, result: Any) -> None:
        if not getattr(result, "requires_grad", True):
            call = call_of(name, args, kwargs, result) if self._has_trained else None
            if call is not None:
                with torch.no_grad():
                    self._validation.loss(call)
        elif (look := self._now.look) is not None and self._now.backwards == 0:
            call = call_of(name, args, kwargs, result)
            look.calls += [call] if call is not None else []

    # ---- backward

    def before_backward(self, tensors: Any) -> None:
        self._unsettle()
        now = self._now
        is_alike = self._has_trained and now.look is None and now.backwards == 0 and self._depth == 0
        if is_alike and self._stride.read(now, tensors):
            return
        loss, self._has_trained = first_tensor(tensors), True
        self._stride.is_barred |= self._depth > 0
        self._stride.on_device = loss is not None and not loss.is_cpu
        if now.in_eval is not self.latest:
            now.in_eval = None
        if loss is not None and loss.numel() == 1:
            now = self._note_loss(loss)
            if now.look is not None:
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
            self._wake(is_lost)
            now = self._now
        self.wiring.before_backward(self.is_looking)
        value = now.take(loss)
        if type(value) is float and not math.isfinite(value) and self.ledger.lost is None:
            self.ledger.search(loss, now, self.latest)
        return now

    def _read(self, look: Look, loss: torch.Tensor, now: Iteration) -> None:
        if now.backwards:  # the loss of another network, or of another part of the batch
            look.reach(loss)
        else:
            self._learn(look.read(loss, float(now.scale), has_saved_hooks=now.had_saved_hooks).leaves)

    def after_backward(self, tensors: Any) -> None:
        if (look := self._now.look) is not None:
            look.close()
            look.gradients(list(self.anatomy.parameters()), float(self._now.scale))

    def on_scale(self, scaler: Any) -> None:
        self._now.scaled_by(scaler)

    def on_saved_hooks(self) -> None:
        self._now.saves_otherwise()

    def on_clip(self, kind: str, limit: Any, norm: Any) -> None:
        self._now.clipped(kind, limit, norm)

    # ---- step

    def before_step(self, optimizer: Optimizer) -> None:
        self._depth += 1
        if self._depth > 1:  # one optimiser inside another; or the program has caught what a step raised
            self._depth = steps_under_way()
            if self._depth > 1:
                self._stride.is_barred = True
                return
        if (slate := self._slate) is None or slate.optimizer() is not optimizer:
            slate = self._slate = self.wiring.slate(optimizer) or self._slate_of(optimizer)
        if slate is None:
            return
        now, wiring = self._now, self.wiring
        if now.look is None and not wiring.stale and not wiring.cleared and slate.probe is not None:
            wiring.stale.add(slate.key)
            return
        wiring.before_step(slate, optimizer, now)
        if now.look is not None and (look := self._look()) is not None:
            look.before_step([(self.anatomy.name(p), p) for p in held(optimizer)])

    def after_step(self, optimizer: Optimizer) -> None:
        if self.stride is not None:
            self._unsettle()
            self.before_step(optimizer)
        if self._depth > 1:
            self._depth -= 1
            return
        self._depth, slate, now = 0, self._slate, self._now
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
            self._close(now, slate, training, optimizer)

    def _close(self, now: Iteration, slate: Slate, training: Training, optimizer: Optimizer) -> None:
        """The iteration is over."""
        was_last = self._previous is training
        self.latest, self._previous = None, training
        if training.book.step + 1 >= training.compare_at:
            training.compare_at = ranks.next_due(training.book.step + 1)
            now.add(ranks.compare(training.book.step + 1, held(optimizer)))
        was_plain, rates = now.is_plain, training.latest_rates
        is_lost = self.ledger.close(now, training, self._validation)
        if now.has_more or self.ledger.index >= self._pace.due_at:
            self._begin()
        else:  # the same, written out
            now.backwards = 0
            now.losses.clear()
            if was_last and was_plain and not is_lost and training.latest_rates is rates:
                most = (
                    min(self._pace.due_at - self.ledger.index, training.compare_at - training.book.step) - 1
                )
                self.stride = self._stride if self._stride.begin(slate, training, now, most) else None
        if is_lost or time.perf_counter() >= self._wake_at:
            self._wake(is_lost)  # last, for it may end the program: by what it is told of a finding

    def _unsettle(self) -> None:
        """Something else has come."""
        self.stride = None
        self._stride.end()

    def _slate_of(self, optimizer: Optimizer) -> Slate | None:
        """A new one; None for an optimiser of a model that is not watched."""
        if self.anatomy.given and not self.anatomy.owns(held(optimizer)):
            return None
        return self.wiring.know(optimizer)

    # ---- iterations

    def _wake(self, is_lost: bool) -> None:
        """Now and then: write what waits, and judge."""
        for training in self.ledger.trainings.all:
            training.book.flush()
        self._wake_at = min(self._on_step(is_lost), time.perf_counter() + LONGEST_WAIT)

    def _begin(self) -> None:
        """A new iteration; sampled if it is due."""
        self._unsettle()
        self._now = self._rota.begin(self._now)
        self.is_looking = self._now.look is not None

    def _look(self) -> Look | None:
        """The look at the step being taken; a joint optimiser steps after its iteration has closed."""
        return self._now.look if self._now.backwards or self._previous is None else None

    def _learn(self, parameters: list[torch.Tensor]) -> None:
        """Find the models behind parameters, and listen to their calls."""
        self.anatomy.learn(parameters)
        for root in self.anatomy.live_roots():
            self._rota.is_compiled |= hasattr(root, "_orig_mod")
            seams.hear_calls(root)

    def finish(self) -> None:
        """The watch ends: write what waits."""
        self.give_up()
        self._validation.flush(is_end=True)
        if self.failure.is_last():
            self.ledger.note_error(self.failure.facts)
        self.ledger.finish(self._now, self._validation.sample())
