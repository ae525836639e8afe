"""The loss on its way into backward."""

from collections.abc import Callable
from typing import Any

import torch

from netsitter.treat.act import Act
from netsitter.treat.calls import PASS, Call
from netsitter.treat.patient import Patient
from netsitter.treat.places import here


def scale_loss(patient: Patient, act: Act, factor: Callable[[torch.Tensor], float | None]) -> None:
    """Start every backward of a single number from it times ``factor(loss)``, once that is known."""

    def scaled(call: Call) -> Any:
        loss = call.given(0, "self")
        if isinstance(loss, torch.Tensor) and loss.numel() == 1 and loss.requires_grad:
            share = factor(loss)
            if share is None:
                return PASS
            with torch.enable_grad():
                call.give(0, "self", loss * share)
            act.took(place=here("backward") if not act.places else None)
        return PASS

    patient.on_call(["backward"], act, scaled)


def value(loss: Any) -> float:
    """The number of what backward starts from; NaN where it is not one number."""
    is_number = isinstance(loss, torch.Tensor) and loss.numel() == 1
    return float(loss.detach()) if is_number else float("nan")
