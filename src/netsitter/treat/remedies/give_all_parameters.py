"""Give the optimiser the parameters that it was not given.

## What it does
Trainable parameters that the first loss reaches and that no optimiser holds join the first group of the
one that steps.

## When it helps
Layers that the loss reaches are stepped by no optimiser and stay as they were drawn.

## When it hurts
Where parts are left out on purpose: a target network, a frozen encoder whose flags were not set.

## How it is undone
They leave the group again, and their state with them.

## References
PyTorch documentation, torch.optim: parameters must be given to the optimiser, in their final form, when it
is constructed.
"""

from netsitter.treat.act import Act
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._membership import add_missing


def apply(patient: Patient, act: Act) -> None:
    patient.when_examined(act, lambda exam: add_missing(patient, act, exam))
