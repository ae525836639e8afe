"""Evaluate in evaluation mode.

## What it does
Where gradients are off and the model is in training mode, it is put into evaluation mode for that call,
and back after it.

## When it helps
Validation runs with dropout on, or with batch norm over the rows of each validation batch.

## When it hurts
Dropout that is meant at prediction, to sample from the network.

## How it is undone
The hooks are removed; modes are those of the program.

## References
PyTorch documentation, nn.Module.train and nn.Module.eval: dropout and batch norm act differently in training.
"""

from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._modes import hold_mode


def apply(patient: Patient, act: Act) -> None:
    hold_mode(patient, act, is_training=False)
    if not act.is_applied:
        raise CannotApplyError("No model that trains holds dropout or batch norm.")
