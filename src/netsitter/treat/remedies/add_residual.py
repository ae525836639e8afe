"""Let the signal pass by each layer as well as through it.

## What it does
Where an activation follows a layer that keeps its width, what the layer was given is added to the
activation's result: x + f(Wx + b).

## When it helps
A deep network whose early layers receive almost no gradient.

## When it hurts
Shallow networks, where it only makes the signal larger.

## How it is undone
The hooks are removed, and the calls reach the old functions again.

## References
He, Zhang, Ren and Sun, Deep residual learning for image recognition, 2016.
"""

from typing import Any

import torch
from torch import nn
from torch.utils.weak import WeakIdKeyDictionary

from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.calls import PASS, Call
from netsitter.treat.examine import BENDS, Exam
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._inside import hidden_layers


def apply(patient: Patient, act: Act) -> None:
    entering = WeakIdKeyDictionary()
    """What a layer gave → what it was given."""

    def remember(layer: nn.Module, args: Any, output: Any) -> None:
        if args and isinstance(output, torch.Tensor) and args[0].shape == output.shape:
            entering[output] = args[0]

    def add(call: Call) -> Any:
        value = call.given(0, "input")
        if not isinstance(value, torch.Tensor) or value not in entering:
            return PASS
        return call.proceed() + entering[value]

    def operate(exam: Exam) -> None:
        layers = [layer for layer in hidden_layers(exam) if layer.weight.shape[0] == layer.weight.shape[1]]
        if not layers:
            raise CannotApplyError("No hidden layer of torch.nn keeps its width.")
        for layer in layers:
            assert layer.module is not None
            act.when_undone(layer.module.register_forward_hook(remember).remove)
            act.took(layer.name)
        exam.cancel()

    patient.when_examined(act, operate)
    patient.on_call(BENDS, act, add)


def amend(candidate: Any) -> dict[str, Any]:
    return {"net.residual": True}
