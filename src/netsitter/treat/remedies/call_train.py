"""Train in training mode.

## What it does
Where gradients are on and the model is in evaluation mode, it is put into training mode for that call,
and back after it.

## When it helps
eval() was called for a validation and train() never again: dropout is off, batch norm is frozen.

## When it hurts
A frozen batch norm that is meant, as in fine-tuning; evaluation without no_grad.

## How it is undone
The hooks are removed; modes are those of the program.

## References
PyTorch documentation, nn.Module.train and nn.Module.eval: dropout and batch norm act differently in training.
"""

from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._modes import hold_mode


def apply(patient: Patient, act: Act) -> None:
    hold_mode(patient, act, is_training=True)
    if not act.is_applied:
        raise CannotApplyError("No model that trains holds dropout or batch norm.")
