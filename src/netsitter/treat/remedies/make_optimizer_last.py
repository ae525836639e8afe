"""Let the optimiser step the model's parameters, not those of one that is gone.

## What it does
Parameters that the loss does not reach leave the optimiser; those that it reaches and that nothing steps
take their place.

## When it helps
The model, or a part of it, was replaced after the optimiser was made.

## When it hurts
Where a part is used only now and then: it would not be stepped when it is.

## How it is undone
The groups get their old members back.

## References
PyTorch documentation, torch.optim: parameters must be given to the optimiser, in their final form, when it
is constructed.
"""

from netsitter.observe.training import held
from netsitter.treat.act import Act
from netsitter.treat.examine import Exam
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._membership import add_missing, remove


def apply(patient: Patient, act: Act) -> None:
    def operate(exam: Exam) -> None:
        add_missing(patient, act, exam)
        gone = {id(p) for p in patient.anatomy.foreign(held(exam.optimizer))}
        remove(act, exam, lambda p: id(p) in gone or not patient.anatomy.knows(p))

    patient.when_examined(act, operate)
