"""Multiply the learning rate by a factor below 1.

## What it does
Every optimiser steps with ``factor`` times the rate that it has at that moment, so schedules and
warm-ups keep their shape.

## When it helps
The loss diverges, jumps about without gain, or units die in large steps.

## When it hurts
A training that was merely slow becomes slower still.

## How it is undone
The factor is in force only while a step is taken; nothing else remembers it.

## References
Bengio, Practical recommendations for gradient-based training of deep architectures, 2012, section 3.1:
the rate is the one hyperparameter to tune; the largest that does not diverge is near the best.
"""

from typing import Any

from netsitter.treat.act import Act
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._groups import during_steps


def apply(patient: Patient, act: Act, factor: float = 0.1) -> None:
    during_steps(patient, act, lambda group: {"lr": group["lr"] * factor})


def amend(candidate: Any, factor: float = 0.1) -> dict[str, Any]:
    return {"fit.lr": candidate.fit.lr * factor}
