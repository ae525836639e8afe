"""The step waits for its data."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.curve import level
from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class SlowData(Rule):
    """Most of the time goes into fetching the batch, not into learning from it.

    ## What it does
    Compares the time between a step's end and the next forward pass with the time of the step.

    ## Why is this bad?
    The network waits. A faster machine, or a larger network, would change nothing.

    ## What to do
    Keep small data in memory as one tensor and index it; else use several loader workers, pinned
    memory and larger batches, and do the decoding once, beforehand.

    ## When it is wrong
    On tiny networks everything takes longer than the step, and nobody waits for either.

    ## References
    PyTorch, Performance Tuning Guide.
    """

    code = "P001"
    severity = Severity.ODD
    depth = Depth.SETTING
    needs = ("time/data", "time/step")

    max_share: float = 0.6
    """Share of the time spent waiting: more than half of the whole could be saved."""
    min_seconds: float = 2e-3
    """A wait under two milliseconds a step is the loop's own overhead."""
    min_samples: int = 10
    """Sampled steps."""

    def check(self, run: Run) -> Iterator[Finding]:
        waits, steps = run["time/data"], run["time/step"]
        wait, step = level(waits.values[2:]), level(steps.values[2:])
        if len(waits) < self.min_samples or not math.isfinite(wait + step) or wait < self.min_seconds:
            return
        share = wait / max(wait + step, 1e-12)
        if share > self.max_share:
            yield self.finding(
                f"{share:.0%} of the time goes into waiting for data: {wait * 1e3:.3g} ms a step, against "
                f"{step * 1e3:.3g} ms of work.",
                evidence={
                    "wait_seconds": wait,
                    "step_seconds": step,
                    "share": share,
                    "threshold": self.max_share,
                },
                remedies=(
                    Remedy(
                        name="more-workers",
                        text="Give the data loader workers (num_workers=4), or keep the data in memory "
                        "as tensors.",
                        knob=Knob.SPEED,
                        safety=Safety.SAFE,
                    ),
                ),
            )

    @staticmethod
    def cases() -> Iterator[Case]:
        yield sick("waits nine tenths", run_of({"time/data": [0.09] * 20, "time/step": [0.01] * 20}))
        yield well("waits a tenth", run_of({"time/data": [0.001] * 20, "time/step": [0.01] * 20}))
        yield well("everything is tiny", run_of({"time/data": [0.0005] * 20, "time/step": [0.0001] * 20}))
