"""Give the optimiser some weight decay.

## What it does
Every optimiser steps with at least ``weight_decay``.

## When it helps
The network overfits, or its weights grow without bound.

## When it hurts
Where the training loss is still far from what it could be, and on embeddings that are rarely seen.

## How it is undone
The values are in force only while a step is taken; nothing else remembers them.

## References
Krogh and Hertz, A simple weight decay can improve generalization, 1991. Loshchilov and Hutter, Decoupled
weight decay regularization, 2019.
"""

from typing import Any

from netsitter.treat.act import Act
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._groups import during_steps


def apply(patient: Patient, act: Act, weight_decay: float = 1e-4) -> None:
    during_steps(
        patient, act, lambda group: {"weight_decay": max(group.get("weight_decay") or 0.0, weight_decay)}
    )


def amend(candidate: Any, weight_decay: float = 1e-4) -> dict[str, Any]:
    return {"fit.weight_decay": max(weight_decay, candidate.fit.weight_decay)}
