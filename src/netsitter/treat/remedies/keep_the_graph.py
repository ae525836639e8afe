"""Let gradients pass where the program cuts them off.

## What it does
In a training forward pass, ``detach()`` and ``.data`` of a tensor with more than one element give the
tensor itself.

## When it helps
A layer's output is detached by accident: everything before it stays as it was drawn.

## When it hurts
Truncated backpropagation through time, target networks, anything that detaches on purpose.

## How it is undone
Nothing stays once it is taken out.

## References
PyTorch documentation, torch.Tensor.detach.
"""

from typing import Any

import torch

from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.calls import PASS, Call
from netsitter.treat.patient import Patient
from netsitter.treat.places import here


def apply(patient: Patient, act: Act) -> None:
    def keep(call: Call) -> Any:
        tensor = call.given(0, "self")
        if not isinstance(tensor, torch.Tensor) or tensor.numel() < 2 or not torch.is_grad_enabled():
            return PASS
        if tensor.grad_fn is None:
            return PASS
        act.took(place=here(call.name) if len(act.places) < 8 else None)
        return tensor

    patient.on_call(["detach", "data"], act, keep)
    raise CannotApplyError("Nothing is detached on the way to the loss.")
