"""Steps so short that the weights hardly move."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from netsitter.curve import read_curve
from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import curve, run_of
from netsitter.rules._progress import if_it_hurts, is_adversarial, solved, weights
from netsitter.run import Run
from netsitter.series import Series


@dataclass(frozen=True, kw_only=True)
class LrTooLow(Rule):
    """The steps are so short that the weights have hardly moved in the whole run.

    ## What it does
    Adds up how far the steps could have carried the weight matrices, relative to their norms, and looks
    whether the loss was still falling, or had not begun to.

    ## Why is this bad?
    The network is where it started. At this pace it would take many times as many steps to get
    anywhere.

    ## What to do
    Multiply the learning rate by 10, and again, until the loss falls fast or begins to jump.

    ## When it is wrong
    Fine-tuning moves good weights only a little, on purpose: its loss falls soon and levels out. A
    gradient that vanishes or is clipped away makes any rate look low: see those findings first.

    ## References
    Smith, Cyclical Learning Rates, 2017: the range test. Karpathy, CS231n: update to weight near 1e-3.
    """

    code = "L002"
    severity = Severity.SICK
    depth = Depth.DYNAMICS
    needs = ("loss", "update_ratio/*")
    explains = (
        "too-few-epochs", "not-learning", "plateau", "underfitting", "constant-output",
        "labels-misaligned",
    )  # fmt: skip

    max_travel: float = 0.1
    """Sum of the relative steps of the median weight matrix over the whole run: under it no matrix could
    change by a tenth, were all steps in one direction. Healthy runs travel 1 to 50."""
    max_travel_straight: float = 0.5
    """The same where the loss falls in a straight line, which says that the valley has not bent yet."""
    min_steps_straight: int = 300
    """A shorter run that falls in a straight line was rather stopped too early."""
    hardly: float = 0.1
    """Share of what there is to learn that counts as hardly anything."""
    min_points: int = 40
    """Fewer steps are the beginning of a run."""

    def check(self, run: Run) -> Iterator[Finding]:
        read = read_curve(run["loss"])
        if read is None or read.count < self.min_points or is_adversarial(run):
            return
        steps = max(1, run.last_step + 1)
        matrices = weights(run)
        travels = [
            _travel(series)
            for name, series in run.match("update_ratio/*").items()
            # A bias that starts at 0 moves by many times its size, however slow the weights are.
            if len(series) >= 4 and (name in matrices or not matrices)
        ]
        if not travels:
            return
        travel = float(np.median(travels))
        begun = read.fallen > 5
        straight = begun and read.share_left() > 0.14
        waiting = not begun or straight or solved(run) < self.hardly
        is_slow = straight and steps >= self.min_steps_straight and travel < self.max_travel_straight
        # A median of exactly zero is a gradient that never arrives, whatever the rate.
        if not travel > 0 or not (is_slow or (waiting and travel < self.max_travel)):
            return
        yield self.finding(
            f"In {steps} steps the weights could move by {travel:.1%} of their size at most, and the loss "
            + ("was still falling in a straight line." if begun else "has not begun to fall."),
            since=0,
            severity=if_it_hurts(run),
            evidence={"travel": travel, "threshold": self.max_travel, "last_quarter": read.share_left()},
            remedies=(
                Remedy(
                    name="raise-rate",
                    text="Multiply the learning rate by 10.",
                    knob=Knob.LR,
                    safety=Safety.UNSAFE,
                    settings={"factor": 10.0},
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(update: float, loss: np.ndarray) -> Run:
            return run_of({"loss": loss, "update_ratio/layer0.weight": [update] * 40})

        yield sick("straight and slow", case(1e-4, curve(2.3, 2.1, pace=0)))
        yield sick("not begun", case(1e-6, curve(2.3, 2.3, noise=0.02)))
        yield well("ordinary steps", case(3e-3, curve(2.3, 0.3)))
        yield well("fine-tuning: small steps, soon done", case(1e-4, curve(0.5, 0.1, pace=8)))


def _travel(series: Series) -> float:
    """All relative steps of a run added up, from samples that lie further and further apart; 0 where most
    steps were none. A rate that grows or shrinks by orders has no usual step to multiply."""
    known = np.isfinite(series.values)
    # A matrix that begins at 0 moves by any number of times its size.
    steps, ratios = series.steps[known], np.minimum(series.values[known], 1.0)
    if len(ratios) < 2 or not np.median(ratios) > 0:
        return 0.0
    return float(np.trapezoid(ratios, steps) + ratios[-1])
