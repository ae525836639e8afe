"""Gradients are made and never applied."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._wiring import SYMPTOMS, seen
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class MissingOptimizerStep(Rule):
    """Gradients are made and never applied.

    ## What it does
    Counts backward passes and optimiser steps.

    ## Why is this bad?
    Without optimizer.step() no weight ever changes, whatever the scheduler says.

    ## What to do
    Call optimizer.step() after backward, before the next zero_grad.

    ## When it is wrong
    Programs that update weights by hand have no optimiser, and are not meant.

    ## References
    PyTorch documentation, torch.optim: taking an optimisation step.
    """

    code = "M005"
    severity = Severity.FATAL
    depth = Depth.MECHANISM
    needs = ("@seen",)
    explains = SYMPTOMS

    min_backwards: int = 8
    """Gradient accumulation waits for some; nobody waits this long without clearing."""

    def check(self, run: Run) -> Iterator[Finding]:
        backwards, steps = seen(run, "wasted"), seen(run, "steps")
        idle = int(run.facts.get("idle_optimizers") or 0)
        if steps or not idle or backwards < self.min_backwards:
            return
        yield self.finding(
            f"{backwards} backward passes, and no optimiser has made a step.",
            since=0,
            evidence={"backwards": backwards, "steps": steps, "threshold": self.min_backwards},
            remedies=(
                Remedy(
                    name="call-step",
                    text="Call optimizer.step() after loss.backward().",
                    knob=Knob.WIRING,
                    safety=Safety.UNSAFE,
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(wasted: int, steps: int, idle: int) -> Run:
            return run_of(
                {"loss": [1.0] * 20},
                facts={"seen": {"wasted": wasted, "steps": steps}, "idle_optimizers": idle},
            )

        yield sick("only the scheduler steps", case(200, 0, 1))
        yield well("a step for each", case(0, 200, 0))
        yield well("saliency maps: no optimiser", case(200, 0, 0))
