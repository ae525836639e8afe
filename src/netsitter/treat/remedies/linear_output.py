"""Take away the activation after the last layer that cannot reach the targets.

## What it does
The activation between the last layer and the loss is answered by what it was given. Where the loss wants
probabilities, or one unit passed through a softmax, a sigmoid takes its place.

## When it helps
ReLU, sigmoid or tanh at the end, and targets outside of its range.

## When it hurts
Where the bound was meant: a positive rate, a pixel between 0 and 1.

## How it is undone
The calls reach the old functions again.

## References
Bishop, Pattern recognition and machine learning, 2006, section 5.2: the output activation that goes with
the targets and the loss.
"""

import torch

from netsitter.treat.act import Act
from netsitter.treat.calls import Call
from netsitter.treat.examine import Bend, Exam
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._sites import Answer, given, swap


def apply(patient: Patient, act: Act, remove: str | None = None) -> None:
    def wanted(bend: Bend, exam: Exam) -> Answer | None:
        if not bend.is_head or (remove is not None and bend.kind != remove):
            return None
        return _probability if _wants_probability(bend, exam) else given

    swap(patient, act, wanted, "No activation stands between the last layer and the loss.")


def _probability(call: Call) -> torch.Tensor:
    return torch.sigmoid(given(call))


def _wants_probability(bend: Bend, exam: Exam) -> bool:
    shape = bend.given.shape
    is_single = bend.kind == "softmax" and bool(shape) and shape[-1] == 1
    return (
        is_single
        or any(call.name == "binary_cross_entropy" for call, _ in exam.losses)
        or (not exam.losses and bend.kind == "relu" and {"log", "rsub"} <= set(exam.objective.ops))
    )
