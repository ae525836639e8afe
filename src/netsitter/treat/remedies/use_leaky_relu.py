"""Replace the ReLUs by an activation whose gradient is never zero for long.

## What it does
From the first step on, every ReLU between two layers is answered by ``activation``. Biases of the layers
before it that leave it shut are set to 0.

## When it helps
Units are zero for every row and have stopped learning.

## When it hurts
Little; a network that needs its zeros, for speed or for sparse codes.

## How it is undone
The calls reach the old functions again, and the old biases are copied back.

## References
Maas, Hannun and Ng, Rectifier nonlinearities improve neural network acoustic models, 2013.
"""

from typing import Any

import torch

from netsitter.treat.act import Act
from netsitter.treat.calls import Call
from netsitter.treat.examine import Bend, Exam
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._sites import Answer, function_of, given, swap

SHUT = -1.0
"""A mean bias below this keeps units shut on inputs of unit variance."""


def apply(patient: Patient, act: Act, activation: str = "leaky_relu") -> None:
    better = function_of(activation)

    def answer(call: Call) -> object:
        return better(given(call))

    def wanted(bend: Bend, exam: Exam) -> Answer | None:
        return answer if bend.kind == "relu" and not bend.is_head else None

    swap(patient, act, wanted, "It has no ReLU between two layers.")
    patient.when_examined(act, lambda exam: _open(act, exam))


@torch.no_grad()
def _open(act: Act, exam: Exam) -> None:
    for layer in exam.layers:
        bias = getattr(layer.module, "bias", None)
        if isinstance(bias, torch.Tensor) and float(bias.mean()) < SHUT:
            before = bias.detach().clone()
            act.when_undone(lambda bias=bias, before=before: _copy(bias, before))
            bias.zero_()
            act.took(f"{layer.name}.bias")
            exam.cancel()


@torch.no_grad()
def _copy(bias: torch.Tensor, before: torch.Tensor) -> None:
    bias.copy_(before)


def amend(candidate: Any, activation: str = "leaky_relu") -> dict[str, Any]:
    return {"net.activation": activation.replace("_", "-")}
