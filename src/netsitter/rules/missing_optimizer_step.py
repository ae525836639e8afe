"""Gradients are made and never applied."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._progress import at_same_steps
from netsitter.rules._wiring import SYMPTOMS, seen
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class MissingOptimizerStep(Rule):
    """Gradients are made and never applied.

    ## What it does
    Counts backward passes and optimiser steps: none at all, or so few that nearly all gradients are
    cleared without having been used, as when the step has slipped out of the inner loop.

    ## Why is this bad?
    Without optimizer.step() no weight ever changes, whatever the scheduler says.

    ## What to do
    Call optimizer.step() after backward, before the next zero_grad.

    ## When it is wrong
    Programs that update weights by hand have no optimiser, and are not meant; nor are those that put together
    the gradient they step by from several backward passes themselves.

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

    min_wasted: float = 5.0
    """Gradients that are cleared unused, for each step: an optimiser that looks ahead wastes one, two
    networks that are differentiated before either steps waste one a pair."""
    same: float = 0.01
    """Relative difference of the gradient that was stepped by from the one that backward made."""

    def check(self, run: Run) -> Iterator[Finding]:
        backwards, steps = seen(run, "wasted"), seen(run, "steps")
        idle = int(run.facts.get("idle_optimizers") or 0)
        if backwards < self.min_backwards or not (idle if not steps else self._is_wasteful(run)):
            return
        yield self.finding(
            f"{backwards} backward passes, and no optimiser has made a step."
            if not steps
            else f"Of {backwards + steps} backward passes only {steps} were followed by an optimiser's step: "
            "the gradients of the others were cleared unused.",
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

    def _is_wasteful(self, run: Run) -> bool:
        """Whether most gradients are thrown away, and a step uses what the last backward pass left."""
        if seen(run, "wasted") < self.min_wasted * seen(run, "steps") or run.facts.get("alternating"):
            return False
        pairs = at_same_steps(run["grad_norm"], run["grad_norm_stepped"])
        return bool(pairs) and all(abs(a - b) <= self.same * abs(a) for a, b in pairs)

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(wasted: int, steps: int, idle: int, used: float = 1.0) -> Run:
            return run_of(
                {"loss": [1.0] * 20, "grad_norm": [1.0] * 20, "grad_norm_stepped": [used] * 20},
                facts={"seen": {"wasted": wasted, "steps": steps}, "idle_optimizers": idle},
            )

        yield sick("only the scheduler steps", case(200, 0, 1))
        yield sick("the step is outside the loop over batches", case(800, 20, 0))
        yield well("a step for each", case(0, 200, 0))
        yield well("gradients of single rows, clipped and summed by hand", case(800, 20, 0, used=0.4))
        yield well("a second pass at the place one looks ahead to", case(200, 200, 0))
        yield well("saliency maps: no optimiser", case(200, 0, 0))
