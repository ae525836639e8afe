"""The loss jumps up at one place."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from netsitter.curve import noise
from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import curve, run_of
from netsitter.run import Run

REMEDIES = (
    Remedy(
        name="clip-gradients",
        text="Clip the gradient norm to twice its usual value.",
        knob=Knob.CLIP,
        safety=Safety.SAFE,
    ),
    Remedy(
        name="roll-back",
        text="Go on from weights saved before the spike.",
        knob=Knob.LR,
        safety=Safety.UNSAFE,
    ),
)


@dataclass(frozen=True, kw_only=True)
class LossSpike(Rule):
    """After falling, the loss jumps up far beyond its noise and stays up.

    ## What it does
    Looks for the largest jump of the level (the median of a few points before against a few after) in
    units of the noise before it and of the fall so far, and for whether the run came back.

    ## Why is this bad?
    One bad batch or one too long step has thrown the weights out of the valley. What was learnt
    before is gone.

    ## What to do
    Go back to weights from before the spike, clip the gradient norm, and look at that step's batch.

    ## When it is wrong
    A change of task, data or loss in the middle of the run (transfer, a new stage) is not a spike.

    ## References
    Chowdhery et al., PaLM, 2022, section 5.1: restart before the spike and skip its batches.
    """

    code = "F005"
    severity = Severity.ODD
    depth = Depth.DYNAMICS
    needs = ("loss",)

    window: int = 10
    """Points on either side of the jump."""
    min_jump: float = 10.0
    """In noise of the points before: a level of ten points has a third of that noise, so that 30
    standard errors lie between chance and a spike."""
    min_share: float = 0.5
    """Share of the fall so far that the jump takes back."""

    def check(self, run: Run) -> Iterator[Finding]:
        series = run["loss"]
        mask = np.isfinite(series.values) & (np.abs(series.values) < 1e150)
        values, steps = series.values[mask], series.steps[mask]
        if len(values) < 6 * self.window:
            return
        windows = np.lib.stride_tricks.sliding_window_view(values, self.window)
        levels = np.median(windows, axis=1)
        before, after = levels[: -self.window], levels[self.window :]
        at = int(np.argmax(after - before))
        past = values[: at + self.window]
        jump = float(after[at] - before[at])
        fall = float(np.median(past[: self.window]) - before[at])
        scatter = noise(past)
        if fall <= 5 * scatter or jump < self.min_jump * scatter or jump < self.min_share * fall:
            return
        rest = values[at + 2 * self.window :]
        stayed = len(rest) >= self.window and float(np.median(rest[-self.window :])) > before[at] + 0.5 * jump
        since = int(steps[at + self.window])
        yield self.finding(
            f"The loss jumped from {before[at]:.4g} to {after[at]:.4g} at step {since} and "
            + ("has not come back." if stayed else "came back later."),
            since=since,
            severity=Severity.SICK if stayed else Severity.ODD,
            evidence={
                "before": float(before[at]),
                "after": float(after[at]),
                "jump_in_noise": jump / max(scatter, 1e-300),
            },
            remedies=REMEDIES,
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        falling = curve(2.0, 0.1)
        yield sick(
            "thrown out and stays out", run_of({"loss": np.concatenate([falling, falling[:60] * 0 + 2.1])})
        )
        yield sick("thrown out and learns again", run_of({"loss": np.concatenate([falling, falling])}))
        yield well("calm", run_of({"loss": falling}))
        yield well("noisy", run_of({"loss": curve(2.0, 0.1, noise=0.3)}))
