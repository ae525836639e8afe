"""Take the softmax over the classes, not over the batch.

## What it does
The softmax or log-softmax between the last layer and the loss is called with ``softmax_dim``.

## When it helps
It was taken over the rows: an example's output then depends on the others in its batch.

## When it hurts
Attention over a set whose rows are its members.

## How it is undone
The calls reach the old dimension again.

## References
PyTorch documentation, nn.Softmax: every slice along dim will sum to 1.
"""

from typing import Any

from netsitter.treat.act import Act
from netsitter.treat.calls import Call
from netsitter.treat.examine import Bend, Exam
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._sites import Answer, swap


def apply(patient: Patient, act: Act, softmax_dim: int = 1) -> None:
    def answer(call: Call) -> Any:
        call.give(1, "dim", softmax_dim)
        return call.proceed()

    def wanted(bend: Bend, exam: Exam) -> Answer | None:
        is_softmax = bend.kind in ("softmax", "log_softmax") and bend.given.dim() == 2
        return answer if is_softmax and bend.is_head else None

    swap(patient, act, wanted, "No softmax stands between the last layer and the loss.")
