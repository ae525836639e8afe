"""Draw the weights anew, scaled to the size of their layers.

## What it does
Before the first step every linear and convolutional layer is filled by the scheme ``init``: he, xavier,
lecun, orthogonal, lsuv, data-dependent, dropout-corrected and the others of `netsitter.nets`; biases
start at 0. A layer that comes out non-finite gets its old weights back.

## When it helps
Activations or gradients grow or shrink from layer to layer at the start.

## When it hurts
Weights that were loaded, or an initialisation that was chosen for this network.

## How it is undone
The old weights are copied back.

## References
Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010.
He et al., Delving deep into rectifiers, 2015. Mishkin and Matas, All you need is a good init, 2016.
Krähenbühl et al., Data-dependent initializations of convolutional neural networks, 2016.
"""

from typing import Any

from netsitter.treat.act import Act
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._init import fill, scheme_named


def apply(patient: Patient, act: Act, init: str = "he") -> None:
    patient.when_examined(act, lambda exam: fill(act, exam, init))


def amend(candidate: Any, init: str = "he") -> dict[str, Any]:
    return {"net.init": scheme_named(init)}
