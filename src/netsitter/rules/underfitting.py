"""Training and validation agree, and both are poor."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.curve import read_curve
from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import curve, run_of
from netsitter.rules._progress import THRIVING, is_adversarial, learnable, solved
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class Underfitting(Rule):
    """The training loss itself is poor: the network has not learnt what it was shown.

    ## What it does
    Measures how much of an ignorant answer's loss (class shares, or the target's mean) the network has
    got rid of on its own training rows, once the loss has stopped falling; and whether the label of a
    row's nearest neighbour would have been the better answer.

    ## Why is this bad?
    What cannot be said of the training rows cannot be said of new ones. No regularisation helps here.

    ## What to do
    More capacity, less regularisation, better inputs, a better learning rate; first act on the
    findings listed before this one.

    ## When it is wrong
    Some targets can hardly be told from the inputs at all; then this is as good as it gets. A linear
    model or trees that do no better either are the proof.

    ## References
    Goodfellow, Bengio and Courville, Deep Learning, 2016, section 5.2.
    """

    code = "F007"
    severity = Severity.ODD
    depth = Depth.OUTCOME
    needs = ("loss", "init/loss_expected|metric/r2|metric/accuracy")
    explains = ("plateau",)

    poor: float = 0.2
    """Share of the ignorant answer's loss that has been learnt: less than a fifth is poor."""
    still: float = 0.05
    """Share of the fall that the last quarter brought: more is a run that was stopped too early."""
    gap: float = 0.3
    """By so much more a row's nearest neighbour may tell of its label before the network is beaten: the
    nearest neighbour has at most twice the least possible error (Cover and Hart, 1967)."""
    slow: float = 0.14
    """The same share where the network is beaten: above it the run counts as stopped too early."""
    min_points: int = 100
    """Shorter runs have not had their chance."""

    def check(self, run: Run) -> Iterator[Finding]:
        read, learnt, known = read_curve(run["loss"]), solved(run), learnable(run)
        if read is None or read.count < self.min_points or is_adversarial(run):
            return
        is_beaten = learnt < THRIVING and known - learnt > self.gap and read.share_left() < self.slow
        if is_beaten or (learnt < self.poor and read.share_left() < self.still):
            yield self.finding(
                f"On its own training rows the network is only {max(learnt, 0):.0%} better than an "
                "answer that ignores the inputs"
                + (f"; a row's nearest neighbour alone is {known:.0%} better." if is_beaten else "."),
                severity=Severity.SICK if is_beaten else Severity.ODD,
                evidence={
                    "learnt": learnt,
                    "neighbour": known if is_beaten else None,
                    "threshold": self.poor,
                    "loss": read.end,
                },
                remedies=(
                    Remedy(
                        name="more-capacity",
                        text="Double the width, or add a layer.",
                        knob=Knob.CAPACITY,
                        safety=Safety.UNSAFE,
                        settings={"width_factor": 2},
                    ),
                    Remedy(
                        name="less-regularisation",
                        text="Turn dropout and weight decay off until the training loss falls.",
                        knob=Knob.REGULARIZATION,
                        safety=Safety.UNSAFE,
                        settings={"dropout": 0.0, "weight_decay": 0.0},
                    ),
                ),
            )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(end: float, pace: float) -> Run:
            loss = curve(2.3, end, pace=pace, noise=0.0)
            return run_of({"loss": loss, "init/loss": loss[0], "init/loss_expected": 2.3})

        yield sick("hardly better than guessing, and flat", case(2.0, 40))
        beaten = case(1.6, 40)
        beaten.append(
            400,
            {"data/neighbour_agreement": 0.95, "data/neighbour_chance": 0.1, "data/neighbour_rows": 400},
        )
        yield sick("a neighbour knows more", beaten)
        yield well("learnt", case(0.3, 40))
        yield well("still falling: stopped too early, not too weak", case(2.0, 0))
