"""Leave a batch out whose loss is NaN or infinite.

## What it does
Backward is not run for it, no step is taken, and the running statistics of batch norm are put back to
what they were before it.

## When it helps
A single batch holds a missing value or overflows, and would poison every weight.

## When it hurts
Where every batch is bad, nothing is learnt: the cause is elsewhere.

## How it is undone
Nothing stays once it is taken out.

## References
Micikevicius et al., Mixed precision training, 2018, section 3.2: steps whose gradients overflow are skipped.
"""

import math
from typing import Any

import torch

from netsitter.treat.act import Act
from netsitter.treat.calls import PASS, Call
from netsitter.treat.gradients import clear
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._backward import value

Buffers = list[tuple[torch.Tensor, torch.Tensor]]


def apply(patient: Patient, act: Act) -> None:
    state: dict[str, Any] = {"bad": False, "buffers": []}

    def judge(call: Call) -> Any:
        loss = call.given(0, "self")
        is_number = isinstance(loss, torch.Tensor) and loss.numel() == 1
        state["bad"] = is_number and not math.isfinite(value(loss))
        if not state["bad"]:
            return PASS
        act.took()
        act.settled["skipped"] = act.settled.get("skipped", 0) + 1
        _put_back(state["buffers"])
        return None

    def leave_out(optimizer: torch.optim.Optimizer) -> None:
        if state["bad"]:
            clear(optimizer)

    def remember(_: Any) -> None:
        if not state["bad"]:
            state["buffers"] = _statistics(patient)
        state["bad"] = False

    patient.on_call(["backward"], act, judge)
    patient.at("before_step", act, leave_out)
    patient.at("after_step", act, remember)
    act.when_undone(state["buffers"].clear)


def _statistics(patient: Patient) -> Buffers:
    buffers = (b for root in patient.anatomy.live_roots() for b in root.buffers())
    return [(buffer, buffer.detach().clone()) for buffer in buffers if buffer.is_floating_point()]


@torch.no_grad()
def _put_back(buffers: Buffers) -> None:
    for buffer, before in buffers:
        buffer.copy_(before)
