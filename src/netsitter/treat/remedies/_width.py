"""Other widths for hidden layers, before anything was learnt."""

import math
from typing import Any

import torch
from torch import nn

from netsitter.observe import graph
from netsitter.observe.training import held
from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.examine import Exam

WIDEST = 4096


def resize(act: Act, exam: Exam, factor: float) -> None:
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
            _redraw(act, module, out, before)
    _forget_state(act, exam.optimizer)
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


@torch.no_grad()
def _redraw(act: Act, module: nn.Linear, out: int, before: int) -> None:
    kept = module.out_features, module.in_features, [(p, p.data, p.grad) for p in module.parameters()]
    bound = 1 / math.sqrt(before)
    for parameter in module.parameters():
        shape = (out, before) if parameter.dim() == 2 else (out,)
        drawn = torch.empty(shape).uniform_(-bound, bound, generator=act.generator)
        parameter.grad = None
        parameter.data = drawn.to(parameter)
    module.out_features, module.in_features = out, before

    def put_back() -> None:
        module.out_features, module.in_features, parameters = kept
        for parameter, data, gradient in parameters:
            parameter.grad = None
            parameter.data = data
            parameter.grad = gradient

    act.when_undone(put_back)


def _forget_state(act: Act, optimizer: torch.optim.Optimizer) -> None:
    """Some optimisers (Adagrad) make their state at once: it would have the old shape."""
    before: dict[Any, Any] = {p: optimizer.state[p] for p in held(optimizer) if p in optimizer.state}
    for parameter, state in before.items():
        sums = [key for key, value in state.items() if isinstance(value, torch.Tensor) and value.dim()]
        if any(state[key].shape != parameter.shape for key in sums):
            fresh = {k: torch.zeros_like(parameter) if k in sums else v for k, v in state.items()}
            optimizer.state[parameter] = fresh
    act.when_undone(lambda: optimizer.state.update(before))
