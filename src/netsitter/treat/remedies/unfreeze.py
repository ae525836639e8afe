"""Let frozen parameters learn.

## What it does
Parameters with ``requires_grad`` False in the models that train are switched on before every forward
pass, and join the optimiser.

## When it helps
A flag was left over from another phase, or a loop froze more than was meant.

## When it hurts
Fine-tuning, where most of the network is to stay as it was loaded.

## How it is undone
The flags are put back, and the parameters leave the optimiser.

## References
PyTorch documentation, Autograd mechanics: setting requires_grad.
"""

import torch
from torch import nn

from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.examine import Exam
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._membership import join


def apply(patient: Patient, act: Act) -> None:
    frozen: dict[int, nn.Parameter] = {}

    def operate(exam: Exam) -> None:
        mine = {
            name: parameter
            for name, parameter in patient.anatomy.parameters()
            if isinstance(parameter, nn.Parameter)
            and parameter.is_floating_point()
            and (not parameter.requires_grad or id(parameter) in frozen)
        }
        if not mine:
            raise CannotApplyError("No parameter is frozen.")
        frozen.update({id(parameter): parameter for parameter in mine.values()})
        thaw()
        join(act, exam.optimizer, [p for p in mine.values() if not _is_held(patient, p)])
        act.took(*mine)

    def thaw(_: object = None) -> None:
        for parameter in frozen.values():
            parameter.requires_grad_(True)

    def freeze() -> None:
        for parameter in frozen.values():
            parameter.requires_grad_(False)
            parameter.grad = None

    act.when_undone(freeze)
    patient.when_examined(act, operate)
    # A loop that freezes again is answered before its next forward pass.
    patient.at("after_step", act, thaw)
    patient.at("zero_grad", act, thaw)


def _is_held(patient: Patient, parameter: torch.Tensor) -> bool:
    groups = [group for optimizer in patient.optimizers() for group in optimizer.param_groups]
    return any(parameter is other for group in groups for other in group["params"])
