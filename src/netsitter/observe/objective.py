"""What is being minimised: the terms of a loss, their signs and reductions, and how prediction meets target.

All of it is read from the autograd graph between the loss and the last weighted layers.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import torch

from netsitter.observe.axes import signed
from netsitter.observe.flags import is_margin, is_overlap
from netsitter.observe.graph import (
    LOSS_NODES,
    REDUCTIONS,
    SHAPES,
    Node,
    constant,
    op,
    parents,
    shape,
    weight_of,
)

MAX_REGION = 400
MAX_DEPTH = 60
NEVER_NEGATIVE = {
    "pow",
    "square",
    "abs",
    "relu",
    "softplus",
    "exp",
    "linalgvectornorm",
    "clampmin",
    "huberloss",
}
POSITIVE = NEVER_NEGATIVE | {"sigmoid", "softmax", "sqrt"}
COMPOUND = {"sum", "mean", "mul", "div", "add"} | SHAPES
"""What these make of numbers above 0 is above 0."""


MINIMISED = frozenset(LOSS_NODES.values())
"""Loss functions that have a floor and no ceiling: with a minus before them they have no end."""


@dataclass(frozen=True, kw_only=True)
class Term:
    """One addend of the loss. ``sign`` is how it enters: 1, -1, or 0 where the graph does not tell."""

    name: str
    sign: int
    node: Node


@dataclass(kw_only=True)
class Objective:
    """What the graph says about the loss."""

    terms: list[Term] = field(default_factory=list)
    sum_over_batch: int = 0
    broadcast: dict[str, list[int]] | None = None
    softmax_dim: str | None = None
    softmax_width: int | None = None
    """Over how many scores the narrowest softmax runs."""
    ops: list[str] = field(default_factory=list)
    picked: Node | None = None
    """The operation that picks each row's own class from its scores."""

    @property
    def loss_sign(self) -> int:
        """-1 if every term is a penalty that is being maximised."""
        return _common([t.sign for t in self.terms if t.name not in ("log_likelihood", "overlap")])

    @property
    def likelihood_sign(self) -> int:
        """1 if a log-likelihood is minimised, -1 if it is maximised, as it should be."""
        return _common([t.sign for t in self.terms if t.name == "log_likelihood"])

    @property
    def residual_sign(self) -> int:
        """-1 if every distance between what is learnt and what is given is being maximised."""
        return _common([t.sign for t in self.terms if is_residual(t.node)])

    @property
    def overlap_sign(self) -> int:
        """1 if what prediction and labels share is minimised, -1 if it is maximised, as it should be."""
        return _common([t.sign for t in self.terms if t.name == "overlap"])

    def to_json(self) -> dict[str, object]:
        return {
            "terms": [term.name for term in self.terms],
            "sum_over_batch": self.sum_over_batch,
            "broadcast": self.broadcast,
            "softmax_dim": self.softmax_dim,
            "softmax_width": self.softmax_width,
            "loss_sign": self.loss_sign,
            "minus": [term.name for term in self.terms if term.sign < 0 and term.name in MINIMISED],
            "likelihood_sign": self.likelihood_sign,
            "residual_sign": self.residual_sign,
            "overlap_sign": self.overlap_sign,
            "margin_of_flags": any(is_margin(term.node) for term in self.terms),
            "ops": self.ops[:40],
        }


def _common(signs: list[int]) -> int:
    return signs[0] if signs and len(set(signs)) == 1 else 0


def read_objective(loss: torch.Tensor, rows: int, scale: float = 1.0) -> Objective:
    """The loss as a sum of terms; ``rows`` is the batch size, ``scale`` what AMP multiplied it by."""
    objective = Objective()
    if loss.grad_fn is None:
        return objective
    for term in _descend(loss.grad_fn, 1, 1.0 / scale, rows, objective, 0):
        if len(objective.terms) < 32:
            objective.terms.append(term)
    _survey(loss.grad_fn, rows, objective)
    return objective


def _descend(
    node: Node, sign: int, factor: float, rows: int, objective: Objective, depth: int
) -> Iterator[Term]:
    """Follow the loss down through operations whose effect on the sign is known."""
    name = op(node)
    first = next(parents(node), None)
    if name in LOSS_NODES:
        if REDUCTIONS[getattr(node, "_saved_reduction", 1)] == "sum":
            _note_sum(objective, rows, factor)
        yield Term(name=LOSS_NODES[name], sign=sign, node=node)
    elif _is_log_likelihood(node, name):
        objective.picked = objective.picked or _pick_below(node)
        yield Term(name="log_likelihood", sign=sign, node=node)
    elif first is None or depth > MAX_DEPTH or weight_of(node) is not None:
        yield Term(name="custom", sign=0, node=node)
    elif name in ("add", "sub", "rsub"):
        for index, (parent, _) in enumerate(node.next_functions):
            if parent is not None:
                flips = (name == "sub" and index == 1) or (name == "rsub" and index == 0)
                yield from _descend(parent, -sign if flips else sign, factor, rows, objective, depth + 1)
    elif name == "mul" and is_overlap(node):
        yield Term(name="overlap", sign=sign, node=node)
    elif name in ("neg", "mul", "div"):
        known, number = _multiplier(node, name)
        yield from _descend(first, sign * known, factor * number, rows, objective, depth + 1)
    elif name in ("mean", "sum", "nansum") or name in SHAPES:
        _note_reduction(node, name, first, rows, factor, objective)
        yield from _descend(first, sign, factor, rows, objective, depth + 1)
    else:
        yield Term(name="custom", sign=sign if name in NEVER_NEGATIVE else 0, node=node)


def _note_reduction(
    node: Node, name: str, below: Node, rows: int, factor: float, objective: Objective
) -> None:
    if name in ("gather", "index"):
        objective.picked = node
    if name == "sum" and shape(node) == () and rows >= 4 and shape(below)[:1] == (rows,):
        _note_sum(objective, rows, factor)


def _multiplier(node: Node, name: str) -> tuple[int, float]:
    """Sign and size of what a term is multiplied by; sign 0 where it is mixed or itself learnt."""
    if name == "neg":
        return -1, 1.0
    other = constant(node)
    if other is None and name == "div" and _is_positive(node.next_functions[1][0]):
        return 1, 1.0
    if other is None or other.is_complex() or other.numel() == 0:
        return 0, 1.0
    low, high = float(other.min()), float(other.max())
    sign = 1 if low >= 0 else -1 if high <= 0 else 0
    if other.numel() > 1 or low == 0:
        return sign, 1.0
    return sign, abs(low if name == "mul" else 1 / low)


def _is_positive(node: Node, hops: int = 6) -> bool:
    """Whether a learnt number cannot be negative: a square, a softplus, or products and sums of such."""
    if node is None or hops == 0:
        return False
    name = op(node)
    if name in COMPOUND:
        given = constant(node) if name in ("mul", "div") else None
        return (given is None or bool((given >= 0).all())) and all(
            _is_positive(parent, hops - 1) for parent in parents(node)
        )
    return name in POSITIVE


def is_residual(node: Node) -> bool:
    """A square or absolute value of what is learnt minus what is given."""
    below = next(parents(node), None)
    if op(node) not in ("pow", "square", "abs") or below is None or op(below) not in ("sub", "rsub"):
        return False
    return sum(1 for _ in parents(below)) == 1


def _note_sum(objective: Objective, rows: int, factor: float) -> None:
    """A sum over rows is not averaged unless something divides by about as many."""
    if rows >= 4 and abs(factor) > 2 / rows:
        objective.sum_over_batch = rows


def _is_log_likelihood(node: Node, name: str) -> bool:
    """A logarithm of a probability: never above 0, better when larger."""
    if name in ("logsoftmax", "logsigmoid", "logsigmoidforward"):
        return True
    below = [op(parent) for parent in parents(node)]
    if name == "log":
        made_by = probability_below(node)
        return made_by is not None and op(made_by) in ("softmax", "sigmoid")
    return name == "sub" and len(below) == 2 and below[1] == "logsumexp"


def _pick_below(node: Node, hops: int = 6) -> Node | None:
    """``log(p[range(n), classes])``: the operation that picks, where it comes before the logarithm."""
    for _ in range(hops):
        node = next(parents(node), None)
        if node is None or op(node) not in ("clamp", "clampmin", "add", *SHAPES):
            return None
        if op(node) in ("gather", "index"):
            return node
    return None


def probability_below(node: Node, hops: int = 6) -> Node | None:
    """The operation that a logarithm is taken of, with picking, clamping and a small addend between."""
    for _ in range(hops):
        node = next(parents(node), None)
        if node is None or op(node) not in ("clamp", "clampmin", "add", *SHAPES):
            break
    return node


def _survey(root: Node, rows: int, objective: Objective) -> None:
    """Look at every operation above the last weighted layers for broadcasts and wrong axes."""
    queue, seen = [root], {root}
    for node in queue:
        if hasattr(node, "variable") or weight_of(node) is not None:
            continue
        name = op(node)
        objective.ops.append(name)
        if name in ("sub", "rsub", "add", "mul", "div", "expand"):
            objective.broadcast = objective.broadcast or _broadcast(node, rows)
        if name in ("softmax", "logsoftmax"):
            _note_softmax(node, rows, objective)
        for parent in parents(node):
            if parent not in seen and len(seen) < MAX_REGION:
                seen.add(parent)
                queue.append(parent)


def _broadcast(node: Node, rows: int) -> dict[str, list[int]] | None:
    """(N, 1) against (N,): one operand is learnt, and the result has a square of rows."""
    learnt = list(parents(node))
    result = shape(node)
    if len(learnt) != 1 or rows < 2 or result != (rows, rows):
        return None
    prediction = shape(learnt[0])
    if prediction not in ((rows, 1), (rows,)):
        return None
    return {"prediction": list(prediction), "result": list(result)}


def _note_softmax(node: Node, rows: int, objective: Objective) -> None:
    """Over which axis it runs, and over how many scores."""
    dims = shape(node)
    dim = getattr(node, "_saved_dim", None)
    if dim is None or not dims:
        return
    axis = signed(dim, len(dims))
    if len(dims) == 2 and dims[0] == rows and dims[1] > 1 and axis == 0:
        objective.softmax_dim = "batch"
    objective.softmax_width = min(dims[axis], objective.softmax_width or dims[axis])
