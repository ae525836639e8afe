"""Divide the weight decay by a factor.

## What it does
Every optimiser steps with ``weight_decay_factor`` times its weight decay. A penalty that the program writes
into its loss, squares or absolute values or norms of its parameters, is multiplied by the same factor.

## When it helps
Decay outweighs the data's gradient: weights shrink, and neither training nor validation gets anywhere.

## When it hurts
Little: a network that overfits without it needs another curb.

## How it is undone
The values are in force only while a step is taken; nothing else remembers them.

## References
Krogh and Hertz, A simple weight decay can improve generalization, 1991. Loshchilov and Hutter, Decoupled
weight decay regularization, 2019: with Adam, L2 in the loss is not weight decay.
"""

from typing import Any

import torch

from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.calls import PASS, Call
from netsitter.treat.patient import Patient
from netsitter.treat.places import here
from netsitter.treat.remedies._groups import Group, during_steps

PENALTIES = ("pow", "square", "norm", "vector_norm", "linalg_norm", "linalg_vector_norm", "abs")


def apply(patient: Patient, act: Act, weight_decay_factor: float = 0.01) -> None:
    def less(group: Group) -> Group:
        if not group.get("weight_decay"):
            raise CannotApplyError(
                "The optimiser has no weight decay; a penalty in the loss is the program's."
            )
        return {"weight_decay": group["weight_decay"] * weight_decay_factor}

    def lighten(call: Call) -> Any:
        weight = call.given(0, "input")
        if not isinstance(weight, torch.nn.Parameter) or not torch.is_grad_enabled():
            return PASS
        act.took("penalty", place=None if act.places else here(call.name))
        return call.proceed() * weight_decay_factor

    patient.on_call(PENALTIES, act, lighten)
    during_steps(patient, act, less)


def amend(candidate: Any, weight_decay_factor: float = 0.01) -> dict[str, Any]:
    return {"fit.weight_decay": weight_decay_factor * candidate.fit.weight_decay}
