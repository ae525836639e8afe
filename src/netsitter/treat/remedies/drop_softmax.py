"""Take away the softmax or sigmoid that the loss applies by itself.

## What it does
The call of softmax or sigmoid between the last layer and the loss function is answered by what it was
given, in training and in evaluation alike.

## When it helps
Probabilities are fed to a loss that wants scores: it has a floor, and its gradients are tiny.

## When it hurts
Where the program reads the network's output as probabilities, it now finds scores.

## How it is undone
The calls reach the old functions again.

## References
PyTorch documentation, nn.CrossEntropyLoss: the input is expected to contain unnormalised logits.
"""

from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.examine import Bend, Exam
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._sites import Answer, given, swap

PROBABILITIES = {"softmax", "sigmoid", "log_softmax", "softmin"}
WANTED = {"binary_cross_entropy", "nll_loss", "kl_div"}
"""Losses that apply no softmax or sigmoid of their own."""


def apply(patient: Patient, act: Act) -> None:
    def wanted(bend: Bend, exam: Exam) -> Answer | None:
        if any(call.name in WANTED for call, _ in exam.losses):
            raise CannotApplyError("The loss is one that wants probabilities.")
        return given if bend.is_head and bend.kind in PROBABILITIES else None

    swap(patient, act, wanted, "No softmax or sigmoid stands between the last layer and the loss.")
