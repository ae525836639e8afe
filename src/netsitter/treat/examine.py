"""The first iteration of a training, looked at as a whole: what an operation must know of the patient.

Which module takes the data, which one gives the prediction, where each activation is called and whether
it stands inside the network or after its last layer, which loss is called with what.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from netsitter.observe import graph
from netsitter.observe.graph import ACTIVATIONS, Node, Reading
from netsitter.observe.look import first_tensor
from netsitter.observe.losses import LossCall
from netsitter.observe.objective import Objective
from netsitter.observe.training import held
from netsitter.treat.places import Place, caller_module, here

if TYPE_CHECKING:
    from netsitter.treat.patient import Patient

BENDS = frozenset(ACTIVATIONS.values()) | {
    "selu",
    "celu",
    "relu6",
    "softmin",
    "log_softmax",
    "softmax",
    "threshold",
}


@dataclass(frozen=True, kw_only=True)
class Site:
    """Where a function is called: by a module of torch's, or on a line of the program."""

    module: int | None
    name: str
    """Path of the module, or file:line."""
    place: Place | None = field(compare=False)
    """Where the module is made, or the line itself."""


@dataclass(kw_only=True)
class Bend:
    """A call of an activation in the examined iteration."""

    kind: str
    site: Site
    node: Node
    given: torch.Tensor
    turn: int = 0
    """How many calls from the same site came before it in one forward pass: a loop has one line."""
    is_head: bool = False
    """Whether it stands between the last weighted layer and the loss."""


@dataclass(kw_only=True)
class Layer:
    """A weighted operation of the examined iteration."""

    node: Node
    weight: torch.Tensor
    name: str
    module: nn.Module | None
    """None where the program multiplies by a parameter itself."""


@dataclass(kw_only=True)
class RootCall:
    """A root module was called."""

    name: str
    module: nn.Module
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    output: Any


@dataclass(kw_only=True)
class Exam:
    """One training at its first step. Holds the batch's tensors: `settle` lets go of them."""

    optimizer: torch.optim.Optimizer
    calls: list[RootCall]
    losses: list[tuple[LossCall, Place | None]]
    bends: list[Bend]
    layers: list[Layer]
    """From the input to the output."""
    reading: Reading
    objective: Objective
    prediction: torch.Tensor | None
    by_hand: LossCall | None
    """A loss that the program writes out itself, as far as the graph shows it."""
    is_cancelled: bool = False

    @property
    def roots(self) -> list[nn.Module]:
        """Root modules that took part, in the order of their calls."""
        return list({id(call.module): call.module for call in self.calls}.values())

    @property
    def entry(self) -> RootCall | None:
        """The call that took the data: numbers that nothing has learnt."""
        return next((call for call in self.calls if _is_data(first_tensor(call.args or call.kwargs))), None)

    def cancel(self) -> None:
        """Leave the first step out: its gradients are those of the network before the operation."""
        self.is_cancelled = True

    def settle(self) -> None:
        """After all operations."""
        if self.is_cancelled:
            for parameter in held(self.optimizer):
                parameter.grad = None
            for root in self.roots:
                _forget_batch(root)
        self.losses, self.bends, self.layers, self.reading = [], [], [], Reading()
        self.prediction, self.by_hand = None, None
        for call in self.calls:
            call.args, call.kwargs, call.output = (), {}, None


def _is_data(tensor: torch.Tensor | None) -> bool:
    return tensor is not None and tensor.grad_fn is None and not tensor.requires_grad


def _forget_batch(root: nn.Module) -> None:
    """Batch norm has seen one batch of the network before: start its statistics again."""
    for module in root.modules():
        tracked = getattr(module, "num_batches_tracked", None)
        if isinstance(tracked, torch.Tensor) and int(tracked) == 1 and hasattr(module, "reset_running_stats"):
            module.reset_running_stats()  # pyright: ignore[reportCallIssue]


def rows_of(exam: Exam) -> int:
    """Rows of the examined batch; 0 where nothing shows them."""
    batch = first_tensor(exam.calls[0].args or exam.calls[0].kwargs) if exam.calls else exam.prediction
    return rows_in(batch, exam.reading)


def rows_in(batch: torch.Tensor | None, reading: Reading) -> int:
    if batch is not None and batch.dim():
        return len(batch)
    shapes = [graph.shape(node) for node, _ in reading.layers]
    return next((dims[0] for dims in shapes[::-1] if dims), 0)


def site_of(patient: "Patient", name: str) -> Site:
    """Where the call that is being made comes from."""
    place = here(name)
    module = caller_module()
    path = patient.anatomy.module_name(module) if module is not None else None
    if module is not None:
        made = patient.made.get(module)
        return Site(module=id(module), name=path or type(module).__name__, place=made or place)
    return Site(module=None, name=f"{place.file}:{place.line}:{name}" if place else name, place=place)


def mark_heads(bends: list[Bend], root: Node) -> None:
    """Tell activations after the last weighted layer from those inside the network."""
    by_node = {bend.node: bend for bend in bends}
    queue, seen = [root], {root}
    for node in queue:
        if node in by_node:
            by_node[node].is_head = True
        if graph.weight_of(node) is not None or hasattr(node, "variable"):
            continue
        for parent in graph.parents(node):
            if parent not in seen and len(seen) < graph.MAX_NODES:
                seen.add(parent)
                queue.append(parent)
