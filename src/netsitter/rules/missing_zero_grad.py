"""Gradients pile up from step to step."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._wiring import SYMPTOMS, seen, since
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class MissingZeroGrad(Rule):
    """Gradients pile up from step to step.

    ## What it does
    Looks, before each step, whether the gradient of the step before had been cleared.

    ## Why is this bad?
    Each step then follows the sum of all gradients so far: the direction is stale and its size grows, which
    looks like a learning rate that is far too high.

    ## What to do
    Call optimizer.zero_grad() before each backward, or after each step.

    ## When it is wrong
    Accumulation over some micro-batches before one step is normal, and is not meant; what is counted is a
    gradient that outlives its step.

    ## References
    PyTorch documentation, torch.optim.Optimizer.zero_grad.
    """

    code = "M007"
    severity = Severity.SICK
    depth = Depth.MECHANISM
    needs = ("@seen",)
    explains = SYMPTOMS

    min_share: float = 0.9
    """Of the steps after the first. Between `odd_share` and this the pattern may be meant."""
    odd_share: float = 0.3
    min_steps: int = 5

    def check(self, run: Run) -> Iterator[Finding]:
        stale, steps = seen(run, "stale_grad"), seen(run, "steps") - 1
        if steps < self.min_steps or stale < self.odd_share * steps:
            return
        yield self.finding(
            f"In {stale} of {steps} steps the optimiser found the gradient of earlier steps still there.",
            since=since(run, "stale_grad"),
            severity=None if stale >= self.min_share * steps else Severity.ODD,
            evidence={"share": stale / steps, "threshold": self.min_share},
            remedies=(
                Remedy(
                    name="call-zero-grad",
                    text="Call optimizer.zero_grad() before each backward.",
                    knob=Knob.WIRING,
                    safety=Safety.UNSAFE,
                    settings={"zero_grad": True},
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(stale: int) -> Run:
            return run_of({"loss": [1.0] * 101}, facts={"seen": {"steps": 101, "stale_grad": stale}})

        yield sick("never cleared", case(100))
        yield well("cleared each time", case(0))
        yield well("not cleared once", case(1))
