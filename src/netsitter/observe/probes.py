"""What is measured on a sampled step. Everything stays a tensor until one stacked copy fetches it.

No probe draws random numbers, changes a mode or writes to a tensor of the program.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import torch

from netsitter.observe.graph import Node

_foreach_norm: Any = vars(torch)["_foreach_norm"]
_foreach_sub: Any = vars(torch)["_foreach_sub"]

Named = list[tuple[str, torch.Tensor]]
Numbers = dict[str, torch.Tensor | float]

SLICE = 65_536
"""Elements of a parameter that are compared before and after a step; a bound on memory."""
ROWS = 1024
"""Rows of a batch that statistics are taken of."""
CLASSES_MAX = 4096
FLAT_TANH = 0.99**0.5
"""tanh' = 1 - y² falls under 1 % of its largest value, 1."""
FLAT_SIGMOID = (1 + 0.99**0.5) / 2
"""sigmoid' = y(1 - y) falls under 1 % of its largest value, 1/4."""


def first_rows(values: torch.Tensor) -> torch.Tensor:
    """The first rows, out of the graph and in single precision; a lone number stays as it is."""
    return (values.detach()[:ROWS] if values.dim() else values.detach()).float()


def fetch(numbers: Mapping[str, torch.Tensor | float]) -> dict[str, float]:
    """Every number as a float, with one copy a device. Price: one stack and one synchronisation."""
    fetched = {name: float(v) for name, v in numbers.items() if not isinstance(v, torch.Tensor)}
    by_device: dict[torch.device, Named] = {}
    for name, value in numbers.items():
        if isinstance(value, torch.Tensor):
            by_device.setdefault(value.device, []).append((name, value))
    for group in by_device.values():
        stacked = torch.stack([value.detach().to(torch.float32).reshape(()) for _, value in group])
        fetched.update(zip((name for name, _ in group), stacked.tolist(), strict=True))
    return {n: v for n, v in fetched.items() if not (n.startswith("init/gain/") and math.isnan(v))}


def gradients(named: Named, scale: float) -> Numbers:
    """Raw gradient norms and the share |g| / |w|; two fused passes over the gradients, one over the weights.

    ``scale`` is AMP's loss scale, divided out.
    """
    with_gradient = [(name, p, _dense(p.grad)) for name, p in named if p.grad is not None]
    if not with_gradient:
        return {}
    grads = [g for _, _, g in with_gradient]
    norms = _foreach_norm(grads)
    means = _foreach_norm(grads, 1)
    sizes = _foreach_norm([p.detach() for _, p, _ in with_gradient], 1)
    numbers: Numbers = {"grad_norm": _total(norms) / scale}
    for (name, _, _), norm, mean, size in zip(with_gradient, norms, means, sizes, strict=True):
        numbers[f"grad_norm/{name}"] = norm / scale
        numbers[f"grad_share/{name}"] = mean / scale / size.clamp_min(1e-30)
    return numbers


def stepped_norm(parameters: Iterable[torch.Tensor]) -> torch.Tensor | None:
    """Norm of the gradient as the optimiser sees it."""
    grads = [_dense(p.grad) for p in parameters if p.grad is not None]
    return _total(_foreach_norm(grads)) if grads else None


def snapshot(named: Named) -> list[torch.Tensor]:
    """Copies of the first elements of each parameter, to be compared after the step."""
    return [_part(p).clone() for _, p in named]


def updates(named: Named, before: list[torch.Tensor]) -> Numbers:
    """‖Δw‖ / ‖w‖ of each parameter, and ‖w‖."""
    parts = [_part(p) for _, p in named]
    changes = _foreach_norm(_foreach_sub(parts, before))
    sizes = _foreach_norm(before)
    norms = _foreach_norm([p.detach() for _, p in named])
    numbers: Numbers = {"weight_norm": _total(norms)}
    for (name, _), change, size, norm in zip(named, changes, sizes, norms, strict=True):
        numbers[f"weight_norm/{name}"] = norm
        numbers[f"update_ratio/{name}"] = change / size.clamp_min(1e-30)
    return numbers


def initial(named: Named) -> Numbers:
    """Zeros, equal rows and spread of each weight matrix, before the first step."""
    numbers: Numbers = {}
    for name, parameter in named:
        if parameter.dim() < 2 or parameter.numel() < 4 or not parameter.is_floating_point():
            continue
        rows = parameter.detach()[:256].flatten(1)[:, :4096]
        numbers[f"init/zero/{name}"] = (rows == 0).float().mean()
        numbers[f"init/weight_std/{name}"] = rows.float().std(unbiased=False)
        if len(rows) > 1:
            equal = (rows == rows[:1]).all(1).float()
            numbers[f"init/symmetric/{name}"] = (equal.sum() - 1) / (len(rows) - 1)
    return numbers


def inputs(batch: torch.Tensor) -> Numbers:
    """Range, scale and constancy of a batch of numbers, shape (N, …)."""
    values = first_rows(batch)
    numbers = _spread("input", values)
    if values.dim() >= 2 and len(values) >= 2 and values[0].numel() <= 1 << 20:
        flat = values.flatten(1)
        constant = (flat == flat[:1]).all(0)
        numbers["input/constant"] = constant.float().mean()
        if values.dim() == 2 and values.shape[1] >= 2:
            size = flat.square().mean(0).sqrt()
            varying = size[~constant] if flat.device.type == "cpu" else size
            if varying.numel() >= 2:
                numbers["input/scale_ratio"] = varying.max() / varying.median().clamp_min(1e-30)
    return numbers


def columns(batch: torch.Tensor) -> dict[str, list[float]] | None:
    """Statistics of each column of an (N, F) batch, for the header."""
    if batch.dim() != 2 or not batch.is_floating_point() or len(batch) < 2:
        return None
    values = batch.detach()[:ROWS, :256].double()
    named = {"mean": values.mean(0), "std": values.std(0, unbiased=False)}
    named |= {"min": values.amin(0), "max": values.amax(0)}
    return {name: [round(v, 9) if math.isfinite(v) else v for v in t.tolist()] for name, t in named.items()}


def outputs(prediction: torch.Tensor) -> Numbers:
    """What the loss is given, shape (N,) or (N, C) or (N, C, …)."""
    values = first_rows(prediction)
    numbers = _spread("output", values)
    numbers["output/zero_share"] = (values == 0).float().mean()
    if values.dim() == 0:
        return numbers
    width = values.shape[1] if values.dim() >= 2 else 1
    numbers["output/width"] = width
    if len(values) >= 2:
        numbers["output/row_std"] = values.std(0, unbiased=False).mean()
    if values.dim() >= 2 and 2 <= width <= 65_536:
        numbers["output/row_sum"] = (values.sum(1) - 1).abs().mean()
        numbers["output/logsumexp"] = values.logsumexp(1).abs().mean()
    return numbers


def activation(kind: str, node: Node) -> Numbers:
    """Dead or saturated share of an activation's saved result; shape (N, units, …)."""
    result = node._saved_result.detach()[:ROWS]
    numbers: Numbers = {"act_out_std": result.float().std(unbiased=False)}
    if kind == "relu" and result.dim() >= 2 and len(result) >= 2:
        # Convolutions: a unit is a channel, dead when 0 at every place of every row.
        places = [0, *range(2, result.dim())] if result.dim() >= 4 else list(range(result.dim() - 1))
        numbers["dead"] = (
            (result <= 0).all(places[0]).float().mean() if len(places) == 1 else _all_dead(result, places)
        )
    elif kind == "tanh":
        numbers["saturated"] = (result.abs() > FLAT_TANH).float().mean()
    elif kind == "sigmoid":
        numbers["saturated"] = ((result - 0.5).abs() > FLAT_SIGMOID - 0.5).float().mean()
    return numbers


def _all_dead(result: torch.Tensor, places: list[int]) -> torch.Tensor:
    return (result.amax(dim=places) <= 0).float().mean()


def _spread(prefix: str, values: torch.Tensor) -> Numbers:
    finite = torch.isfinite(values)
    clean = torch.where(finite, values, 0.0)
    return {
        f"{prefix}/mean": clean.mean(),
        f"{prefix}/std": clean.std(unbiased=False),
        f"{prefix}/min": clean.amin(),
        f"{prefix}/max": clean.amax(),
        f"{prefix}/nonfinite": 1 - finite.float().mean(),
    }


spread_of = _spread


def _total(norms: Iterable[torch.Tensor]) -> torch.Tensor:
    norms = list(norms)
    first = norms[0].device
    return torch.linalg.vector_norm(torch.stack([norm.to(first, torch.float32) for norm in norms]))


def _dense(gradient: torch.Tensor) -> torch.Tensor:
    """Sparse gradients by their values; rows that are not there are 0."""
    return gradient.coalesce().values() if gradient.is_sparse else gradient.detach()


def _part(parameter: torch.Tensor) -> torch.Tensor:
    flat = parameter.detach()
    return flat.view(-1)[:SLICE] if flat.is_contiguous() else flat.reshape(-1)[:SLICE]
