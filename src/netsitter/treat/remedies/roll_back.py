"""Go back to the best weights when the loss is lost, and step more carefully.

## What it does
The weights are kept whenever the mean loss of ``window`` steps is the best so far. When it becomes NaN, or
rises above the best by more than the whole gain, they are put back and the rate is multiplied by ``factor``.

## When it helps
A spike, a NaN or a divergence ruins a training that was going well.

## When it hurts
A loop that is pulled back again and again learns nothing: after ``limit`` times it is let go.

## How it is undone
The rate is the program's again; the weights stay where they are.

## References
Chowdhery et al., PaLM, 2022, section 5.1: restart from a checkpoint before the spike and skip its batches.
"""

import math
from typing import Any

import torch

from netsitter.treat.act import Act
from netsitter.treat.gradients import clear
from netsitter.treat.memory import Memory
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._backward import value
from netsitter.treat.remedies._groups import during_steps


def apply(patient: Patient, act: Act, factor: float = 0.5, window: int = 10, limit: int = 5) -> None:
    keeper = Keeper(patient, act, window)
    state = {"factor": 1.0, "times": 0}

    def judge(optimizer: torch.optim.Optimizer) -> None:
        if keeper.is_lost() and state["times"] < limit:
            clear(optimizer)
            keeper.recall()
            state["times"] += 1
            state["factor"] *= factor
            act.settled |= state
            act.took(type(optimizer).__name__)

    patient.at("before_backward", act, keeper.note)
    patient.at("before_step", act, judge)
    patient.at("after_step", act, lambda _: keeper.keep())
    during_steps(patient, act, lambda group: {"lr": group["lr"] * state["factor"]}, counts=False)


class Keeper:
    """Losses in windows, and the state of the best one."""

    def __init__(self, patient: Patient, act: Act, window: int) -> None:
        self._patient = patient
        self._window = window
        self._recent: list[float] = []
        self._first = math.nan
        self._best = math.inf
        self._memory: Memory | None = None
        act.when_undone(lambda: setattr(self, "_memory", None))

    def note(self, loss: Any) -> None:
        self._recent = [*self._recent[-self._window + 1 :], value(loss)]

    def is_lost(self) -> bool:
        if self._memory is None or not self._recent:
            return False
        gain = max(self._first - self._best, 0.0)
        mean = sum(self._recent) / len(self._recent)
        return not math.isfinite(self._recent[-1]) or (
            len(self._recent) == self._window and mean > self._first + gain
        )

    def keep(self) -> None:
        if len(self._recent) < self._window or not all(map(math.isfinite, self._recent)):
            return
        mean = sum(self._recent) / self._window
        self._first = mean if math.isnan(self._first) else self._first
        if mean < self._best:
            self._best, self._memory, self._recent = mean, self._patient.remember(), []

    def recall(self) -> None:
        assert self._memory is not None
        self._memory.recall()
        self._recent = []
