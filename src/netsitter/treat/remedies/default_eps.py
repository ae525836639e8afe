"""Give an adaptive optimiser its usual epsilon.

## What it does
Adam and its kin step with ``eps``, whatever the program chose.

## When it helps
An epsilon far above the gradients turns Adam into plain, very slow gradient descent; one near zero lets
steps explode where gradients vanish.

## When it hurts
Some published trainings (Inception, MobileNet) chose a large epsilon on purpose, with a rate to match.

## How it is undone
The values are in force only while a step is taken; nothing else remembers them.

## References
Kingma and Ba, Adam, 2015: 1e-8. Choi et al., On empirical comparisons of optimizers for deep learning,
2019, appendix D: epsilon and the rate must be tuned together.
"""

from netsitter.treat.act import Act
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._groups import during_steps


def apply(patient: Patient, act: Act, eps: float = 1e-8) -> None:
    during_steps(patient, act, lambda _: {"eps": eps})
