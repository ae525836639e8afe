"""Step by Adam instead of the program's optimiser.

## What it does
Adam with decoupled weight decay takes each step from the gradients at hand; the program's optimiser then
finds none. The rate is ``lr``, and follows the program's schedule.

## When it helps
Plain gradient descent crawls along ravines: deep, badly scaled or recurrent networks.

## When it hurts
Where gradient descent was tuned: it may end a little better.

## How it is undone
The program's optimiser steps again; the averages are forgotten.

## References
Kingma and Ba, Adam: a method for stochastic optimization, 2015, algorithm 1. Loshchilov and Hutter,
Decoupled weight decay regularization, 2019.
"""

from typing import Any

import torch

from netsitter.observe.training import held
from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.patient import Patient

FIRST, SECOND, EPS = 0.9, 0.999, 1e-8
ADAPTIVE = ("Adam", "AdamW", "NAdam", "RAdam", "Adamax", "SparseAdam")
Averages = dict[int, tuple[torch.Tensor, torch.Tensor]]


def apply(patient: Patient, act: Act, lr: float = 1e-3) -> None:
    averages: Averages = {}
    start: dict[int, float] = {}
    taken = {"steps": 0}
    kept: list[tuple[torch.Tensor, torch.Tensor]] = []

    def step(optimizer: torch.optim.Optimizer) -> None:
        if type(optimizer).__name__ in ADAPTIVE or isinstance(optimizer, torch.optim.LBFGS):
            raise CannotApplyError(f"{type(optimizer).__name__} is no plain gradient descent.")
        taken["steps"] += 1
        for group in optimizer.param_groups:
            rate = float(group["lr"])
            peak = start.setdefault(id(group), rate) or 1.0
            for parameter in group["params"]:
                if parameter.grad is not None and not parameter.grad.is_sparse:
                    decay = float(group.get("weight_decay") or 0.0)
                    move(parameter, averages, lr * rate / peak, decay, taken["steps"])
        for parameter in held(optimizer):
            if parameter.grad is not None:
                kept.append((parameter, parameter.grad))
                parameter.grad = None
        act.took(type(optimizer).__name__)

    def give_back(_: torch.optim.Optimizer | None = None) -> None:
        while kept:
            parameter, gradient = kept.pop()
            parameter.grad = gradient

    patient.at("before_step", act, step)
    patient.at("after_step", act, give_back)
    act.when_undone(give_back)


@torch.no_grad()
def move(parameter: torch.Tensor, averages: Averages, lr: float, decay: float, step: int) -> None:
    """One step of Adam: w ← w − lr (m̂ / (sqrt v̂ + ε) + λ w)."""
    gradient = parameter.grad
    assert gradient is not None
    if id(parameter) not in averages:
        averages[id(parameter)] = torch.zeros_like(parameter), torch.zeros_like(parameter)
    mean, square = averages[id(parameter)]
    mean.lerp_(gradient, 1 - FIRST)
    square.mul_(SECOND).addcmul_(gradient, gradient, value=1 - SECOND)
    scaled = (square / (1 - SECOND**step)).sqrt_().add_(EPS)
    parameter.mul_(1 - lr * decay).addcdiv_(mean / (1 - FIRST**step), scaled, value=-lr)


def amend(candidate: Any, lr: float = 1e-3) -> dict[str, Any]:
    return {"fit.optimizer": "adamw", "fit.lr": lr}
