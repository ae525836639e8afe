"""What the autograd graph above a loss says: operations, shapes, signs, and the leaves it reaches.

Read just before ``backward`` on sampled steps, so it sees hand-written losses, functional
activations and loss functions imported by name alike. It only looks: nothing is computed anew.
Price: about two microseconds a node.
"""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.autograd.function import BackwardCFunction

Node = Any
"""torch.autograd.graph.Node; its saved attributes are not typed."""

MAX_NODES = 20_000
ACTIVATIONS = {
    "abs": "abs", "clamp": "clamp", "clampmin": "clamp", "cos": "cos", "elu": "elu", "exp": "exp", "gelu":
    "gelu", "hardsigmoid": "hardsigmoid", "hardswish": "hardswish", "hardtanh": "hardtanh", "leakyrelu":
    "leaky_relu", "linalgvectornorm": "norm", "log": "log", "log1p": "log1p", "logsigmoid": "log_sigmoid",
    "logsigmoidforward": "log_sigmoid", "logsoftmax": "log_softmax", "logsumexp": "logsumexp", "mish":
    "mish", "neg": "neg", "pow": "pow", "prelu": "prelu", "prelukernel": "prelu", "relu": "relu", "sigmoid":
    "sigmoid", "silu": "silu", "sin": "sin", "softmax": "softmax", "softplus": "softplus", "square": "pow",
    "tanh": "tanh", "threshold": "relu",
}  # fmt: skip
SHAPES = {
    "alias", "asstrided", "cat", "clone", "contiguous", "copyslices", "dropout", "expand", "flatten",
    "gather", "getitem", "index", "indexselect", "movedim", "narrow", "nativedropout", "permute", "repeat",
    "reshapealias", "select", "slice", "split", "splitwithsizes", "squeeze", "stack", "t", "tocopy",
    "transpose", "unbind", "unsafesplit", "unsafeview", "unsqueeze", "view",
}  # fmt: skip
"""Operations that change where numbers lie, not what they are; dropout in passing."""
NORMS = ("batchnorm", "layernorm", "groupnorm", "instancenorm", "rmsnorm")
POOLS = ("pool",)
PRODUCTS = ("addmm", "mm", "bmm", "baddbmm", "convolution", "linear")
"""Layers, also where their weights are frozen."""
IN_PASSING = ("t", "transpose", "tocopy", "permute", "view")
"""What a weight passes on its way into its layer."""
LINEAR = SHAPES | {"add", "sub", "rsub", "neg", "mean", "sum", "constantpadnd"}
LOSS_NODES = {
    "nllloss": "nll_loss", "nllloss2d": "nll_loss", "nlllossnd": "nll_loss", "mseloss": "mse_loss",
    "smoothl1loss": "smooth_l1_loss", "huberloss": "huber_loss",
    "binarycrossentropy": "binary_cross_entropy",
    "binarycrossentropywithlogits": "binary_cross_entropy_with_logits", "kldiv": "kl_div",
    "softmarginloss": "soft_margin_loss", "multimarginloss": "multi_margin_loss", "ctcloss": "ctc_loss",
    "multilabelmarginloss": "multilabel_margin_loss",
}  # fmt: skip
REDUCTIONS = ("none", "mean", "sum")


@dataclass(kw_only=True)
class Reading:
    """What one loss's graph showed."""

    leaves: list[torch.Tensor] = field(default_factory=list)
    """Parameters (and other leaves) that the loss reaches."""
    layers: list[tuple[Node, torch.Tensor]] = field(default_factory=list)
    """Weighted operations with their weight, nearest the loss first."""
    activations: list[tuple[str, Node, torch.Tensor | None]] = field(default_factory=list)
    """Activation, its node, and the weight of the layer that feeds it."""
    names: set[str] = field(default_factory=set)
    """Every operation that occurs."""
    has_own_code: bool = False
    """Whether some of it is the program's own autograd functions, which may not be run twice."""


def op(node: Node) -> str:
    """``AddmmBackward0`` → ``addmm``."""
    return _short(node.name())


@functools.cache
def _short(name: str) -> str:
    return re.sub(r"Backward\d*$", "", name.rpartition("::")[2]).lower()


def shape(node: Node) -> tuple[int, ...]:
    """Shape of the tensor that the node made."""
    metadata = node._input_metadata
    return tuple(metadata[0].shape) if metadata else ()


def parents(node: Node) -> Iterator[Node]:
    return (parent for parent, _ in node.next_functions if parent is not None)


def weight_of(node: Node) -> torch.Tensor | None:
    """The weight matrix that enters an operation, directly or through a transpose or cast."""
    if op(node) in IN_PASSING:
        return None
    for parent in parents(node):
        for _ in range(3):
            variable = getattr(parent, "variable", None)
            if variable is not None:
                if variable.dim() >= 2:
                    return variable
                break
            if op(parent) not in IN_PASSING:
                break
            following = list(parents(parent))
            if len(following) != 1:
                break
            parent = following[0]
    return None


def read(loss: torch.Tensor) -> Reading:
    """Walk the whole graph of ``loss`` breadth first."""
    reading = Reading()
    if loss.grad_fn is None:
        return reading
    queue, seen = [loss.grad_fn], {loss.grad_fn}
    for node in queue:
        variable = getattr(node, "variable", None)
        if variable is not None:
            reading.leaves.append(variable)
            continue
        name = op(node)
        reading.names.add(name)
        reading.has_own_code |= isinstance(node, BackwardCFunction)
        weight = weight_of(node)
        if weight is not None:
            reading.layers.append((node, weight))
        elif name in ACTIVATIONS:
            reading.activations.append((ACTIVATIONS[name], node, feeder(node)))
        for parent in parents(node):
            if parent not in seen and len(seen) < MAX_NODES:
                seen.add(parent)
                queue.append(parent)
    return reading


def given(reading: Reading) -> torch.Tensor | None:
    """The rows that the first layer was given, of a network that is no module; None if not kept."""
    node = reading.layers[-1][0] if reading.layers else None
    kept = next(
        (k for name in ("_saved_self", "_saved_mat1") if (k := getattr(node, name, None)) is not None), None
    )
    return kept.detach() if kept is not None and kept.dim() >= 2 and op(node) in PRODUCTS else None


def feeder(node: Node, hops: int = 8) -> torch.Tensor | None:
    """The weight of the layer whose output reaches this node through shapes, norms and pools only."""
    for _ in range(hops):
        first = next(parents(node), None)
        if first is None or hasattr(first, "variable"):
            return None
        name = op(first)
        if not any(norm in name for norm in NORMS):
            weight = weight_of(first)
            if weight is not None:
                return weight
            if name == "add":
                # x @ W + b written by hand: the product is one of two addends.
                weight = next((w for p in parents(first) if (w := weight_of(p)) is not None), None)
                if weight is not None:
                    return weight
            if name not in SHAPES and not any(pool in name for pool in POOLS):
                return None
        node = first
    return None


def feeds(layer: Node, hops: int = 64) -> Iterator[tuple[torch.Tensor, str | None]]:
    """Weights of the layers whose outputs reach this one, each with the first operation on the way that
    is not linear; None where there is none."""
    queue: list[tuple[Node, str | None]] = [(parent, None) for parent in parents(layer)]
    for node, bend in queue:
        weight = weight_of(node)
        name = op(node)
        if weight is not None and not any(norm in name for norm in NORMS):
            yield weight, bend
            continue
        if bend is None and not _is_linear(node, name):
            bend = ACTIVATIONS.get(name, name)
        if len(queue) < hops:
            queue += [(parent, bend) for parent in parents(node)]


def _is_linear(node: Node, name: str) -> bool:
    if name in ("mul", "div"):
        return sum(1 for _ in parents(node)) < 2
    known = name in LINEAR or hasattr(node, "variable") or "avgpool" in name
    return known or any(norm in name for norm in NORMS)


def head_of(node: Node, hops: int = 40) -> tuple[list[str], torch.Tensor | None, Node | None]:
    """Operations from the last weighted layer up to and including ``node``, nearest the layer first."""
    found: list[str] = []
    for _ in range(hops):
        if node is None or hasattr(node, "variable"):
            break
        weight = weight_of(node)
        name = op(node)
        if (weight is not None or name in PRODUCTS) and not any(norm in name for norm in NORMS):
            return found[::-1], weight, node
        if name not in SHAPES and name != "add" and not any(pool in name for pool in POOLS):
            found.append(ACTIVATIONS.get(name, name))
        node = next(parents(node), None)
    return found[::-1], None, None


def constant(node: Node) -> torch.Tensor | None:
    """What a learnt number is multiplied or divided by; None if that is learnt too, or unknown."""
    sides = [parent for parent, _ in node.next_functions]
    if sum(side is not None for side in sides) != 1:
        return None
    if sides[0] is None:
        return getattr(node, "_saved_self", None) if op(node) == "mul" else None
    other = getattr(node, "_saved_other", None)
    return torch.as_tensor(other) if isinstance(other, int | float) else other
