"""Which parameters decay, at which rate each kind learns, and the optimisers by name."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from netsitter.errors import UsageError, did_you_mean
from netsitter.nets.blocks import Scaling
from netsitter.nets.embeddings import Tables
from netsitter.nets.normalization import CentredWeightNorm

ROLES = ("weight", "bias", "norm", "scale", "embedding")
NORMS = (nn.modules.batchnorm._NormBase, nn.LayerNorm, nn.GroupNorm)

Group = dict[str, Any]


def parameter_groups(
    model: nn.Module,
    weight_decay: float,
    *,
    rates: Mapping[str, float] | None = None,
    decayed: Iterable[str] = ("weight",),
) -> list[Group]:
    """The trainable parameters by role, each group with its decay and ``lr_scale``.

    Roles are weight, bias, norm, scale (a ``Scaling`` layer's factors, a weight norm's g) and
    embedding. ``decayed`` says which roles decay: biases, norms and scales never should, because
    decay would pull them to 0, where they mean something else. ``rates`` multiplies a role's
    learning rate, for example ``{"scale": 10.0}``.
    """
    rates = rates or {}
    for role in (*rates, *decayed):
        if role not in ROLES:
            raise UsageError(f"there is no parameter role {role!r}.{did_you_mean(role, ROLES)}")
    members: dict[str, list[Tensor]] = {}
    seen: set[Tensor] = set()
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False):
            if parameter.requires_grad and parameter not in seen:
                seen.add(parameter)
                members.setdefault(_role(module, name), []).append(parameter)
    return [
        {
            "params": members[role],
            "role": role,
            "weight_decay": weight_decay if role in decayed else 0.0,
            "lr_scale": rates.get(role, 1.0),
        }
        for role in ROLES
        if members.get(role)
    ]


def _role(module: nn.Module, name: str) -> str:
    if isinstance(module, NORMS):
        return "norm"
    if isinstance(module, Scaling) or (isinstance(module, CentredWeightNorm) and name == "g"):
        return "scale"
    if isinstance(module, nn.Embedding | nn.EmbeddingBag | Tables):
        return "embedding"
    return "bias" if "bias" in name or name == "phase" else "weight"


def _apart_from_compile(kind: type[torch.optim.Optimizer]) -> type[Any]:
    """torch's optimiser without its ties to ``torch.compile``: a class of ours with its name and formula.

    The ties import ``torch._dynamo`` as soon as an optimiser is made: about a second, and nothing here is
    compiled. torch itself stays as it is; a version without such ties loses nothing.
    """
    tied = ("add_param_group", "zero_grad", "state_dict", "step")
    methods = {name: inspect.unwrap(getattr(kind, name)) for name in tied}
    return type(kind.__name__, (kind,), methods | {"step": torch.no_grad()(methods["step"])})


AdamW = _apart_from_compile(torch.optim.AdamW)
Adam = _apart_from_compile(torch.optim.Adam)
SGD = _apart_from_compile(torch.optim.SGD)
RMSprop = _apart_from_compile(torch.optim.RMSprop)


def _adamw(groups: list[Group], lr: float, beta2: float, momentum: float) -> torch.optim.Optimizer:
    return AdamW(groups, lr=lr, betas=(momentum, beta2), fused=True)


def _adam(groups: list[Group], lr: float, beta2: float, momentum: float) -> torch.optim.Optimizer:
    """Decay enters the gradient (L2), not the weights (AdamW)."""
    return Adam(groups, lr=lr, betas=(momentum, beta2), fused=True)


def _sgd(groups: list[Group], lr: float, beta2: float, momentum: float) -> torch.optim.Optimizer:
    return SGD(groups, lr=lr, momentum=momentum, nesterov=momentum > 0, fused=True)


def _rmsprop(groups: list[Group], lr: float, beta2: float, momentum: float) -> torch.optim.Optimizer:
    return RMSprop(groups, lr=lr, alpha=beta2, foreach=True)


Maker = Callable[[list[Group], float, float, float], torch.optim.Optimizer]
OPTIMIZERS: dict[str, Maker] = {"adamw": _adamw, "adam": _adam, "sgd": _sgd, "rmsprop": _rmsprop}


def build_optimizer(
    name: str, groups: list[Group], lr: float, *, momentum: float = 0.9, beta2: float = 0.999
) -> torch.optim.Optimizer:
    """The optimiser of that name over ``parameter_groups``; ``momentum`` is Adam's β₁.

    Raises UsageError if there is none of that name.
    """
    if name not in OPTIMIZERS:
        raise UsageError(f"there is no optimiser {name!r}.{did_you_mean(name, OPTIMIZERS)}")
    optimizer = OPTIMIZERS[name](_merged(groups), lr, beta2, momentum)
    set_rate(optimizer, lr)
    return optimizer


def _merged(groups: list[Group]) -> list[Group]:
    """Groups alike in all but their parameters as one: every group costs a call of its own each step."""
    merged: dict[tuple[float, float], Group] = {}
    for group in groups:
        alike = merged.setdefault((group["weight_decay"], group["lr_scale"]), {**group, "params": []})
        alike["params"] += group["params"]
    return list(merged.values())


def set_rate(optimizer: torch.optim.Optimizer, lr: float) -> None:
    """Set the learning rate; each group takes its ``lr_scale`` of it."""
    for group in optimizer.param_groups:
        group["lr"] = lr * group.get("lr_scale", 1.0)
