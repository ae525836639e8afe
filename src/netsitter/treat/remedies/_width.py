"""Other widths for hidden layers, before anything was learnt."""

import functools
import math
from typing import Any

import torch
from torch import nn

from netsitter.observe import graph
from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.examine import Exam

WIDEST = 4096


def widened(candidate: Any, factor: float) -> dict[str, Any]:
    """The same for a configuration: other widths for its hidden layers."""
    if candidate.net.hidden:
        return {"net.hidden": tuple(max(1, round(width * factor)) for width in candidate.net.hidden)}
    return {"net.width": max(1, round(candidate.net.width * factor))}


def resize(act: Act, optimizers: list[torch.optim.Optimizer], exam: Exam, factor: float) -> None:
    """Give every hidden linear layer ``factor`` times its units, and draw the weights it concerns anew."""
    widths = _hidden_widths(exam, factor)
    if not widths:
        raise CannotApplyError("No hidden linear layer of torch.nn runs into other linear layers alone.")
    changed = [layer.module for layer in exam.layers if isinstance(layer.module, nn.Linear)]
    takers = _takers(exam)
    for module in dict.fromkeys(changed):
        out = widths.get(id(module.weight), module.out_features)
        sources = [widths[id(w)] for w in takers.get(id(module.weight), []) if id(w) in widths]
        before = sources[0] if sources else module.in_features
        if (out, before) != (module.out_features, module.in_features):
            _redraw(act, optimizers, module, out, before)
    act.took(*(layer.name for layer in exam.layers if id(layer.weight) in widths))
    exam.cancel()


def _takers(exam: Exam) -> dict[int, list[torch.Tensor]]:
    """Layer → the layers whose output it takes."""
    found: dict[int, list[torch.Tensor]] = {}
    for layer in exam.layers:
        found.setdefault(id(layer.weight), []).extend(w for w, _ in graph.feeds(layer.node))
    return found


def _hidden_widths(exam: Exam, factor: float) -> dict[int, int]:
    """New widths by the id of the weight; only of layers that nothing but linear layers of torch.nn takes."""
    modules = {id(layer.weight): layer.module for layer in exam.layers}
    takers = _takers(exam)
    roots = [m for root in exam.roots for m in root.modules()]
    per_unit = {getattr(m, "num_features", None) or _normalized(m) for m in roots} - {None}
    widths: dict[int, int] = {}
    for layer in exam.layers:
        module = modules[id(layer.weight)]
        if type(module) is not nn.Linear or module.out_features in per_unit:
            continue
        taking = [key for key, sources in takers.items() if any(w is layer.weight for w in sources)]
        fits = [
            isinstance(taker := modules[key], nn.Linear)
            and type(taker) is nn.Linear
            and taker.in_features == module.out_features
            and len({id(w) for w in takers[key]}) == 1
            for key in taking
        ]
        if taking and all(fits):
            widths[id(layer.weight)] = max(1, min(WIDEST, round(module.out_features * factor)))
    return widths


def _normalized(module: nn.Module) -> int | None:
    shape = getattr(module, "normalized_shape", None)
    return shape[-1] if shape else None


def _redraw(
    act: Act, optimizers: list[torch.optim.Optimizer], module: nn.Linear, out: int, before: int
) -> None:
    """New parameters of the new shape take the places of the old, in the module and in the optimisers.

    The old ones keep their shape: the graph of the examined iteration still knows them.
    """
    kept = module.out_features, module.in_features
    bound = 1 / math.sqrt(before)
    for name, old in list(module.named_parameters(recurse=False)):
        shape = (out, before) if old.dim() == 2 else (out,)
        drawn = torch.empty(shape).uniform_(-bound, bound, generator=act.generator).to(old)
        new = nn.Parameter(drawn, requires_grad=old.requires_grad)
        _replace(optimizers, module, name, old, new)
        act.when_undone(functools.partial(_replace, optimizers, module, name, new, old))
    module.out_features, module.in_features = out, before
    act.when_undone(functools.partial(_set_widths, module, *kept))


def _set_widths(module: nn.Linear, out: int, before: int) -> None:
    module.out_features, module.in_features = out, before


def _replace(
    optimizers: list[torch.optim.Optimizer],
    module: nn.Module,
    name: str,
    old: torch.Tensor,
    new: nn.Parameter,
) -> None:
    """Where the optimiser makes its state at once (Adagrad), the new parameter gets a fresh one."""
    setattr(module, name, new)
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["params"][:] = [new if p is old else p for p in group["params"]]
        if old in optimizer.state and new not in optimizer.state:
            optimizer.state[new] = {
                key: torch.full_like(new, float(value.flatten()[0]))
                if isinstance(value, torch.Tensor) and value.shape == old.shape
                else value
                for key, value in optimizer.state[old].items()
            }
