"""Give NLL the log-probabilities that it expects.

## What it does
``nll_loss`` is called with the log-softmax of the scores.

## When it helps
NLL on raw scores falls without bound: the scores grow and nothing is learnt about the classes.

## When it hurts
Where the network's output is log-probabilities already it changes nothing.

## How it is undone
Nothing stays once it is taken out.

## References
PyTorch documentation, nn.NLLLoss: the input is expected to contain log-probabilities of each class.
"""

from typing import Any

import torch

from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.calls import PASS, Call
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._losses import is_pair, on_losses, took_loss


def apply(patient: Patient, act: Act) -> None:
    def normalise(call: Call, prediction: torch.Tensor, target: torch.Tensor) -> Any:
        if call.name == "nll_loss" and is_pair(prediction, target) and prediction.dim() >= 2:
            call.give(0, "input", prediction.log_softmax(1))
            took_loss(act, call)
        return PASS

    on_losses(patient, act, normalise)
    raise CannotApplyError("nll_loss is not called.")
