"""Average the loss over the rows of the batch.

## What it does
Backward starts from the loss times ``factor``, by default one over the rows of the first batch.

## When it helps
The loss is summed: steps grow with the batch, and the rate that suits a mean is far too high.

## When it hurts
Where the rate was chosen for the sum. With Adam the scale of the loss hardly matters.

## How it is undone
Nothing stays once it is taken out.

## References
Goyal et al., Accurate, large minibatch SGD, 2017, section 2: the rate belongs to the mean over the batch.
"""

import torch

from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.examine import Exam, rows_of
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._backward import scale_loss


def apply(patient: Patient, act: Act, factor: float | None = None) -> None:
    known = {"factor": factor}

    def operate(exam: Exam) -> None:
        rows = rows_of(exam)
        if known["factor"] is None and rows < 2:
            raise CannotApplyError("How many rows a batch has could not be seen.")
        if known["factor"] is None:
            known["factor"] = 1 / rows
            exam.cancel()
        act.settled["factor"] = known["factor"]

    def share(_: torch.Tensor) -> float | None:
        return known["factor"]

    patient.when_examined(act, operate)
    scale_loss(patient, act, share)
