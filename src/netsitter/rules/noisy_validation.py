"""Too few validation rows to tell models apart."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from netsitter.curve import noise
from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import curve, run_of
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class NoisyValidation(Rule):
    """The validation loss jumps so much from pass to pass that its best is chance.

    ## What it does
    Compares the scatter of the validation loss with its whole fall.

    ## Why is this bad?
    Early stopping, schedules and the choice between models all follow the validation loss. If it is
    noise, so is what they choose.

    ## What to do
    Use more validation rows, cross-validation, or an average over the last passes. If the training
    loss jumps as well, lower the learning rate.

    ## When it is wrong
    With a very high learning rate the weights themselves jump; then it is the rate, not the rows.

    ## References
    Bouthillier et al., Accounting for Variance in Machine Learning Benchmarks, 2021.
    """

    code = "F013"
    severity = Severity.ODD
    depth = Depth.OUTCOME
    needs = ("val/loss",)

    min_passes: int = 8
    """Fewer passes show no scatter."""
    max_scatter: float = 0.5
    """Scatter over the range of the smoothed curve; beyond, the order of two passes is a coin's toss."""

    def check(self, run: Run) -> Iterator[Finding]:
        values = run["val/loss"].finite
        values = values[np.abs(values) < 1e150]
        if len(values) < self.min_passes:
            return
        smooth = np.median(np.lib.stride_tricks.sliding_window_view(values, 3), axis=1)
        spread, scatter = float(np.ptp(smooth)), noise(values)
        if scatter > self.max_scatter * spread and scatter > 1e-6 * float(np.abs(values).max()):
            rows = run["val/rows"].last
            yield self.finding(
                f"The validation loss scatters by {scatter:.3g} from pass to pass, its whole movement "
                f"is {spread:.3g}" + (f", on {rows:.0f} rows." if math.isfinite(rows) else "."),
                evidence={"scatter": scatter, "movement": spread, "threshold": self.max_scatter},
                remedies=(
                    Remedy(
                        name="more-validation-rows",
                        text="Validate on more rows, or cross-validate.",
                        knob=Knob.DATA,
                    ),
                ),
            )

    @staticmethod
    def cases() -> Iterator[Case]:
        jumps = [0.7, 0.5, 0.71, 0.49, 0.7, 0.51, 0.72, 0.5, 0.7, 0.48, 0.69, 0.5]
        yield sick("jumps and goes nowhere", run_of({"val/loss": np.asarray(jumps) + 0.0}))
        yield well("falls", run_of({"val/loss": curve(0.7, 0.3, steps=20)}))
        yield well("settled to the last digit", run_of({"val/loss": [0.5] * 20}))
