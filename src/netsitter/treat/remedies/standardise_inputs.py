"""Bring every input column to mean 0 and standard deviation 1.

## What it does
A hook before the model that takes the data subtracts the mean and divides by the standard deviation, of the
tensor that holds all rows where it is found in memory, else of the rows seen so far. Evaluation passes
through the same hook. Images are scaled by channel.

## When it helps
Columns of very different or far from unit scale: gradients of one column drown the others.

## When it hurts
Columns whose scale is meaning, such as counts in a bag of words, or one-hot codes that are rarely 1. Where
one tensor holds training and other rows, all of them are measured: write it with training rows alone.

## How it is undone
The hook is removed: the model finds its raw data again.

## References
LeCun, Bottou, Orr and Müller, Efficient BackProp, 1998, section 4.3: normalising the inputs.
"""

from netsitter.treat.act import Act
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._entry import stand_before


def apply(patient: Patient, act: Act) -> None:
    patient.when_examined(act, lambda exam: stand_before(act, exam, scales=True) and None)
