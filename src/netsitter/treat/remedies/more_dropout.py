"""Drop hidden units at random while training.

## What it does
What each activation between two layers gives is dropped with probability ``dropout`` and scaled up, while
gradients are on and the model is in training mode. Chance is the remedy's own.

## When it helps
The network fits its training rows far better than others.

## When it hurts
Networks that do not fit their training rows either.

## How it is undone
The calls reach the old functions again.

## References
Srivastava et al., Dropout: a simple way to prevent neural networks from overfitting, 2014.
"""

from typing import Any

import torch

from netsitter.treat.act import Act
from netsitter.treat.calls import Call
from netsitter.treat.examine import Bend, Exam
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._sites import Answer, swap

SCORES = {"softmax", "log_softmax", "softmin"}


def apply(patient: Patient, act: Act, dropout: float = 0.3) -> None:
    def answer(call: Call) -> Any:
        result = call.proceed()
        trains = torch.is_grad_enabled() and any(root.training for root in patient.anatomy.live_roots())
        if not trains or not isinstance(result, torch.Tensor):
            return result
        kept = torch.rand(result.shape, generator=act.generator) >= dropout
        return result * kept.to(result) / (1 - dropout)

    def wanted(bend: Bend, exam: Exam) -> Answer | None:
        return None if bend.is_head or bend.kind in SCORES else answer

    swap(patient, act, wanted, "It has no activation between two layers.")


def amend(candidate: Any, dropout: float = 0.3) -> dict[str, Any]:
    return {"net.dropout": max(dropout, candidate.net.dropout)}
