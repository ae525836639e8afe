"""Gradients are cleared between backward and step."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._wiring import SYMPTOMS, layers, parameter_facts, parameters, seen, since
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class ZeroGradBeforeStep(Rule):
    """Gradients are cleared between backward and step.

    ## What it does
    Watches the order of backward, zero_grad and step, and whether the optimiser found any gradient when it
    stepped; of several backwards a step, whether layers never move, since only the last one's gradients
    are left.

    ## Why is this bad?
    The optimiser steps on nothing: plain SGD stands still, and Adam at most decays the weights.

    ## What to do
    Clear the gradients before backward, or after the step: zero_grad, backward, step.

    ## When it is wrong
    Clearing another optimiser's gradients in between is normal in adversarial training, and is not meant.

    ## References
    PyTorch documentation, torch.optim.Optimizer.zero_grad.
    """

    code = "M006"
    severity = Severity.FATAL
    depth = Depth.MECHANISM
    needs = ("@seen",)
    explains = SYMPTOMS

    min_share: float = 0.5
    """Of the steps; once or twice may be a restart."""
    min_steps: int = 3

    def check(self, run: Run) -> Iterator[Finding]:
        empty, steps = seen(run, "empty_step"), seen(run, "steps")
        made, used = run["grad_norm"], run["grad_norm_stepped"]
        if empty < self.min_share * steps:
            # Cleared by hand, say by new tensors of zeros: no call to hear, but samples show it.
            empty, steps = _lost(made.values, used.values), min(len(made), len(used))
        still: list[str] = []
        if not steps or empty < self.min_share * steps:
            empty, steps = seen(run, "wasted"), seen(run, "steps")
            still = _never_moved(run, self.min_steps)
            if not still:
                return
        if steps < self.min_steps or empty < self.min_share * steps:
            return
        yield self.finding(
            f"In {empty} of {steps} steps the gradients "
            + ("of one backward were cleared by the next zero_grad" if still else "were cleared")
            + " between backward and step.",
            where=layers(still),
            since=since(run, "wasted" if still else "empty_step"),
            evidence={"share": empty / steps, "threshold": self.min_share},
            remedies=(
                Remedy(
                    name="reorder-zero-grad",
                    text="Use the order optimizer.zero_grad(), loss.backward(), optimizer.step(); of several "
                    "backwards clear before the first only.",
                    knob=Knob.WIRING,
                    safety=Safety.UNSAFE,
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(empty: int) -> Run:
            return run_of({"loss": [1.0] * 50}, facts={"seen": {"steps": 50, "empty_step": empty}})

        yield sick("backward, zero_grad, step", case(50))
        norms = {"grad_norm": [0.5] * 20, "grad_norm_stepped": [0.0] * 20}
        yield sick("gradients overwritten by zeros before the step", run_of(norms, facts=case(0).facts))
        first = {"model": parameter_facts(first={"reached": False}, second={})}
        first["seen"] = {"steps": 50, "wasted": 49}
        moves = {"update_ratio/first.weight": [0.0] * 9, "update_ratio/second.weight": [0.01] * 9}
        yield sick("one task's gradients are cleared for the next", run_of(moves, facts=first))
        by_hand = moves | {"update_ratio/first.weight": [0.01] * 9}
        yield well("gradients put together by hand", run_of(by_hand, facts=first))
        yield well("zero_grad, backward, step", case(0))
        yield well("clipped", run_of(norms | {"grad_norm_stepped": [1e-6] * 20}, facts=case(0).facts))
        yield well("once, at a restart", case(1))


def _lost(made: np.ndarray, used: np.ndarray) -> int:
    """Sampled steps whose gradient was made, and was exactly 0 when the optimiser took it."""
    count = min(len(made), len(used))
    return int(np.sum((made[:count] > 0) & (used[:count] == 0)))


def _never_moved(run: Run, samples: int) -> list[str]:
    """Parameters that an optimiser holds, no gradient ever reaches at a step, and no sample saw move."""
    return [
        name
        for name, about in parameters(run).items()
        if about.get("stepped")
        and about.get("trainable")
        and about.get("reached") is False
        and len(run[f"update_ratio/{name}"]) >= samples
        and not run[f"update_ratio/{name}"].values.any()
    ]
