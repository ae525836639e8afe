"""Weigh the classes in the loss by how rare they are.

## What it does
In training, cross-entropy and NLL are called with a weight for each class, rows over classes over rows of
the class, from the labels seen so far; a binary loss with the ratio of negatives to positives.

## When it helps
A rare class is never predicted, because missing it costs too little.

## When it hurts
Probabilities are no longer calibrated, and accuracy falls where the classes overlap.

## How it is undone
Nothing stays once it is taken out.

## References
King and Zeng, Logistic regression in rare events data, 2001, section 4. scikit-learn documentation,
compute_class_weight: the balanced heuristic.
"""

from collections import Counter
from typing import Any

import torch

from netsitter.observe.losses import BINARY
from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.calls import PASS, Call
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._losses import is_pair, is_training, on_losses, took_loss

MOST = 1000.0
"""A rarer class is not weighed higher."""


def apply(patient: Patient, act: Act) -> None:
    seen: Counter[int] = Counter()

    def weigh(call: Call, prediction: torch.Tensor, target: torch.Tensor) -> Any:
        if not is_pair(prediction, target) or not is_training(prediction):
            return PASS
        if call.name in BINARY:
            return _weigh_binary(call, target, seen, act)
        is_indices = not target.is_floating_point() and prediction.dim() == 2
        if call.name in ("cross_entropy", "nll_loss") and is_indices and call.kwargs.get("weight") is None:
            seen.update(target.tolist())
            classes = prediction.shape[1]
            counts = torch.tensor([float(seen[label]) for label in range(classes)]) + 1
            weights = (counts.sum() / (classes * counts)).clamp(max=MOST)
            call.kwargs = {**call.kwargs, "weight": weights.to(prediction)}
            call.args = call.args[:2]
            took_loss(act, call)
        return PASS

    on_losses(patient, act, weigh)
    raise CannotApplyError("No classification loss of torch's is called with one label a row.")


def _weigh_binary(call: Call, target: torch.Tensor, seen: Counter[int], act: Act) -> Any:
    labels = target.detach().flatten().round().long().tolist()
    seen.update(labels)
    positives, negatives = seen[1] + 1.0, seen[0] + 1.0
    ratio = min(negatives / positives, MOST)
    if call.name == "binary_cross_entropy_with_logits":
        call.kwargs = {**call.kwargs, "pos_weight": torch.tensor(ratio).to(target)}
    else:
        call.kwargs = {**call.kwargs, "weight": 1 + (ratio - 1) * target}
    act.settled["positive"] = ratio
    took_loss(act, call)
    return PASS


def amend(candidate: Any) -> dict[str, Any]:
    return {"fit.class_weights": True}
