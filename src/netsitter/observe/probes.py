"""What is measured on a sampled step. Everything stays a tensor until one stacked copy fetches it.

No probe draws random numbers, changes a mode or writes to a tensor of the program.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch

from netsitter.observe.graph import Node

_foreach_norm: Any = vars(torch)["_foreach_norm"]
_foreach_sub: Any = vars(torch)["_foreach_sub"]

Named = list[tuple[str, torch.Tensor]]
Names = str | tuple[str, ...]
Numbers = dict[Names, torch.Tensor | float]
"""A number by its name, or a vector by the names of its elements: one operation for all parameters."""

SLICE = 65_536
"""Elements of a parameter that are compared before and after a step; a bound on memory."""
ROWS = 1024
"""Rows of a batch that statistics are taken of."""
CLASSES_MAX = 4096
SPREAD = 0.01
"""Share of the mean square that a variance must be to be told from it: of single precision's seven digits
two are lost then."""
FLAT_TANH = 0.99**0.5
"""tanh' = 1 - y² falls under 1 % of its largest value, 1."""
FLAT_SIGMOID = (1 + 0.99**0.5) / 2
"""sigmoid' = y(1 - y) falls under 1 % of its largest value, 1/4."""


def first_rows(values: torch.Tensor) -> torch.Tensor:
    """The first rows, out of the graph and in single precision; a lone number stays as it is."""
    return (values.detach()[:ROWS] if values.dim() else values.detach()).float()


def fetch(numbers: Mapping[Any, torch.Tensor | float]) -> dict[str, float]:
    """Every number as a float, with one copy a device. Price: one stack and one synchronisation."""
    fetched: dict[str, float] = {}
    by_device: dict[torch.device, list[tuple[Names, torch.Tensor]]] = {}
    for name, value in numbers.items():
        if not isinstance(value, torch.Tensor):
            fetched[name] = float(value)
        elif not value.is_cpu:
            by_device.setdefault(value.device, []).append((name, value))
        elif isinstance(name, str):
            fetched[name] = float(value.item())
        else:
            fetched.update(zip(name, value.tolist(), strict=True))
    for group in by_device.values():
        names = [n for name, _ in group for n in ((name,) if isinstance(name, str) else name)]
        values = torch.cat([value.detach().reshape(-1).to(torch.float32) for _, value in group])
        fetched.update(zip(names, values.tolist(), strict=True))
    return {n: v for n, v in fetched.items() if v == v or not n.startswith("init/gain/")}


def gradients(named: Named, scale: float) -> Numbers:
    """Raw gradient norms ‖g‖ and shares ‖g‖ / ‖w‖; one fused pass over gradients and one over weights.

    The share says how fast a parameter would move, measured by its own size: the inverse of the ratio by
    which LARS scales a layer's rate (You, Gitman and Ginsburg, 2017). ``scale`` is AMP's loss scale,
    divided out.
    """
    moved = [(name, p, _dense(p.grad)) for name, p in named if p.grad is not None]
    if not moved:
        return {}
    norms = _norms([gradient for _, _, gradient in moved]) / scale
    sizes = _norms([p.detach() for _, p, _ in moved])
    return {
        "grad_norm": torch.linalg.vector_norm(norms),
        tuple(f"grad_norm/{name}" for name, _, _ in moved): norms,
        tuple(f"grad_share/{name}" for name, _, _ in moved): norms / sizes.clamp_min(1e-30),
    }


def stepped_norm(parameters: Iterable[torch.Tensor]) -> torch.Tensor | None:
    """Norm of the gradient as the optimiser sees it."""
    grads = [_dense(p.grad) for p in parameters if p.grad is not None]
    return torch.linalg.vector_norm(_norms(grads)) if grads else None


def versions(named: Named) -> dict[int, tuple[int, int]]:
    """Which gradient each parameter has, and how often it was written to."""
    return {id(p): (id(p.grad), p.grad._version) for _, p in named if p.grad is not None}


def snapshot(named: Named) -> list[torch.Tensor]:
    """Copies of the first elements of each parameter, to be compared after the step."""
    return [_part(p).clone() for _, p in named]


def updates(named: Named, before: list[torch.Tensor]) -> Numbers:
    """‖Δw‖ / ‖w‖ of each parameter, and ‖w‖."""
    names = [name for name, _ in named]
    changes = _norms(_foreach_sub([_part(p) for _, p in named], before))
    sizes = _norms(before).clamp_min(1e-30)
    norms = _norms([p.detach() for _, p in named])
    return {
        "weight_norm": torch.linalg.vector_norm(norms),
        tuple(f"weight_norm/{name}" for name in names): norms,
        tuple(f"update_ratio/{name}" for name in names): changes / sizes,
    }


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
    if values.dim() < 2 or len(values) < 2 or values[0].numel() > 1 << 20:
        return spread_of("input", values)
    flat = values.flatten(1)
    low, high = flat.amin(0), flat.amax(0)
    numbers = spread_of("input", values, low, high)
    constant = low == high
    numbers["input/constant"] = constant.float().mean()
    if values.dim() == 2 and values.shape[1] >= 2:
        size = flat.square().mean(0).sqrt()
        varying = size[~constant] if flat.device.type == "cpu" else size
        if varying.numel() >= 2:
            numbers["input/scale_ratio"] = varying.max() / varying.median().clamp_min(1e-30)
    return numbers


def tokens(batch: torch.Tensor | None, target: torch.Tensor | None) -> Numbers:
    """Constancy of rows of whole numbers with one answer each; sequences may repeat."""
    if batch is None or batch.is_floating_point() or batch.dim() < 2 or len(batch) < 2:
        return {}
    if target is None or target.numel() != len(batch):
        return {}
    return {"input/constant": (batch == batch[:1]).all(0).float().mean()}


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
    numbers = spread_of("output", values)
    numbers["output/zero_share"] = 1 - torch.count_nonzero(values) / max(values.numel(), 1)
    if values.dim() == 0:
        return numbers
    width = values.shape[1] if values.dim() >= 2 else 1
    numbers["output/width"] = width
    if len(values) >= 2:
        numbers["output/row_std"] = (values - values.mean(0)).square_().mean(0).sqrt().mean()
    if values.dim() >= 2 and 2 <= width <= 65_536:
        numbers["output/row_sum"] = (values.sum(1) - 1).abs().mean()
        numbers["output/logsumexp"] = values.logsumexp(1).abs().mean()
    return numbers


def activation(kind: str, node: Node) -> Numbers:
    """Dead or saturated share of an activation's saved result; shape (N, units, …)."""
    result = node._saved_result.detach()[:ROWS]
    numbers: Numbers = {"act_out_std": std_of(result.float())}
    if kind == "relu" and result.dim() >= 2 and len(result) >= 2:
        # Convolutions: a unit is a channel, dead when 0 at every place of every row.
        highest = result.amax(0)
        if result.dim() >= 3:
            highest = highest.flatten(1).amax(1) if result.dim() >= 4 else highest.amax(0)
        numbers["dead"] = (highest <= 0).float().mean()
    elif kind == "tanh":
        numbers["saturated"] = (result.abs() > FLAT_TANH).float().mean()
    elif kind == "sigmoid":
        numbers["saturated"] = ((result - 0.5).abs() > FLAT_SIGMOID - 0.5).float().mean()
    return numbers


def spread_of(
    prefix: str, values: torch.Tensor, low: torch.Tensor | None = None, high: torch.Tensor | None = None
) -> Numbers:
    """Mean, spread and range of the finite values, and the share of the others.

    ``low`` and ``high`` are smallest and largest values of parts of them, where these are known.
    """
    mean = values.mean()
    if values.is_cpu and math.isfinite(mean.item()):
        return {
            f"{prefix}/mean": mean,
            f"{prefix}/std": std_of(values, mean),
            f"{prefix}/min": (values if low is None else low).amin(),
            f"{prefix}/max": (values if high is None else high).amax(),
            f"{prefix}/nonfinite": 0.0,
        }
    finite = torch.isfinite(values)
    clean = torch.where(finite, values, 0.0)
    return {
        f"{prefix}/mean": clean.mean(),
        f"{prefix}/std": clean.std(unbiased=False),
        f"{prefix}/min": clean.amin(),
        f"{prefix}/max": clean.amax(),
        f"{prefix}/nonfinite": 1 - finite.float().mean(),
    }


def std_of(values: torch.Tensor, mean: torch.Tensor | None = None) -> torch.Tensor:
    """Standard deviation over all values; a tenth of the price of ``torch.std`` on the CPU."""
    if not values.is_cpu:
        return values.std(unbiased=False)
    count = max(values.numel(), 1)
    mean = values.mean() if mean is None else mean
    centre, norm = mean.item(), torch.linalg.vector_norm(values)
    square = norm.item() ** 2 / count
    if math.isfinite(square) and square - centre**2 > SPREAD * square:
        return norm.new_tensor((square - centre**2) ** 0.5)
    centred = values - mean  # the difference of the squares would be rounding, or they are too large
    norm = torch.linalg.vector_norm(centred)
    if math.isinf(norm.item()):
        norm = torch.linalg.vector_norm(centred, dtype=torch.float64).float()
    return norm / count**0.5


def _norms(tensors: Sequence[torch.Tensor]) -> torch.Tensor:
    """The norm of each as one vector, on the device of the first."""
    norms = _foreach_norm(tensors)
    first = norms[0].device
    return torch.stack([norm if norm.device == first else norm.to(first) for norm in norms]).float()


def _dense(gradient: torch.Tensor) -> torch.Tensor:
    """Sparse gradients by their values; rows that are not there are 0."""
    return gradient.coalesce().values() if gradient.is_sparse else gradient.detach()


def _part(parameter: torch.Tensor) -> torch.Tensor:
    flat = parameter.detach()
    return flat.view(-1)[:SLICE] if flat.is_contiguous() else flat.reshape(-1)[:SLICE]
