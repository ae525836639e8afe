"""Hold the learning rate that the schedule took away.

## What it does
Every optimiser goes on with the highest rate that it has had, whatever a schedule makes of it.

## When it helps
A schedule meant for epochs is stepped with every batch, and the rate is gone while the loss still falls.

## When it hurts
A schedule that was right: the last, small steps are what settles a network.

## How it is undone
The values are in force only while a step is taken; nothing else remembers them.

## References
PyTorch documentation, torch.optim.lr_scheduler: most schedulers are to be stepped once an epoch.
"""

from typing import Any

from netsitter.treat.act import Act
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._groups import Group, during_steps


def apply(patient: Patient, act: Act) -> None:
    highest: dict[int, float] = {}

    def hold(group: Group) -> Group:
        rate = highest[id(group)] = max(float(group["lr"]), highest.get(id(group), 0.0))
        return {"lr": rate}

    during_steps(patient, act, hold)


def amend(candidate: Any) -> dict[str, Any]:
    return {"fit.schedule": "flat-then-anneal"}
