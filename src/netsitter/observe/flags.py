"""Labels of 0 and 1 that enter a hand-written loss as factors: of a probability, as in an overlap, or of a
score, as in a margin.
"""

import torch

from netsitter.observe.graph import SHAPES, Node, constant, op, parents

PROBABILITIES = ("sigmoid", "softmax")
MARGINS = ("clamp", "clampmin", "relu", "softplus")
SHIFTS = ("sub", "rsub", "add", "neg")
MAX_HOPS = 4


def are_flags(values: torch.Tensor | None) -> bool:
    """Whether these are zeros and ones, of both some, whatever the ones' sign."""
    if values is None or values.numel() < 2 or values.is_complex():
        return False
    low, high = float(values.amin()), float(values.amax())
    return (low, high) in ((0.0, 1.0), (-1.0, 0.0)) and bool((values.abs() == values.square()).all())


def is_overlap(node: Node) -> bool:
    """A probability times labels that are mostly 0: what both have in common.

    Of labels that are mostly 1, as of the classes that are wrong, the product is an error.
    """
    given = constant(node)
    if given is None or not are_flags(given) or not 0 < float(given.float().mean()) < 0.5:
        return False
    return _name(next(parents(node), None)) in PROBABILITIES


def is_margin(node: Node) -> bool:
    """A hinge, or a smooth one, of a score times labels of 0 and 1: of those that are 0 nothing is asked."""
    if op(node) == "pow":
        node = next(parents(node), None)
    if node is None or op(node) not in MARGINS:
        return False
    for _ in range(MAX_HOPS):
        node = _past_shapes(next(parents(node), None))
        if node is None:
            return False
        if op(node) == "mul":
            return are_flags(constant(node)) and _name(next(parents(node), None)) not in PROBABILITIES
        if op(node) not in SHIFTS or sum(1 for _ in parents(node)) != 1:
            return False
    return False


def _past_shapes(node: Node) -> Node:
    """The operation that made the numbers, wherever they lie now."""
    while node is not None and op(node) in SHAPES and (below := next(parents(node), None)) is not None:
        node = below
    return node


def _name(node: Node) -> str:
    """Of the operation that made the numbers; empty where none did."""
    made_by = _past_shapes(node)
    return "" if made_by is None else op(made_by)
