"""Behind the hidden layers of a network: hooks that change what a layer gives."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from netsitter.observe import graph
from netsitter.treat.examine import Exam, Layer


class Behind:
    """Passes what a layer gives through another module. A plain object: the model can be copied and saved."""

    def __init__(self, name: str) -> None:
        self.name = name
        """Attribute of the layer that holds the module, so that modes, devices and states reach it."""

    def __call__(self, layer: nn.Module, args: Any, output: Any) -> Any:
        return getattr(layer, self.name)(output) if isinstance(output, torch.Tensor) else None


def hidden_layers(exam: Exam) -> list[Layer]:
    """Layers of the network's own modules whose output another layer takes, each once."""
    feeding = {id(weight) for layer in exam.layers for weight, _ in graph.feeds(layer.node)}
    return list(_of_modules(exam, feeding))


def unbent_layers(exam: Exam) -> list[Layer]:
    """Those of them with nothing but linear operations on the way to the next layer."""
    unbent = {id(w) for layer in exam.layers for w, bend in graph.feeds(layer.node) if bend is None}
    return list(_of_modules(exam, unbent))


def _of_modules(exam: Exam, wanted: set[int]) -> Iterator[Layer]:
    seen: set[int] = set()
    for layer in exam.layers:
        is_layer = isinstance(layer.module, nn.Linear | nn.Conv1d | nn.Conv2d | nn.Conv3d)
        if id(layer.weight) in wanted and id(layer.weight) not in seen and is_layer:
            seen.add(id(layer.weight))
            yield layer
