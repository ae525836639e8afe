"""Put an activation between linear layers that follow each other.

## What it does
A hook behind every layer that runs straight into the next one passes its output through ``activation``.

## When it helps
Linear layers in a row are one linear layer, however many there are.

## When it hurts
A bottleneck that is meant to be linear: a factorised matrix, an embedding's projection.

## How it is undone
The hooks are removed.

## References
Cybenko, Approximation by superpositions of a sigmoidal function, 1989. Glorot, Bordes and Bengio, Deep
sparse rectifier neural networks, 2011.
"""

from typing import Any

import torch
from torch import nn

from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.examine import Exam
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._inside import unbent_layers
from netsitter.treat.remedies._sites import function_of


class Bent:
    """Passes what a layer gives through an activation."""

    def __init__(self, activation: str) -> None:
        self.activation = activation

    def __call__(self, layer: nn.Module, args: Any, output: Any) -> Any:
        return function_of(self.activation)(output) if isinstance(output, torch.Tensor) else None


def apply(patient: Patient, act: Act, activation: str = "relu") -> None:
    function_of(activation)

    def operate(exam: Exam) -> None:
        layers = unbent_layers(exam)
        if not layers:
            raise CannotApplyError("No two layers of torch.nn follow each other with nothing between.")
        for layer in layers:
            assert layer.module is not None
            act.when_undone(layer.module.register_forward_hook(Bent(activation)).remove)
            act.took(layer.name)
        exam.cancel()

    patient.when_examined(act, operate)
