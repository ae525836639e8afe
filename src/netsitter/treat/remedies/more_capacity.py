"""Widen the hidden layers.

## What it does
Before the first step every hidden linear layer of torch.nn whose output only reaches other linear layers of
torch.nn gets ``width_factor`` times as many units; its weights, and those of the layers that take its
output, are drawn anew, uniform with the variance of He et al. over three, as torch does.

## When it helps
Training and validation are both poor, and alike: the network is too small for the task.

## When it hurts
A network that overfits already.

## How it is undone
The old weights and widths are put back.

## References
Chen, Goodfellow and Shlens, Net2Net, 2016, on widening; Goodfellow, Bengio and Courville, Deep learning,
2016, section 5.2, on capacity.
"""

from typing import Any

from netsitter.treat.act import Act
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._width import resize, widened


def apply(patient: Patient, act: Act, width_factor: float = 2.0) -> None:
    patient.when_examined(act, lambda exam: resize(act, patient.optimizers(), exam, width_factor))


def amend(candidate: Any, width_factor: float = 2.0) -> dict[str, Any]:
    return widened(candidate, width_factor)
