"""Compare each prediction with its own target, not with all of them.

## What it does
Where a prediction of shape (N, 1) meets a target of shape (N,), or the other way round, in a loss function
or in an arithmetic operation, the target takes the prediction's shape.

## When it helps
A silent broadcast makes N x N differences: every prediction is drawn to the targets' mean.

## When it hurts
Tables of all pairs that are meant: distances, attention scores.

## How it is undone
Nothing stays once it is taken out.

## References
NumPy documentation, Broadcasting. PyTorch warns of it in mse_loss, not in arithmetic.
"""

from typing import Any

import torch

from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.calls import PASS, Call
from netsitter.treat.patient import Patient
from netsitter.treat.places import here
from netsitter.treat.remedies._losses import is_pair, on_losses, took_loss

ARITHMETIC = ("sub", "rsub", "subtract", "mul", "add")


def apply(patient: Patient, act: Act) -> None:
    def align_loss(call: Call, prediction: torch.Tensor, target: torch.Tensor) -> Any:
        if is_pair(prediction, target) and are_crossed(prediction, target):
            call.give(1, "target", target.reshape(prediction.shape))
            took_loss(act, call)
        return PASS

    def align(call: Call) -> Any:
        if len(call.args) < 2 or not is_pair(call.args[0], call.args[1]):
            return PASS
        first, second = call.args[0], call.args[1]
        if not are_crossed(first, second) or first.requires_grad == second.requires_grad:
            return PASS
        act.took(place=here(call.name) if len(act.places) < 8 else None)
        learnt = first if first.requires_grad else second
        call.args = (first.reshape(learnt.shape), second.reshape(learnt.shape), *call.args[2:])
        return PASS

    on_losses(patient, act, align_loss)
    patient.on_call(ARITHMETIC, act, align)
    raise CannotApplyError("No prediction of shape (N, 1) meets a target of shape (N,).")


def are_crossed(first: torch.Tensor, second: torch.Tensor) -> bool:
    """(N, 1) against (N,)."""
    shapes = sorted((tuple(first.shape), tuple(second.shape)), key=len)
    return len(shapes[0]) == 1 and shapes[1] == (*shapes[0], 1) and shapes[0][0] > 1
