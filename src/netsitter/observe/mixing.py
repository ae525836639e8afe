"""Does one example's output depend on another example? Asked of backprop, once, on the first step.

The gradient of one row's output is taken with respect to what the first layer made of all rows; it
must be zero on the other rows. Price: one backward pass without the parameters' part.
"""

import torch
from torch import nn
from torch.autograd.graph import GradientEdge

from netsitter.observe.graph import Reading

MIN_ROWS = 3
BY_DESIGN = ("batchnorm", "checkpoint", "instancenorm")


def measure_mixing(output: torch.Tensor, reading: Reading, roots: list[nn.Module]) -> torch.Tensor | None:
    """Share of one row's gradient that lands on other rows; None where it cannot be asked.

    Not asked under batch norm, which mixes by design, nor where backward runs code of the program
    (its own functions or hooks), which must not run more often than in the unwatched run.
    """
    if len(roots) != 1 or not reading.layers or output.dim() < 2 or len(output) < MIN_ROWS:
        return None
    if reading.has_own_code or any(word in name for word in BY_DESIGN for name in reading.names):
        return None
    if any(m._backward_hooks or m._backward_pre_hooks for m in roots[0].modules()):
        return None
    first = reading.layers[-1][0]
    metadata = first._input_metadata[0]
    if not metadata.shape or metadata.shape[0] != len(output):
        return None
    row = len(output) // 2
    with torch.enable_grad():
        gradient = torch.autograd.grad(
            output[row].sum(), (GradientEdge(first, 0),), retain_graph=True, allow_unused=True
        )[0]
    if gradient is None:
        return None
    sizes = gradient.detach().float().flatten(1).norm(dim=1)
    total = sizes.sum()
    return (total - sizes[row]) / total.clamp_min(1e-30)
