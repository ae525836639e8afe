"""Steps that are like the one before: most of them. What each of these runs through is written out.

Between two steps the network's own work takes the processor's caches, so that whatever such a step touches
is fetched anew: a function called costs about a microsecond, a clock or a tensor read several.
"""

import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from netsitter.observe.book import BATCH
from netsitter.observe.iteration import Iteration
from netsitter.observe.training import Training
from netsitter.observe.validation import Validation
from netsitter.observe.wiring import Slate, Wiring

SOON = 0.2
"""Seconds after which the clock is read again, to see whether it is time to write and to judge."""


class Stride:
    """Takes down steps of one optimiser with one plain loss each, until something else happens.

    ``before_backward`` and ``after_step`` return False for what is not such a step; nothing has been noted
    of it then, and `end` says what was.
    """

    __slots__ = (
        "_key", "_left", "_length", "_losses", "_now", "_optimizer", "_rates",
        "_since", "_stale", "_validation", "_wiring", "cleared", "is_barred", "loss", "on_device",
    )  # fmt: skip

    def __init__(self, wiring: Wiring, validation: Validation) -> None:
        self._stale, self.cleared = wiring.stale, wiring.cleared
        self._wiring, self._validation = wiring, validation
        self.loss: float | Tensor | None = None
        """Of the backward pass of the step under way."""
        self.on_device = False
        """Whether reading the last loss would have made a device wait."""
        self.is_barred = False
        """Whether there is no stride in this training: a step was inside another, or called a closure."""
        self._left = 0
        """How many steps may still be taken down."""
        self._length = 1
        self._since = 0.0
        self._key = 0
        self._optimizer: Callable[[], torch.optim.Optimizer | None] = lambda: None

    def begin(self, slate: Slate, training: Training, now: Iteration, most: int) -> bool:
        """From here on, for at most so many steps; False where there can be none. Reads the clock."""
        if self.is_barred or slate.probe is None or len(training.optimizers) > 1:
            return False
        at = time.perf_counter()
        took, self._since = at - self._since, at
        self._length = min(2 * self._length, BATCH) if took < SOON else max(self._length // 2, 1)
        self._left = min(self._length, most, BATCH - len(training.book.losses))
        self._optimizer, self._key, self._now = slate.optimizer, slate.key, now
        self._losses, self._rates = training.book.losses, training.latest_rates
        return self._left > 0

    def before_backward(self, tensors: Any) -> bool:
        if (
            self.loss is not None
            or self._now.has_more
            or type(tensors) is not Tensor
            or self._validation.passes
        ):
            return False
        if stale := self._stale:
            stale -= self.cleared
            if stale:
                self._wiring.before_backward(False)
                if stale:
                    return False
        self.cleared.clear()
        if self.on_device:
            self.loss = tensors.detach() if tensors.numel() == 1 else None
            return self.loss is not None
        value: Any = tensors.tolist()  # what item() gives, for less
        if type(value) is not float or value - value != 0.0:
            return False
        self.loss = value
        return True

    def after_step(self, optimizer: torch.optim.Optimizer) -> bool:
        loss = self.loss
        if loss is None or self._left <= 0 or self._now.has_more or self._optimizer() is not optimizer:
            return False
        for group, rate in zip(optimizer.param_groups, self._rates, strict=False):
            if group["lr"] is not rate:
                return False
        if self.cleared or self._stale:
            return False
        self._stale.add(self._key)
        self._left -= 1
        self._losses.append(loss)
        self.loss = None
        return True

    def read(self, now: Iteration, tensors: Any) -> bool:
        """Take down the loss of an iteration outside a stride, if it is as plain."""
        self._now = now
        is_plain = self.before_backward(tensors)
        self.end()
        return is_plain

    def end(self) -> None:
        """What was heard of the step under way goes to the iteration; others go on with it."""
        if self.loss is not None:
            self._now.losses.append(self.loss)
            self._now.backwards += 1
            self.loss = None
