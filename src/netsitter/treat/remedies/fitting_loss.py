"""Use the loss that fits the target's kind.

## What it does
``cross_entropy``: a squared or absolute error against one-hot or 0/1 targets becomes the cross-entropy of
the same prediction, read as probabilities where it is between 0 and 1 and as scores where not.
``mse_loss``: cross-entropy on real numbers becomes the squared error.

## When it helps
Squared error on classes has tiny gradients where the network is surely wrong.

## When it hurts
The Brier score is a proper loss too: with noisy labels it may be the steadier one.

## How it is undone
Nothing stays once it is taken out.

## References
Golik, Doetsch and Ney, Cross-entropy vs. squared error training, 2013.
"""

from typing import Any

import torch
from torch.nn import functional

from netsitter.observe.losses import CLASSIFIERS, REGRESSIONS
from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.calls import PASS, Call
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._losses import is_pair, on_losses, took_loss

TINY = 1e-6
"""Probabilities are kept this far from 0 and 1."""
STEEP = 4.0
"""Slope of the scores that a 0/1 prediction around one half stands for."""


def apply(patient: Patient, act: Act, loss: str = "cross_entropy") -> None:
    def fit(call: Call, prediction: torch.Tensor, target: torch.Tensor) -> Any:
        if not is_pair(prediction, target) or prediction.shape != target.shape or prediction.dim() == 0:
            return PASS
        if loss == "mse_loss" and call.name in CLASSIFIERS and target.is_floating_point():
            took_loss(act, call)
            return functional.mse_loss(prediction, target)
        if loss == "cross_entropy" and call.name in REGRESSIONS and _are_labels(target):
            took_loss(act, call)
            return _likelihood(prediction, target)
        return PASS

    on_losses(patient, act, fit)
    raise CannotApplyError("No loss of torch's is called with targets of the other kind.")


def _are_labels(target: torch.Tensor) -> bool:
    return bool(((target == 0) | (target == 1)).all())


def _likelihood(prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    is_one_hot = target.dim() == 2 and target.shape[1] > 1 and bool((target.sum(1) == 1).all())
    is_probability = bool(((prediction >= 0) & (prediction <= 1)).all())
    if is_one_hot and is_probability:
        return -(prediction.clamp(min=TINY).log() * target).sum(1).mean()
    if is_one_hot:
        return functional.cross_entropy(prediction, target.argmax(1))
    if is_probability:
        return functional.binary_cross_entropy(prediction.clamp(TINY, 1 - TINY), target)
    return functional.binary_cross_entropy_with_logits(STEEP * (prediction - 0.5), target)
