"""Find the learning rate by a range test, then start from it.

## What it does
Over the first ``steps`` steps the rate rises from ``low`` to ``high``, each a constant factor above the
last, while the loss is watched. Then weights and optimiser are put back to where they were, and training
goes on at a tenth of the rate at which the smoothed loss was lowest; schedules keep their shape.

## When it helps
The rate is far off and it is not known in which direction.

## When it hurts
Very short trainings, of which the test takes a part.

## How it is undone
The rate is the program's again; the steps since then stay.

## References
Smith, Cyclical learning rates for training neural networks, 2017, section 3.3. Gugger, How do you find a
good learning rate, 2018: a tenth of the rate of the lowest loss.
"""

import math
from typing import Any

import torch

from netsitter.treat.act import Act
from netsitter.treat.memory import Memory
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._backward import value
from netsitter.treat.remedies._groups import Group, during_steps

SMOOTH = 0.8
LOST = 4.0
"""The test ends when the loss has grown to this many times its best, counted from its first fall."""
SHARE = 0.1


def apply(patient: Patient, act: Act, steps: int = 50, low: float = 1e-5, high: float = 1.0) -> None:
    test = RangeTest(steps, low, high)
    memory: list[Memory] = []
    start: dict[int, float] = {}

    def begin(_: torch.optim.Optimizer) -> None:
        if not memory:
            memory.append(patient.remember())

    def rate(group: Group) -> Group:
        shape = float(group["lr"]) / (start.setdefault(id(group), float(group["lr"])) or 1.0)
        return {"lr": test.rate * (shape if test.is_over else 1.0)}

    def finish(_: torch.optim.Optimizer) -> None:
        if test.advance():
            memory[0].recall()
            act.settled["lr"] = test.rate

    patient.at("before_step", act, begin)
    patient.at("before_backward", act, test.note)
    during_steps(patient, act, rate)
    patient.at("after_step", act, finish)


class RangeTest:
    """Losses at rising rates, and the rate that they speak for."""

    def __init__(self, steps: int, low: float, high: float) -> None:
        self._rates = [low * (high / low) ** (index / max(steps - 1, 1)) for index in range(steps)]
        self._index = 0
        self._smoothed = math.nan
        self._best = math.inf
        self.rate = low
        self._best_rate = low
        self.is_over = False

    def note(self, loss: Any) -> None:
        if self.is_over:
            return
        latest = value(loss)
        first = math.isnan(self._smoothed)
        self._smoothed = latest if first else SMOOTH * self._smoothed + (1 - SMOOTH) * latest
        if self._smoothed < self._best:
            self._best, self._best_rate = self._smoothed, self.rate

    def advance(self) -> bool:
        """Go on to the next rate; True once, when the test is over and ``rate`` is the one found."""
        if self.is_over:
            return False
        self._index += 1
        is_lost = not math.isfinite(self._smoothed) or self._smoothed > LOST * abs(self._best) + 1e-12
        self.is_over = self._index >= len(self._rates) or (is_lost and self._index > len(self._rates) // 5)
        self.rate = SHARE * self._best_rate if self.is_over else self._rates[self._index]
        return self.is_over
