"""Put a normalisation behind every hidden layer.

## What it does
``batch``: batch norm behind linear layers and convolutions, per unit or channel; ``layer``: layer norm over
the last dimension. Their scales and shifts join the optimiser.

## When it helps
Signals or gradients grow or shrink from layer to layer; the rate has to be tiny to stay stable.

## When it hurts
Batch norm with batches of a few rows, or where an example must not depend on the others.

## How it is undone
The hooks and modules are removed, and their parameters leave the optimiser.

## References
Ioffe and Szegedy, Batch normalization, 2015. Ba, Kiros and Hinton, Layer normalization, 2016.
"""

from typing import Any

import torch
from torch import nn

from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.examine import Exam, rows_of
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._inside import Behind, hidden_layers
from netsitter.treat.remedies._membership import join

NAME = "netsitter_norm"
FEWEST = 4
"""Batch norm over fewer rows is noise: layer norm takes its place."""


def apply(patient: Patient, act: Act, norm: str = "batch") -> None:
    def operate(exam: Exam) -> None:
        layers = [layer for layer in hidden_layers(exam) if not hasattr(layer.module, NAME)]
        if not layers:
            raise CannotApplyError("It has no hidden layer of torch.nn.")
        added: list[torch.Tensor] = []
        kind = norm if rows_of(exam) >= FEWEST else "layer"
        for layer in layers:
            assert layer.module is not None
            module = _norm(layer.module, kind).to(layer.weight)
            module.train(layer.module.training)
            layer.module.add_module(NAME, module)
            act.when_undone(lambda owner=layer.module: delattr(owner, NAME))
            act.when_undone(layer.module.register_forward_hook(Behind(NAME)).remove)
            added += module.parameters()
            act.took(layer.name)
        join(act, exam.optimizer, added)
        exam.cancel()

    patient.when_examined(act, operate)


class Flexible(nn.Module):
    """Batch norm of a linear layer, whatever dimensions stand before its units."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(units)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        flat = values.reshape(-1, values.shape[-1])
        if self.training and len(flat) < 2:
            return values
        return self.norm(flat).reshape(values.shape)


def _norm(layer: nn.Module, kind: str) -> nn.Module:
    if isinstance(layer, nn.Linear):
        return Flexible(layer.out_features) if kind == "batch" else nn.LayerNorm(layer.out_features)
    channels = int(layer.out_channels)  # pyright: ignore[reportArgumentType]
    if kind != "batch":
        return nn.GroupNorm(1, channels)
    of_dims = {nn.Conv1d: nn.BatchNorm1d, nn.Conv2d: nn.BatchNorm2d, nn.Conv3d: nn.BatchNorm3d}
    return next(norm for conv, norm in of_dims.items() if isinstance(layer, conv))(channels)


def amend(candidate: Any, norm: str = "batch") -> dict[str, Any]:
    return {"net.norm": "batch-before" if norm == "batch" else "layer"}
