"""Initialisers that look at real rows: LSUV, and Krähenbühl's within and between layers.

Both check their own outcome: a layer or unit whose output does not vary cannot be scaled to unit
variance, is left as it is, and is named. No weight becomes non-finite.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

DEAD = 1e-7
"""Outputs of a smaller standard deviation are taken for constant: float32's resolution near 1."""
TOLERANCE = 0.02
"""LSUV stops at a variance this near to 1 (Mishkin & Matas 2015 use 0.1)."""
ROUNDS = 10
"""Corrections of each layer at most, as in both papers."""
DAMPING = 0.25
"""Exponent α of the between-layer correction (Krähenbühl et al. 2015, algorithm 2)."""

Layers = Mapping[str, nn.Module]
Traffic = dict[str, tuple[Tensor, Tensor]]
"""What goes into and comes out of each layer, in the order of execution."""


def lsuv(
    model: nn.Module, layers: Layers, inputs: Sequence[Tensor], generator: torch.Generator | None
) -> list[str]:
    """Scale each layer's weight until its output has unit variance, first to last.

    Mishkin & Matas 2015, "All you need is a good init"; the weights are orthogonal before.
    """
    notes = []
    for name in _observe(model, layers, inputs):
        layer = layers[name]
        for _ in range(ROUNDS):
            spread = float(_observe(model, {name: layer}, inputs)[name][1].std())
            if not math.isfinite(spread) or spread < DEAD:
                notes.append(f"lsuv left {name!r} as it was: its output does not vary on this batch")
                break
            if abs(spread**2 - 1) < TOLERANCE:
                break
            _weight(layer).div_(spread)
    return notes


def data_dependent(
    model: nn.Module, layers: Layers, inputs: Sequence[Tensor], generator: torch.Generator | None
) -> list[str]:
    """Give every unit mean 0 and variance 1, then every linear layer the same rate of change.

    Krähenbühl, Doersch, Donahue & Darrell 2015, algorithms 1 (within layers) and 2 (between).
    """
    notes = []
    order = list(_observe(model, layers, inputs))
    for name in order:
        dead = _normalize_units(layers[name], _observe(model, {name: layers[name]}, inputs)[name][1])
        if dead:
            notes.append(f"data-dependent left {dead} units of {name!r} as they were: they do not vary")
    linear = {name: layers[name] for name in order if isinstance(layers[name], nn.Linear)}
    for _ in range(ROUNDS):
        _equalize_rates(model, linear, inputs, generator)
    return notes


def _normalize_units(layer: nn.Module, output: Tensor) -> int:
    """Algorithm 1 for one layer; returns how many units were constant."""
    channel = output.ndim - 1 if isinstance(layer, nn.Linear) else 1
    units = output.movedim(channel, 0).flatten(1)
    mean, spread = units.mean(1), units.std(1)
    alive = torch.isfinite(spread) & (spread > DEAD)
    mean = torch.where(alive, mean, 0.0)
    spread = torch.where(alive, spread, 1.0)
    weight = _weight(layer)
    weight.div_(spread.reshape(-1, *[1] * (weight.ndim - 1)))
    if isinstance(layer.bias, Tensor):
        layer.bias.sub_(mean).div_(spread)
    return int((~alive).sum())


def _equalize_rates(
    model: nn.Module, layers: Layers, inputs: Sequence[Tensor], generator: torch.Generator | None
) -> None:
    """One round of algorithm 2: C_k² = E‖∂ℓ/∂W_k‖² / ‖W_k‖² for ℓ = a random direction of the output.

    A layer is scaled by r_k = (C_k/C)^(α/2), C the geometric mean, and the one above it by 1/r_k, so
    that a network of ReLUs still computes the same function. Such a step divides C_k by r_k²: a layer
    that would change too fast for its size is made larger.
    """
    with torch.enable_grad():
        traffic = _observe(model, layers, inputs)
        names = list(traffic)
        result = traffic[names[-1]][1]
        direction = torch.randn(result.shape[-1], generator=generator).to(result)
        slopes = torch.autograd.grad((result * direction).sum(), [traffic[name][1] for name in names])
    rates = []
    for name, slope in zip(names, slopes, strict=True):
        power = (slope**2).mean(-1) * (traffic[name][0] ** 2).mean(-1)
        rates.append(float(power.mean() / _weight(layers[name]).pow(2).sum().clamp(min=DEAD)) ** 0.5)
    if not all(math.isfinite(rate) and rate > 0 for rate in rates):
        return
    middle = math.exp(sum(map(math.log, rates)) / len(rates))
    for index, name in enumerate(names[:-1]):
        ratio = (rates[index] / middle) ** (DAMPING / 2)
        _weight(layers[name]).mul_(ratio)
        bias = layers[name].bias
        if isinstance(bias, Tensor):
            bias.mul_(ratio)
        _weight(layers[names[index + 1]]).div_(ratio)


def _observe(model: nn.Module, layers: Layers, inputs: Sequence[Tensor]) -> Traffic:
    """One forward pass in evaluation mode; what went through ``layers``."""
    traffic: Traffic = {}
    names = {layer: name for name, layer in layers.items()}

    def keep(layer: nn.Module, args: tuple[Tensor, ...], output: Tensor) -> None:
        traffic[names[layer]] = (args[0].detach(), output)

    hooks = [layer.register_forward_hook(keep) for layer in layers.values()]
    try:
        with evaluating(model):
            model(*inputs)
    finally:
        for hook in hooks:
            hook.remove()
    return traffic


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Dropout off and batch statistics untouched, and every module's mode as it was afterwards."""
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode


def _weight(layer: nn.Module) -> Tensor:
    assert isinstance(layer.weight, Tensor)
    return layer.weight
