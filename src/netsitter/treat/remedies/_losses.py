"""Arguments of loss functions, changed on their way in."""

from collections.abc import Callable
from typing import Any

import torch

from netsitter.observe.seams import LOSSES
from netsitter.treat.act import Act
from netsitter.treat.calls import Call
from netsitter.treat.patient import Patient
from netsitter.treat.places import here

Pair = tuple[torch.Tensor, torch.Tensor]


def on_losses(patient: Patient, act: Act, change: Callable[[Call, torch.Tensor, torch.Tensor], Any]) -> None:
    """Let ``change(call, prediction, target)`` alter or answer every call of a loss function."""

    def changed(call: Call) -> Any:
        return change(call, call.given(0, "input"), call.given(1, "target"))

    patient.on_call(LOSSES, act, changed)


def took_loss(act: Act, call: Call) -> None:
    """The call is changed; where it stands is noted once."""
    act.took(call.name, place=None if act.places else here("loss", call.name))


def is_training(prediction: torch.Tensor) -> bool:
    """Whether the call is one to learn from."""
    return torch.is_grad_enabled() and prediction.requires_grad


def is_pair(prediction: Any, target: Any) -> bool:
    return isinstance(prediction, torch.Tensor) and isinstance(target, torch.Tensor)
