"""Step with the gradients that were cleared too early.

## What it does
What backward has made is kept; if it is gone when the optimiser steps, it is put back, and cleared after
the step.

## When it helps
zero_grad stands between backward and step: every step is taken with empty gradients.

## When it hurts
Programs that throw gradients away on purpose, when a batch is to be left out.

## How it is undone
Nothing stays once it is taken out.

## References
PyTorch documentation, Zeroing out gradients in PyTorch: gradients accumulate until they are cleared.
"""

from typing import Any

import torch

from netsitter.observe.training import held
from netsitter.treat.act import Act
from netsitter.treat.gradients import clear
from netsitter.treat.patient import Patient


def apply(patient: Patient, act: Act) -> None:
    kept: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}
    lent: set[int] = set()

    def keep(_: Any) -> None:
        for optimizer in patient.optimizers():
            kept.update({id(p): (p, p.grad.clone()) for p in held(optimizer) if p.grad is not None})

    def put_back(optimizer: torch.optim.Optimizer) -> None:
        mine = [p for p in held(optimizer) if id(p) in kept]
        if mine and not any(p.grad is not None and bool(p.grad.any()) for p in mine):
            for parameter in mine:
                parameter.grad = kept[id(parameter)][1]
            lent.add(id(optimizer))
            act.took(type(optimizer).__name__)

    def clear_lent(optimizer: torch.optim.Optimizer) -> None:
        if id(optimizer) in lent:
            clear(optimizer)
        kept.clear()

    patient.at("after_backward", act, keep)
    patient.at("before_step", act, put_back)
    patient.at("after_step", act, clear_lent)
    act.when_undone(kept.clear)
