"""Does the gradient reach the first steps of a sequence? Asked of backprop, once, on the first step.

A weight that is used again and again, each time on what the time before made of it, is a recurrence. The
gradient of the loss is taken at its first use and at its last. Price: one backward pass without the
parameters' part, and only where there is a recurrence that is not fused into one operation.
"""

from collections.abc import Iterator

import torch
from torch import nn
from torch.autograd.graph import GradientEdge

from netsitter.observe.graph import Node, Reading
from netsitter.observe.mixing import may_ask

MIN_USES = 10
"""A weight used less often has no depth in time for a gradient to fade in."""


def measure_fading(
    loss: torch.Tensor, reading: Reading, roots: list[nn.Module]
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Each recurrent weight, and its gradient's norm at the first use over that at the last one."""
    uses: dict[int, tuple[torch.Tensor, list[Node]]] = {}
    for node, weight in sorted(reading.layers, key=lambda layer: layer[0]._sequence_nr()):
        uses.setdefault(id(weight), (weight, []))[1].append(node)
    recurrent = [(weight, nodes) for weight, nodes in uses.values() if len(nodes) >= MIN_USES]
    if not recurrent or not may_ask(reading, roots):
        return
    edges = [GradientEdge(node, 0) for _, nodes in recurrent for node in (nodes[-1], nodes[0])]
    with torch.enable_grad():
        gradients = torch.autograd.grad(loss.sum(), edges, retain_graph=True, allow_unused=True)
    for (weight, _), last, first in zip(recurrent, gradients[::2], gradients[1::2], strict=True):
        # A last step that only padding fills says nothing.
        if first is not None and last is not None and bool(last.any()):
            yield weight, first.double().norm() / last.double().norm().clamp_min(1e-300)
