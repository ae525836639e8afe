"""Take the optimiser step that the program forgets.

## What it does
Once ``patience`` backwards have passed without a step, every backward is followed by a step of each
optimiser, and the gradients are cleared after it.

## When it helps
Gradients are made and never applied: the loss stays where it was.

## When it hurts
Programs that evaluate gradients without wanting to train.

## How it is undone
No further step is taken; those that were cannot be unlearnt.

## References
PyTorch documentation, torch.optim: taking an optimization step.
"""

from typing import Any

from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.gradients import clear
from netsitter.treat.patient import Patient
from netsitter.treat.places import here


def apply(patient: Patient, act: Act, patience: int = 3) -> None:
    seen = {"backwards": 0, "steps": 0}

    def count(_: Any) -> None:
        if not act.is_applied:
            seen["steps"] += 1

    def step(_: Any) -> None:
        seen["backwards"] += 1
        if seen["steps"]:
            raise CannotApplyError("The program does take steps.")
        if seen["backwards"] < patience:
            return
        for optimizer in patient.optimizers():
            act.took(type(optimizer).__name__, place=here("backward") if not act.places else None)
            optimizer.step()
            clear(optimizer)

    patient.at("after_step", act, count)
    patient.at("after_backward", act, step)
