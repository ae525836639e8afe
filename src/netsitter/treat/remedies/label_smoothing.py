"""Ask for a little less than certainty.

## What it does
In training, cross-entropy is called with ``label_smoothing``; targets of a binary loss move by half of it
towards each other.

## When it helps
The network grows ever surer of labels that are partly wrong, and its validation loss rises.

## When it hurts
Where the log loss of clean labels is what counts.

## How it is undone
Nothing stays once it is taken out.

## References
Szegedy et al., Rethinking the Inception architecture for computer vision, 2016, section 7. Müller, Kornblith
and Hinton, When does label smoothing help?, 2019.
"""

from typing import Any

import torch

from netsitter.observe.losses import BINARY
from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.calls import PASS, Call
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._losses import is_pair, is_training, on_losses, took_loss


def apply(patient: Patient, act: Act, smoothing: float = 0.1) -> None:
    def smooth(call: Call, prediction: torch.Tensor, target: torch.Tensor) -> Any:
        if not is_pair(prediction, target) or not is_training(prediction):
            return PASS
        if call.name == "cross_entropy" and not call.kwargs.get("label_smoothing"):
            call.kwargs = {**call.kwargs, "label_smoothing": smoothing}
            took_loss(act, call)
        elif call.name in BINARY:
            call.give(1, "target", target * (1 - smoothing) + smoothing / 2)
            took_loss(act, call)
        return PASS

    on_losses(patient, act, smooth)
    raise CannotApplyError("No classification loss of torch's is called.")


def amend(candidate: Any, smoothing: float = 0.1) -> dict[str, Any]:
    return {"fit.label_smoothing": max(smoothing, candidate.fit.label_smoothing)}
