"""The same answer for every input."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from netsitter.curve import level
from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._progress import thrives
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class ConstantOutput(Rule):
    """The network gives the same answer for every input.

    ## What it does
    Measures how much outputs differ between the rows of a batch, against how much targets differ (for
    a regression) or against what changes a probability (for classes).

    ## Why is this bad?
    An answer that ignores the inputs is the mean or the majority, dressed up as a network.

    ## What to do
    Act on the findings listed before this one: dead units, saturation, a wrong output activation, decay
    too strong or a rate too high all end here.

    ## When it is wrong
    In the first steps, when the network has not yet begun.

    ## References
    Karpathy, A Recipe for Training Neural Networks, 2019: input-independent baseline.
    """

    code = "F001"
    severity = Severity.SICK
    depth = Depth.OUTCOME
    needs = ("output/row_std", "target/std")
    explains = ("not-learning", "plateau", "underfitting", "worse-than-baseline")

    same: float = 0.01
    """Spread of the outputs over that of the targets; for logits, 0.01 changes no probability by more
    than a quarter of a percent (the sigmoid's steepest slope is 1/4)."""
    min_samples: int = 12
    """Sampled batches; at the usual pace the twelfth lies near step 20."""

    def check(self, run: Run) -> Iterator[Finding]:
        spread = run["output/row_std"]
        if len(spread) < self.min_samples or thrives(run):
            return
        late = spread.tail(max(4, len(spread) // 2))
        width, classes = run["output/width"].last, run["target/classes"].last
        targets = level(run["target/std"].values)
        is_regression = not math.isfinite(classes)
        unit = targets if is_regression and width == width and targets > 0 else 1.0
        ratio = float(np.max(late)) / unit if np.isfinite(late).all() else math.nan
        if ratio < self.same:
            yield self.finding(
                f"The outputs differ between inputs by no more than {ratio * unit:.2g}: the network "
                "ignores what it "
                "is given.",
                since=int(spread.steps[-len(late)]),
                evidence={"spread": ratio * unit, "unit": unit, "ratio": ratio, "threshold": self.same},
                remedies=(
                    Remedy(
                        name="look-inside",
                        text="Look at each layer's output for two different rows and find where they "
                        "become equal.",
                        knob=Knob.WIRING,
                    ),
                ),
            )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(spread: float, **more: float) -> Run:
            numbers = {name.replace("__", "/"): value for name, value in more.items()}
            return run_of({"output/row_std": [spread] * 30, "target/std": [1.0] * 30, **numbers})

        yield sick("a regression that answers one number", case(1e-4, output__width=1))
        yield sick("logits that never differ", case(1e-3, output__width=10, target__classes=10))
        yield well("outputs as spread as targets", case(0.9, output__width=1))
        yield well("small but real differences of logits", case(0.2, output__width=10, target__classes=10))
