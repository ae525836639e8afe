"""The loss swings by more than it gains."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from netsitter.curve import read_curve
from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import curve, run_of
from netsitter.rules._progress import is_adversarial
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class Oscillation(Rule):
    """The loss swings up and down by as much as it has gained, and gains nothing more.

    ## What it does
    Compares the single jumps of the training loss in the second half of the run with the whole fall,
    where that half brought no further fall.

    ## Why is this bad?
    Steps overshoot: each undoes the one before. The network cannot settle, and where the run ends is
    a matter of luck.

    ## What to do
    Lower the learning rate, use larger batches, or average the weights of the last epochs.

    ## When it is wrong
    Very small batches make a noisy loss although the weights have settled; then the validation loss
    is calm.

    ## References
    LeCun, Bottou, Orr and Müller, Efficient BackProp, 1998, section 4.7.
    """

    code = "F004"
    severity = Severity.ODD
    depth = Depth.OUTCOME
    needs = ("loss",)

    min_points: int = 100
    """Fewer points show no rhythm."""
    swing: float = 0.5
    """Noise of a single point over the whole fall: swings from peak to trough are then twice the gain
    (four standard deviations)."""

    def check(self, run: Run) -> Iterator[Finding]:
        read = read_curve(run["loss"])
        if read is None or read.count < self.min_points or is_adversarial(run) or read.fallen < 4:
            return
        half = np.asarray(read.levels[len(read.levels) // 2 :])
        gained = float(half[0] - half.min())
        ratio = read.noise / max(read.gain, 1e-12)
        if ratio >= self.swing and gained < 0.1 * read.gain + 2 * read.level_noise:
            yield self.finding(
                f"The loss jumps by {2 * read.noise:.3g} from step to step, its whole fall is "
                f"{read.gain:.3g}.",
                since=read.steps[len(read.steps) // 2],
                evidence={"noise": read.noise, "gain": read.gain, "ratio": ratio, "threshold": self.swing},
                remedies=(
                    Remedy(
                        name="lower-rate",
                        text="Divide the learning rate by 10.",
                        knob=Knob.LR,
                        safety=Safety.UNSAFE,
                        settings={"factor": 0.1},
                    ),
                    Remedy(
                        name="larger-batch",
                        text="Use batches four times as large.",
                        knob=Knob.BATCH,
                        safety=Safety.UNSAFE,
                    ),
                ),
            )

    @staticmethod
    def cases() -> Iterator[Case]:
        yield sick(
            "swings larger than the gain", run_of({"loss": curve(1.0, 0.6, pace=30, noise=0.9, steps=2000)})
        )
        yield well("noisy and still falling", run_of({"loss": curve(2.3, 0.3, pace=0, noise=0.15)}))
        yield well("calm", run_of({"loss": curve(2.3, 0.3)}))
