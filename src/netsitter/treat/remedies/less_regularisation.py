"""Turn dropout and weight decay off.

## What it does
Dropout is called with probability ``dropout``, and every optimiser steps with ``weight_decay``.

## When it helps
Neither training nor validation gets as far as the network could: see first whether it can fit at all.

## When it hurts
A network that overfits without them.

## How it is undone
Both are those of the program again.

## References
Karpathy, A recipe for training neural networks, 2019: overfit first, regularise after.
"""

from typing import Any

from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.patient import Patient
from netsitter.treat.remedies import less_dropout
from netsitter.treat.remedies._groups import Group, during_steps


def apply(patient: Patient, act: Act, dropout: float = 0.0, weight_decay: float = 0.0) -> None:
    def less(group: Group) -> Group:
        if not (group.get("weight_decay") or 0.0) > weight_decay:
            raise CannotApplyError("It has neither dropout nor weight decay.")
        return {"weight_decay": weight_decay}

    during_steps(patient, act, less)
    less_dropout.apply(patient, act, dropout)


def amend(candidate: Any, dropout: float = 0.0, weight_decay: float = 0.0) -> dict[str, Any]:
    return {"net.dropout": dropout, "fit.weight_decay": weight_decay, "fit.label_smoothing": 0.0}
