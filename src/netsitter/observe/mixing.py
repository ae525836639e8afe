"""Does one example's output depend on another example? Asked of backprop once, on the first step, and of
the shapes that layers are given.

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
    if not may_ask(reading, roots) or any(word in name for word in BY_DESIGN for name in reading.names):
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


def may_ask(reading: Reading, roots: list[nn.Module]) -> bool:
    """Whether a backward pass of ours would run none of the program's own code."""
    has_hooks = any(m._backward_hooks or m._backward_pre_hooks for root in roots for m in root.modules())
    return not reading.has_own_code and not has_hooks


def cuts_up(output: torch.Tensor | None, prediction: torch.Tensor) -> bool:
    """Whether (batch, classes, places …) was made (rows, classes) by a view: no number has moved, so that the
    scores of one place are given as those of others."""
    if output is None or output.dim() < 3 or prediction.dim() != 2 or not output.is_contiguous():
        return False
    classes = prediction.shape[1]
    is_same = output.data_ptr() == prediction.data_ptr() and output.numel() == prediction.numel()
    return is_same and output.shape[1] == classes > 1 and output.shape[-1] != classes


class Reshapes:
    """Layers that are given their input with its sizes in another order by a reshape, not a transpose, as
    (time, batch, …) from (batch, time, …).

    No number has moved: rows, or the places of a row, are cut up and mixed. Only addresses and
    shapes are kept, of tensors that share the memory of what they were made from.
    """

    def __init__(self) -> None:
        self._made: dict[int, torch.Size] = {}
        self._given: list[tuple[str, int, torch.Size]] = []

    def note(self, name: str, given: torch.Tensor, result: torch.Tensor) -> None:
        """A layer was called."""
        if given.dim() >= 3 and given._base is not None and given.is_contiguous():
            self._given.append((name, given.data_ptr(), given.shape))
        if result.dim() >= 3 and result.is_contiguous():
            self._made[result.data_ptr()] = result.shape

    def of(self, batch: torch.Tensor | None) -> list[str]:
        """The layers whose input is such a reshape of the batch, or of what another layer made."""
        if batch is not None and batch.dim() >= 3 and batch.is_contiguous():
            self._made[batch.data_ptr()] = batch.shape
        return [name for name, place, shape in self._given if _is_swapped(self._made.get(place), shape)]


def _is_swapped(made: torch.Size | None, given: torch.Size) -> bool:
    """Whether the same sizes come in another order; those of 1 may move."""
    if made is None:
        return False
    before, after = [size for size in made if size > 1], [size for size in given if size > 1]
    return before != after and sorted(before) == sorted(after)
