"""Fill missing and infinite inputs by the column's mean.

## What it does
A hook before the model that takes the data replaces every NaN and infinity by the mean of its column.

## When it helps
Cells are missing: one NaN makes the loss and then every weight NaN.

## When it hurts
Where being missing says something: a column that tells so is better.

## How it is undone
The hook is removed: the model finds its raw data again.

## References
Little and Rubin, Statistical analysis with missing data, 2002, section 4.2: mean imputation.
"""

from netsitter.treat.act import Act
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._entry import stand_before


def apply(patient: Patient, act: Act) -> None:
    patient.when_examined(act, lambda exam: stand_before(act, exam, scales=False) and None)
