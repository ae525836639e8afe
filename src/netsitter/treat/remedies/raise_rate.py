"""Multiply the learning rate by a factor above 1.

## What it does
Every optimiser steps with ``factor`` times the rate that it has at that moment, so schedules and
warm-ups keep their shape.

## When it helps
The loss falls slowly, smoothly and in a nearly straight line; the updates are tiny beside the weights.

## When it hurts
Near the edge of stability the loss jumps or diverges.

## How it is undone
The factor is in force only while a step is taken; nothing else remembers it.

## References
Smith, Cyclical learning rates for training neural networks, 2017, section 3.3: a rate is too low as long
as the loss falls faster with a higher one.
"""

from typing import Any

from netsitter.treat.act import Act
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._groups import during_steps


def apply(patient: Patient, act: Act, factor: float = 10.0) -> None:
    during_steps(patient, act, lambda group: {"lr": group["lr"] * factor})


def amend(candidate: Any, factor: float = 10.0) -> dict[str, Any]:
    return {"fit.lr": candidate.fit.lr * factor}
