"""Many networks of one shape kept as one: a matrix with a row of weights for each member.

    weights (K, P)      member k is row k; every layer's parameter is a range of columns
    view("output.bias") (K, outputs), the same memory as the network's layers see it

So a step of the optimiser, an average, a copy of the best weights is one operation on a whole matrix, a
layer is one batched matrix product on a view of it, and a member leaves by leaving out its row.
"""

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from netsitter.errors import UsageError
from netsitter.nets.blocks import TableNet
from netsitter.nets.optimizers import parameter_groups

ALIGNMENT = 16
"""Every parameter begins at a multiple of so many float32: a cache line, which vector units load at once."""


VARIED = ("dropout", "init", "output_scale", "frequency_scale")
"""Settings of a network in which the members of a population may differ."""


def structure_of(net: TableNet) -> dict[str, Any]:
    """What all members of a population have in common, by name."""
    config = {name: getattr(net.config, name) for name in net.config.__struct_fields__ if name not in VARIED}
    config |= {"width": net.config.widths, "depth": len(net.config.widths), "hidden": ()}
    inputs = {"is_continuous": net.is_continuous, "cardinalities": net.cardinalities}
    return {**config, **inputs, "n_outputs": net.n_outputs}


@dataclass(frozen=True, kw_only=True)
class Slot:
    """Where a parameter lies in a member's row."""

    start: int
    shape: tuple[int, ...]

    @property
    def stop(self) -> int:
        return self.start + math.prod(self.shape)


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What a member's row is made of."""

    slots: dict[str, Slot]
    """By the parameter's name in ``state_dict``."""
    roles: dict[str, slice]
    """Columns of each role of ``netsitter.nets.optimizers``: they lie side by side."""
    size: int


@dataclass(frozen=True, kw_only=True)
class Population:
    """K networks of one shape."""

    template: TableNet
    """A network of that shape; its weights mean nothing."""
    layout: Layout
    weights: Tensor
    """float32 (K, P)."""
    buffers: dict[str, Tensor] = field(default_factory=dict)
    """Persistent buffers, each (K, …): running statistics, the edges of bins."""

    @classmethod
    def of(cls, nets: Sequence[TableNet]) -> "Population":
        """The networks stacked. Raises UsageError if they are not all of one shape."""
        for number, net in enumerate(nets):
            pairs = zip(structure_of(nets[0]).items(), structure_of(net).values(), strict=True)
            odd = next((name for (name, first), own in pairs if first != own), None)
            if odd is not None:
                raise UsageError(f"networks 0 and {number} differ in {odd}; a population is of one shape.")
        layout = _lay_out(nets[0])
        device = next(nets[0].parameters()).device
        buffers = {
            name: torch.stack([net.state_dict()[name] for net in nets])
            for name in nets[0].state_dict()
            if name not in layout.slots
        }
        population = cls(
            template=copy.deepcopy(nets[0]).requires_grad_(False),
            layout=layout,
            weights=torch.zeros(len(nets), layout.size, device=device),
            buffers=buffers,
        )
        for row, net in enumerate(nets):
            for name, parameter in net.named_parameters():
                population.view(name)[row].copy_(parameter.detach())
        return population

    def __len__(self) -> int:
        return len(self.weights)

    def view(self, name: str, rows: Tensor | None = None) -> Tensor:
        """A parameter of all members, shape (K, …), sharing memory with ``rows`` (by default the weights)."""
        slot = self.layout.slots[name]
        rows = self.weights if rows is None else rows
        return rows[:, slot.start : slot.stop].view(len(rows), *slot.shape)

    def part(self, rows: slice) -> "Population":
        """Some of the members, sharing memory with these."""
        return Population(
            template=self.template,
            layout=self.layout,
            weights=self.weights[rows],
            buffers={name: buffer[rows] for name, buffer in self.buffers.items()},
        )

    def select(self, index: Tensor) -> "Population":
        """Copies of the members at ``index``, int64 (k,)."""
        return Population(
            template=self.template,
            layout=self.layout,
            weights=self.weights[index],
            buffers={name: buffer[index] for name, buffer in self.buffers.items()},
        )

    def copy_rows(self, index: Tensor, source: "Population") -> None:
        """Make the members at ``index`` those of ``source``."""
        self.weights[index] = source.weights[index]
        for name, buffer in self.buffers.items():
            buffer[index] = source.buffers[name][index]

    def write(self, row: int, net: TableNet) -> TableNet:
        """Give ``net`` the weights and buffers of a member."""
        state = {name: self.view(name)[row] for name in self.layout.slots}
        net.load_state_dict(state | {name: buffer[row] for name, buffer in self.buffers.items()})
        return net

    def extract(self, row: int) -> TableNet:
        """A member as a network of its own, in evaluation mode."""
        return self.write(row, copy.deepcopy(self.template)).requires_grad_(True).eval()


def _lay_out(net: TableNet) -> Layout:
    names = {parameter: name for name, parameter in net.named_parameters()}
    slots: dict[str, Slot] = {}
    roles: dict[str, slice] = {}
    end = 0
    for group in parameter_groups(net, 0.0):
        begin = end
        for parameter in group["params"]:
            slots[names[parameter]] = slot = Slot(start=end, shape=tuple(parameter.shape))
            end = -(-slot.stop // ALIGNMENT) * ALIGNMENT
        roles[group["role"]] = slice(begin, end)
    return Layout(slots=slots, roles=roles, size=end)
