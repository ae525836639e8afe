"""Minimise what the program maximises.

## What it does
Backward starts from the loss times ``sign``.

## When it helps
A likelihood or a score is given to backward as if it were a loss: the program climbs where it should
descend.

## When it hurts
Ascent that is meant: the inner step of an adversarial training, a reward.

## How it is undone
Nothing stays once it is taken out.

## References
PyTorch documentation, torch.optim: optimisers minimise unless ``maximize=True``.
"""

from netsitter.treat.act import Act
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._backward import scale_loss


def apply(patient: Patient, act: Act, sign: float = -1.0) -> None:
    scale_loss(patient, act, lambda _: sign)
