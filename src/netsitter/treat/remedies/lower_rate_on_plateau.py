"""Lower the learning rate whenever the loss stands still.

## What it does
When the mean loss of ``patience`` steps is no better than the best such mean by a hundredth of the gain
so far, the rate is multiplied by ``factor`` from then on.

## When it helps
The loss falls fast and then jumps about at one height.

## When it hurts
A network that is stuck for another reason only gets stuck more quietly.

## How it is undone
The values are in force only while a step is taken; nothing else remembers them.

## References
PyTorch documentation, ReduceLROnPlateau. Bengio, Practical recommendations for gradient-based training
of deep architectures, 2012, section 3.1.
"""

import math
from typing import Any

from netsitter.treat.act import Act
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._backward import value
from netsitter.treat.remedies._groups import during_steps

GAIN = 0.01
"""A mean is better if it is so by this share of the gain since the start."""
LOWEST = 1e-4


def apply(patient: Patient, act: Act, factor: float = 0.1, patience: int = 100) -> None:
    state: dict[str, float] = {"factor": 1.0, "first": math.nan, "best": math.inf}
    recent: list[float] = []

    def note(loss: Any) -> None:
        recent.append(value(loss))
        if len(recent) < patience:
            return
        mean = sum(recent) / len(recent)
        recent.clear()
        if math.isnan(state["first"]):
            state["first"] = mean
        if mean < state["best"] - GAIN * max(state["first"] - state["best"], 0.0):
            state["best"] = mean
        elif state["factor"] > LOWEST:
            state["factor"] *= factor
            act.settled["factor"] = state["factor"]

    patient.at("before_backward", act, note)
    during_steps(patient, act, lambda group: {"lr": group["lr"] * state["factor"]})


def amend(candidate: Any) -> dict[str, Any]:
    return {"fit.schedule": "cosine"}
