"""Clear the gradients before each new backward.

## What it does
Before the first backward after a step, the gradients of every known optimiser are cleared. Several
backwards before one step still add up, as accumulation means them to.

## When it helps
Gradients are never cleared: every step goes along the sum of all gradients so far.

## When it hurts
Programs that carry gradients over on purpose, as momentum by hand.

## How it is undone
Nothing stays once it is taken out.

## References
PyTorch documentation, Zeroing out gradients in PyTorch: gradients accumulate until they are cleared.
"""

from typing import Any

import torch

from netsitter.treat.act import Act
from netsitter.treat.gradients import clear
from netsitter.treat.patient import Patient
from netsitter.treat.places import here


def apply(patient: Patient, act: Act) -> None:
    stepped: set[int] = set()

    def note(optimizer: torch.optim.Optimizer) -> None:
        stepped.add(id(optimizer))

    def clear_stepped(_: Any) -> None:
        for optimizer in patient.optimizers():
            if id(optimizer) in stepped:
                clear(optimizer)
                act.took(type(optimizer).__name__, place=here("backward") if not act.places else None)
        stepped.clear()

    patient.at("after_step", act, note)
    patient.at("before_backward", act, clear_stepped)
