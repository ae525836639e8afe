"""Keep the weights of the best validation, and stop when it has not improved for a while.

## What it does
Weights are kept at every validation pass that is the best so far. After ``patience`` passes without a
better one they are put back, and no further step is taken: what the program goes on to evaluate and save
is the best network.

## When it helps
Validation turns up while the training loss still falls.

## When it hurts
A validation set so small that its best pass is luck.

## How it is undone
Steps are taken again; the weights stay where they are.

## References
Prechelt, Early stopping - but when?, 1998.
"""

from typing import Any

import torch

from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.gradients import clear
from netsitter.treat.memory import Memory
from netsitter.treat.patient import Patient

JUDGES = (("log_loss", 1.0), ("r2", -1.0), ("error", 1.0))
"""What a pass is judged by, first one there is; smaller is better after the sign."""
PATIENT = 16
"""Epochs of patience where a configuration has none."""


def apply(patient: Patient, act: Act, patience: int = 3) -> None:
    state = {"step": -1, "since": 0}
    best: list[tuple[float, Memory]] = []
    is_over: list[bool] = []

    def look(optimizer: torch.optim.Optimizer) -> None:
        """A pass is over when training goes on: the weights are still those that it judged."""
        latest = patient.yardstick.latest()
        if latest is not None and latest["step"] > state["step"] and not is_over:
            state["step"] = latest["step"]
            score = next((sign * latest[name] for name, sign in JUDGES if name in latest), None)
            if score is not None and (not best or score < best[0][0]):
                best[:], state["since"] = [(score, patient.remember())], 0
                act.settled["best_step"] = latest["step"]
            elif score is not None:
                state["since"] += 1
            if state["since"] >= patience:
                best[0][1].recall()
                is_over.append(True)
                act.took(type(optimizer).__name__)
        if is_over:
            clear(optimizer)

    patient.at("before_step", act, look)
    act.when_undone(best.clear)
    raise CannotApplyError("Validation never stopped to improve for long enough, or there is none.")


def amend(candidate: Any) -> dict[str, Any]:
    return {"fit.patience": candidate.fit.patience or PATIENT}
