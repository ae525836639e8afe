"""Let the learning rate fall to zero along half a cosine.

## What it does
Over ``steps`` steps the rate falls from the program's to none; after them it stays at a hundredth.

## When it helps
The loss falls fast and then jumps about at one height: steps are too large to settle.

## When it hurts
A number of steps that is too small ends the training early.

## How it is undone
The values are in force only while a step is taken; nothing else remembers them.

## References
Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts, 2017, equation 5.
"""

from collections import Counter
from typing import Any

import torch

from netsitter.nets.schedules import cosine
from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._groups import Group, during_steps

FLOOR = 0.01


def apply(patient: Patient, act: Act, steps: int = 0) -> None:
    if steps <= 0:
        raise CannotApplyError("How many steps the training has is not known: give `steps`.")
    taken: Counter[int] = Counter()

    def count(optimizer: torch.optim.Optimizer) -> None:
        taken.update(id(group) for group in optimizer.param_groups)

    def fallen(group: Group) -> Group:
        return {"lr": group["lr"] * max(FLOOR, cosine(min(1.0, taken[id(group)] / steps)))}

    during_steps(patient, act, fallen)
    patient.at("after_step", act, count)


def amend(candidate: Any) -> dict[str, Any]:
    return {"fit.schedule": "cosine"}
