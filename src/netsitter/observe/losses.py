"""Loss functions as they are called: prediction, target, reduction; what targets look like over time."""

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

import torch
from torch._C._functorch import is_functorch_wrapped_tensor

from netsitter.observe.graph import LOSS_NODES, REDUCTIONS, SHAPES, Node, op, parents, weight_of
from netsitter.observe.objective import Objective, Term, is_residual, probability_below
from netsitter.observe.probes import ROWS, Numbers, first_rows, spread_of

CLASSIFIERS = {
    "cross_entropy",
    "nll_loss",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "multi_margin_loss",
    "log_likelihood",
}
REGRESSIONS = {"mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"}
BINARY = {"binary_cross_entropy": 0.5, "binary_cross_entropy_with_logits": 0.0}
"""Predictions above these are the positive class."""
KNOWN = set(LOSS_NODES.values())
MAX_CLASSES = 10_000
MAX_OUTPUTS = 64
"""A last layer with no more outputs than these is cheap to work out again."""


@dataclass(frozen=True, kw_only=True)
class LossCall:
    """One call of a loss function."""

    name: str
    prediction: torch.Tensor
    target: torch.Tensor | None
    reduction: str
    value: torch.Tensor | None = None
    made_by: Node = None
    """The operation that made the prediction, where the prediction does not say so itself."""

    @property
    def target_range(self) -> dict[str, float]:
        target = self.target
        if target is None or target.numel() == 0 or target.is_complex():
            return {}
        return {"target_min": float(target.min()), "target_max": float(target.max())}

    def facts(self, sign: int) -> dict[str, Any]:
        target = self.target
        return {
            "name": self.name,
            "reduction": self.reduction,
            "prediction_shape": list(self.prediction.shape),
            "target_shape": None if target is None else list(target.shape),
            "target_dtype": None if target is None else str(target.dtype).removeprefix("torch."),
            "sign": sign,
        }


def call_of(name: str, args: tuple[Any, ...], kwargs: dict[str, Any], value: Any) -> LossCall | None:
    """The call as data; None for what has no prediction tensor."""
    prediction = args[0] if args else kwargs.get("input", kwargs.get("anchor"))
    target = args[1] if len(args) > 1 else kwargs.get("target")
    if not isinstance(prediction, torch.Tensor) or is_functorch_wrapped_tensor(prediction):
        return None  # inside torch.func's grad and vmap there are no numbers to read
    reduction = kwargs.get("reduction", "mean")
    if kwargs.get("size_average") is False:  # how a sum was asked for before there was `reduction`
        reduction = "sum"
    return LossCall(
        name=name,
        prediction=prediction,
        target=target if isinstance(target, torch.Tensor) else None,
        reduction=reduction if isinstance(reduction, str) else "mean",
        value=value if isinstance(value, torch.Tensor) else None,
    )


def call_from_graph(term: Term, loss: torch.Tensor) -> LossCall | None:
    """The same for a loss function that was imported by name: autograd has kept what it was given."""
    node: Node = term.node
    prediction = getattr(node, "_saved_self", None)
    # A square that is written out keeps what it was given, too: the residual, and no prediction.
    if prediction is None or term.name not in KNOWN:
        return None
    name, below = term.name, next(parents(node), None)
    if name == "nll_loss" and below is not None and op(below) == "logsoftmax":
        # Cross-entropy is the two in a row; apart they compute the same.
        name, below = "cross_entropy", next(parents(below), None)
    return LossCall(
        name=name,
        prediction=prediction,
        target=getattr(node, "_saved_target", None),
        reduction=REDUCTIONS[getattr(node, "_saved_reduction", 1)],
        value=loss if loss.grad_fn is node else None,
        made_by=below,
    )


def call_by_hand(objective: Objective, output: torch.Tensor | None) -> LossCall | None:
    """A loss written out in the program: what the model gave, and the target where the graph shows it.

    A squared or absolute difference keeps the residual, so that the target is prediction minus
    residual; a likelihood keeps the classes that were picked. Otherwise the target stays unknown.
    """
    if not objective.terms:
        return None
    term = objective.terms[0]
    node, name = term.node, op(term.node)
    if term.name == "log_likelihood" and (classes := _picked(objective.picked)) is not None:
        return _likelihood(node, classes, output)
    below: Node = next(parents(node), None)
    is_squared = name == "pow" and getattr(node, "_saved_exponent", None) == 2
    if below is not None and (is_squared or name == "abs") and is_residual(node):
        residual: torch.Tensor = node._saved_self.detach()
        made_by: Node = next(parents(below))
        prediction = _known_value(made_by, output)
        # Of an output that has overflowed no target can be told: infinity minus infinity.
        is_known = prediction is not None and bool(prediction.isfinite().all())
        if prediction is not None and is_known and residual.numel() == prediction.numel():
            prediction = prediction.reshape(residual.shape)
            is_first = op(below) == "sub" and below.next_functions[0][0] is not None
            target = prediction.detach() - residual if is_first else prediction.detach() + residual
            return LossCall(
                name="mse_loss" if is_squared else "l1_loss",
                prediction=prediction,
                target=_unrounded(target, prediction),
                reduction="mean",
                made_by=made_by,
            )
    if output is None:
        return None
    return LossCall(name="custom", prediction=output, target=None, reduction="none")


def _likelihood(node: Node, classes: torch.Tensor, output: torch.Tensor | None) -> LossCall | None:
    """What a likelihood is taken of: the model's output, or the probabilities that autograd has kept."""
    kept = node if op(node) == "logsoftmax" else probability_below(node)
    if output is None or len(output) != len(classes):
        output = getattr(kept, "_saved_result", None)
    if output is None or output.dim() < 2 or len(output) != len(classes):
        return None
    below = None if kept is None else kept if op(kept) != "logsoftmax" else next(parents(kept), None)
    return LossCall(name="log_likelihood", prediction=output, target=classes, reduction="mean", made_by=below)


def _known_value(node: Node, output: torch.Tensor | None, hops: int = 6) -> torch.Tensor | None:
    """What an operation made: the model's output, what autograd has kept, or a last layer worked out anew."""
    for _ in range(hops):
        name = op(node)
        if output is not None and node is output.grad_fn:
            return output
        kept = getattr(node, "_saved_result", None)
        if kept is not None:
            return kept
        if name in ("add", "mm", "addmm"):
            return _linear(node, name)
        if name not in SHAPES or (node := next(parents(node), None)) is None:
            return None
    return None


def _linear(node: Node, name: str) -> torch.Tensor | None:
    """Rows times weights plus bias, of a layer with few outputs; None where not all of it was kept."""
    if name == "add":
        sides = list(parents(node))
        product = next((side for side in sides if op(side) == "mm"), None)
        bias = next((v for side in sides if (v := getattr(side, "variable", None)) is not None), None)
        made = _linear(product, "mm") if product is not None and bias is not None else None
        return None if made is None or bias is None else made + bias.detach()
    rows = getattr(node, "_saved_mat1" if name == "addmm" else "_saved_self", None)
    weight = weight_of(node)
    if rows is None or weight is None:
        return None
    weight = weight.detach() if weight.shape[0] == rows.shape[1] else weight.detach().T
    if weight.shape[0] != rows.shape[1] or weight.shape[1] > MAX_OUTPUTS:
        return None
    if name == "mm":
        return rows.detach() @ weight
    bias = getattr(node.next_functions[0][0], "variable", None)
    return None if bias is None else rows.detach() @ weight + bias.detach()


def _unrounded(target: torch.Tensor, prediction: torch.Tensor) -> torch.Tensor:
    """Whole numbers again, where subtracting the prediction has only put rounding on top of them."""
    whole = target.round()
    slack = 8 * torch.finfo(target.dtype).eps * prediction.detach().abs().amax().clamp_min(1.0)
    return whole if bool(((target - whole).abs() <= slack).all()) else target


def _picked(node: Node | None) -> torch.Tensor | None:
    """The classes that ``scores[range(n), classes]`` or ``scores.gather(1, classes)`` picks."""
    if node is None:
        return None
    index = getattr(node, "_saved_index", None)
    if index is None:
        given = [i for i in getattr(node, "_saved_indices", ()) if isinstance(i, torch.Tensor)]
        index = given[-1] if given else None
    if index is None or index.is_floating_point() or index.dtype == torch.bool:
        return None
    return index.flatten()


class Targets:
    """Classes seen so far, and what one batch of targets looks like."""

    def __init__(self) -> None:
        self.classes: Counter[float] = Counter()
        self.low, self.high = math.inf, -math.inf
        """The range of real targets seen so far."""

    def look(self, call: LossCall) -> Numbers:
        """Numbers of the batch's targets; remembers their classes."""
        target = call.target
        if target is None or target.is_complex() or target.numel() == 0:
            return {}
        values = first_rows(target)
        numbers = spread_of("target", values)
        distinct, counts = torch.unique(values.flatten()[:ROWS], return_counts=True)
        numbers["target/distinct"] = len(distinct)
        numbers["target/integer"] = float(bool((distinct == distinct.round()).all()))
        if values.dim() == 2 and values.shape[1] > 1:
            numbers["target/copied"] = float(bool((values == values[:, :1]).all()))
        if values.dim() >= 2 and values[0].numel() > 1 and len(values) > 1:
            numbers["target/row_std"] = (values - values.mean(0)).square_().mean(0).sqrt().mean()
        if self.is_classes(call):
            whole, times = distinct.tolist(), counts.tolist()
            if len(self.classes) < MAX_CLASSES:
                self.classes.update(dict(zip(whole, times, strict=True)))
            numbers["target/classes"] = len(self.classes)
            if sum(times) > 1:  # a batch of one row is of one class
                numbers["target/top_share"] = max(times) / sum(times)
            numbers["target/top_share_all"] = max(self.classes.values()) / self.classes.total()
        elif values.device.type == "cpu":
            self.low, self.high = min(self.low, float(values.min())), max(self.high, float(values.max()))
        return numbers

    @staticmethod
    def is_classes(call: LossCall) -> bool:
        """Class indices, or 0/1 labels of a binary loss."""
        target = call.target
        if target is None:
            return False
        if not target.is_floating_point():
            return True
        return call.name in BINARY and bool(((target == 0) | (target == 1)).all())

    def has_seen(self, enough: int) -> bool:
        """Whether enough targets were seen to tell what is new."""
        return self.classes.total() >= enough or self.low < self.high

    def unseen(self, targets: torch.Tensor) -> float:
        """Share of targets whose class, or range, no training batch has shown; NaN where the two cannot be
        compared, as soft labels in training and class numbers in validation."""
        values = targets.detach().flatten()[:8192].float()
        if self.classes:
            return sum(value not in self.classes for value in values.tolist()) / max(len(values), 1)
        if not targets.is_floating_point():
            return math.nan
        return float(((values < self.low) | (values > self.high)).float().mean())
