"""Where the first NaN or infinity came from: input, target, parameter, or the operation that made it.

And where in the program an exception did.
"""

import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

import torch

from netsitter.observe.anatomy import Anatomy
from netsitter.observe.graph import Node, head_of, op, parents, weight_of

SAVED = ("_saved_result", "_saved_self", "_saved_mat1", "_saved_input")
MAX_NODES = 5000


def is_finite(tensor: torch.Tensor | None) -> bool:
    if tensor is None or not (tensor.is_floating_point() or tensor.is_complex()):
        return True
    values = tensor.detach()
    return bool(torch.isfinite(values.coalesce().values() if values.is_sparse else values).all())


def find_origin(
    loss: torch.Tensor,
    anatomy: Anatomy,
    batch: torch.Tensor | None,
    targets: list[torch.Tensor],
    may_read_saved: bool,
) -> dict[str, Any]:
    """Look along the way that the numbers took: batch, target, parameters, then layer by layer.

    Reads everything once; it is called once, when the loss is already lost.
    """
    is_made = batch is not None and batch.grad_fn is not None  # by another model, of what it was given
    if not is_made and not is_finite(batch):
        return {"kind": "input", "where": _columns(batch)}
    if any(not is_finite(target) for target in targets):
        return {"kind": "target", "where": ["target"]}
    sick = [name for name, parameter in anatomy.parameters() if not is_finite(parameter)]
    if sick:
        return {"kind": "parameter", "where": sick[:8]}
    if loss.grad_fn is not None and may_read_saved:
        made = _first_operation(loss.grad_fn)
        if made is not None:
            node, layer = made
            where = [anatomy.name(layer).removesuffix(".weight")] if layer is not None else []
            return {"kind": "module", "where": where, "operation": op(node)}
    return {"kind": "loss", "where": [], "operation": op(loss.grad_fn) if loss.grad_fn else ""}


def _columns(batch: torch.Tensor | None) -> list[str]:
    """Columns of a table's batch that hold a NaN or infinity."""
    if batch is None or batch.dim() != 2:
        return ["input"]
    sick = (~torch.isfinite(batch.detach())).any(0).nonzero().flatten().tolist()
    return [f"input[:, {column}]" for column in sick[:16]]


def _first_operation(root: Node) -> tuple[Node, torch.Tensor | None] | None:
    """The operation nearest the input among those whose saved values are not finite."""
    queue, seen = [root], {root}
    for node in queue:
        for parent in parents(node):
            if parent not in seen and not hasattr(parent, "variable") and len(seen) < MAX_NODES:
                seen.add(parent)
                queue.append(parent)
    for node in reversed(queue):
        if any(not is_finite(value) for value in _saved(node)):
            weight = weight_of(node)
            return node, head_of(node)[1] if weight is None else weight
    return None


def _saved(node: Node) -> list[torch.Tensor]:
    found = (getattr(node, name, None) for name in SAVED)
    return [value for value in found if isinstance(value, torch.Tensor)]


def raised_at(trace: TracebackType | None) -> str:
    """File and line of the program where the exception was raised."""
    frames = [
        f
        for f in traceback.extract_tb(trace)
        if "torch" not in Path(f.filename).parts and "netsitter" not in Path(f.filename).parts
    ]
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
