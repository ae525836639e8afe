"""Clip the global norm of the gradients.

## What it does
Before every step the gradients are scaled down to the norm ``max_norm``; without one, to twice the
median of the norms so far.

## When it helps
Rare, huge gradients throw the weights far away: recurrent networks, spikes, a rate near the edge.

## When it hurts
A norm far below the usual one makes every step a small one.

## How it is undone
Nothing stays: only the gradients of the step are scaled.

## References
Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks, 2013, algorithm 1.
"""

from collections import deque
from statistics import median
from typing import Any

import torch

from netsitter.treat.act import Act
from netsitter.treat.gradients import norm, scale
from netsitter.treat.patient import Patient

WINDOW = 100
"""Norms remembered."""


def apply(patient: Patient, act: Act, max_norm: float | None = None) -> None:
    usual: deque[float] = deque(maxlen=WINDOW)

    def clip(optimizer: torch.optim.Optimizer) -> None:
        size = norm(optimizer)
        if size is None:
            return
        raw = float(size)
        limit = max_norm if max_norm is not None else 2 * median(usual) if usual else raw
        if raw > limit:
            scale(optimizer, limit / raw)
        if raw == raw and raw != float("inf"):
            usual.append(raw)
        act.took(type(optimizer).__name__)

    patient.at("before_step", act, clip)


def amend(candidate: Any, max_norm: float | None = None) -> dict[str, Any]:
    return {"fit.clip": 1.0 if max_norm is None else max_norm}
