"""The loss never leaves its start."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.curve import level, noise, read_curve
from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import curve, run_of
from netsitter.rules._progress import is_adversarial, thrives
from netsitter.run import Run

WORTH = 0.05
"""Share of the validation loss: less is outputs that find their level."""


@dataclass(frozen=True, kw_only=True)
class NotLearning(Rule):
    """The training loss has not fallen from its start by more than its own noise.

    ## What it does
    Compares the first and the best part of the training loss, in standard errors of those parts.

    ## Why is this bad?
    Nothing is learnt. Training longer changes nothing: something keeps the network from learning.

    ## What to do
    Act on the findings listed before this one. If there are none, overfit one batch of 16 examples:
    a network that cannot is miswired; one that can has a learning rate, scale or data problem.

    ## When it is wrong
    When the loss is not meant to fall: adversarial and some reinforcement objectives, a run that
    goes on from an already converged model.

    ## References
    Karpathy, A Recipe for Training Neural Networks, 2019: overfit one batch.
    """

    code = "F002"
    severity = Severity.SICK
    depth = Depth.OUTCOME
    needs = ("loss",)
    explains = ("plateau", "underfitting", "noisy-validation")

    min_points: int = 40
    """Fewer points cannot tell a slow start from no start."""
    min_fall: float = 4.0
    """Standard errors that the end must lie under the start. Of 20 window medians the lowest of pure
    noise lies about 1.9 under the mean (Tippett 1925); the opening adds its own scatter."""

    blind: float = 0.5
    """Share of the loss: where noise would hide a fall by half, nothing is sure."""

    def check(self, run: Run) -> Iterator[Finding]:
        read = read_curve(run["loss"])
        if read is None or read.count < self.min_points or is_adversarial(run) or thrives(run):
            return
        opening_noise = max(read.level_noise, read.noise / 2)  # the opening is a median of few points
        later = sum(read.levels[-5:]) / len(read.levels[-5:])
        fall = max((read.start - later) / opening_noise, (read.levels[0] - later) / read.level_noise)
        if fall < self.min_fall and not _validation_tells(run, self.min_fall):
            is_blind = self.min_fall * opening_noise > self.blind * abs(read.start)
            yield self.finding(
                f"The training loss has not fallen in {read.count} steps: it began at {read.start:.4g} "
                "and is "
                f"at {read.end:.4g}.",
                since=0,
                severity=Severity.ODD if is_blind or _has_either_sign(run) else Severity.SICK,
                evidence={
                    "start": read.start,
                    "end": read.end,
                    "fall_in_noise": fall,
                    "threshold": self.min_fall,
                },
                remedies=(
                    Remedy(
                        name="overfit-one-batch",
                        text="Try to overfit one batch of 16 examples; if that fails, look for miswiring.",
                        knob=Knob.WIRING,
                    ),
                    Remedy(
                        name="find-rate",
                        text="Try learning rates from 1e-5 to 1, each for 100 steps.",
                        knob=Knob.LR,
                        safety=Safety.UNSAFE,
                    ),
                ),
            )

    @staticmethod
    def cases() -> Iterator[Case]:
        yield sick("flat from the start", run_of({"loss": curve(2.3, 2.3, noise=0.05)}))
        yield sick("rising", run_of({"loss": curve(2.3, 2.9)}))
        yield sick("frozen at one value", run_of({"loss": [0.7] * 100}))
        yield well("learning", run_of({"loss": curve(2.3, 0.2)}))
        yield well("learning slowly under noise", run_of({"loss": curve(2.3, 2.0, noise=0.5)}))
        yield well(
            "learnt within a few steps", run_of({"loss": [2.3, 2.0, 1.2, 0.5, 0.2] + [0.1, 0.11] * 100})
        )
        yield well("a generator's loss", run_of({"loss": curve(0.7, 0.7)}, facts={"alternating": True}))


def _validation_tells(run: Run, errors: float) -> bool:
    """Whether the predictions of rows not trained on are better than an ignorant answer, beyond chance.

    Of n unrelated predictions R² is under 1/n at its best, as a correlation has a standard error of
    1/sqrt(n); accuracy has its binomial one about the share of the most frequent class.
    """
    val = run["val/loss"].finite
    fall = float(val[0] - val[-1]) if len(val) >= 5 else 0.0
    if fall > max(errors * noise(val), WORTH * abs(float(val[0])) if len(val) else 0.0):
        return True
    rows, r2 = level(run["val/rows"].tail(8)), level(run["val/metric/r2"].tail(8))
    accuracy, share = level(run["val/metric/accuracy"].tail(8)), level(run["val/target/top_share"].tail(8))
    if r2 * rows > errors**2:
        return True
    return accuracy - share > errors * math.sqrt(max(share * (1 - share), 0.0) / rows)


def _has_either_sign(run: Run) -> bool:
    """Objectives of reinforcement and adversaries swing about zero and are not meant to fall."""
    values = run["loss"].finite
    return bool(len(values)) and bool(values.min() < 0 < values.max())
