"""Hyperparameters of an optimiser, other ones only while it steps."""

from collections.abc import Callable
from typing import Any

import torch

from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.patient import Patient

Group = dict[str, Any]


def during_steps(
    patient: Patient, act: Act, change: Callable[[Group], Group], *, counts: bool = True
) -> None:
    """Give each parameter group the values that ``change`` returns for it, for as long as a step takes.

    Schedules, which set a rate from the one they started with, keep their course. A key that a group
    does not have is no setting of its optimiser: then the act is refused for it. ``counts`` says whether
    this alone means that the remedy was applied.
    """
    kept: list[tuple[Group, Group]] = []

    def put_in(optimizer: torch.optim.Optimizer) -> None:
        put_back(optimizer)
        for group in optimizer.param_groups:
            wanted = {key: value for key, value in change(group).items() if key in group}
            if not wanted:
                raise CannotApplyError(f"{type(optimizer).__name__} has no such setting.")
            kept.append((group, {key: group[key] for key in wanted}))
            group.update(wanted)
        if counts:
            act.took(type(optimizer).__name__)

    def put_back(_: torch.optim.Optimizer | None = None) -> None:
        while kept:
            group, before = kept.pop()
            group.update(before)

    patient.at("before_step", act, put_in)
    patient.at("after_step", act, put_back)
    act.when_undone(put_back)
