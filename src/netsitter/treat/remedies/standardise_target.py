"""Train on a standardised target, predict in its own units.

## What it does
The model's output is multiplied by the target's standard deviation and moved by its mean, and the loss is
divided by the same scale on its way into backward: this is training on a standardised target, while the
program's predictions and its reported loss stay in their units.

## When it helps
The target is many scales away from what a fresh network gives.

## When it hurts
Targets whose zero is meaning, and losses that are not errors in the target's units.

## How it is undone
The hook is removed, and the loss passes unchanged.

## References
LeCun, Bottou, Orr and Müller, Efficient BackProp, 1998, section 4.3: normalising the inputs.
"""

import torch

from netsitter.observe.look import first_tensor
from netsitter.observe.losses import REGRESSIONS
from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.examine import Exam
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._backward import scale_loss
from netsitter.treat.remedies._scale import Exit
from netsitter.treat.remedies._source import source_of

SQUARED = {"mse_loss"}


def apply(patient: Patient, act: Act) -> None:
    known: dict[str, float] = {}

    def operate(exam: Exam) -> None:
        last = exam.calls[-1] if exam.calls else None
        output = first_tensor(last.output) if last is not None else None
        if last is None or output is None or not isinstance(last.output, torch.Tensor):
            raise CannotApplyError("No module gives the prediction.")
        name, target = _target(exam)
        if target is None or target.numel() != output.numel() or not target.is_floating_point():
            raise CannotApplyError("The loss compares no real targets with the model's output.")
        values = source_of(target.detach()).double()
        mean, std = float(values.mean()), float(values.std())
        if not std > 0:
            raise CannotApplyError("The target does not vary.")
        act.when_undone(last.module.register_forward_hook(Exit(mean, std)).remove)
        known["share"] = std**-2 if name in SQUARED else 1 / std
        act.settled |= {"mean": mean, "std": std}
        act.took(last.name or type(last.module).__name__)
        exam.cancel()

    patient.when_examined(act, operate)
    scale_loss(patient, act, lambda _: known.get("share"))


def _target(exam: Exam) -> tuple[str, torch.Tensor | None]:
    for call, _ in exam.losses:
        if call.name in REGRESSIONS:
            return call.name, call.target
    call = exam.by_hand
    return (call.name, call.target) if call is not None else ("", None)
