"""Stopped while the loss was still falling."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.curve import read_curve
from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import curve, run_of
from netsitter.rules._progress import if_it_hurts, is_adversarial
from netsitter.run import Run

STEADY = 0.25
"""What the last quarter of a straight line brings."""


@dataclass(frozen=True, kw_only=True)
class TooFewEpochs(Rule):
    """The run ended while the training loss was still falling steadily.

    ## What it does
    Measures which share of the whole fall came in the last quarter of the steps. A straight line
    brings a quarter; a run near its end brings next to nothing.

    ## Why is this bad?
    The network was stopped in the middle of learning. More of the same would make it better.

    ## What to do
    Train two to four times as long. If the fall is slow as well as steady, raise the learning rate.

    ## When it is wrong
    When time was the limit and you know it. While a run is still going on, this only says that it
    should.

    ## References
    Karpathy, A Recipe for Training Neural Networks, 2019: leave it training.
    """

    code = "F008"
    severity = Severity.SICK
    depth = Depth.OUTCOME
    needs = ("loss",)
    explains = ("underfitting",)

    min_share: float = 0.14
    """Share of the fall in the last quarter. An exponential approach brings 0.14 with 2.2 time
    constants in the run: a tenth of the way is then still to go. Healthy runs lie under 0.1."""
    min_noise: float = 4.0
    """Fall of the last quarter in standard errors of its level."""
    min_points: int = 30
    """Fewer points are the beginning of a run, not its end."""
    min_passes: int = 4
    """Validation passes that can tell whether the best is behind."""
    done: float = 0.8
    """Share learnt from which on what is left matters little."""
    nearly: float = 0.6
    """The same for a run that has slowed down: its last quarter brought less than a quarter of the fall."""
    live_rate: float = 0.1
    """A rate below this share of its peak has been wound down on purpose."""

    def check(self, run: Run) -> Iterator[Finding]:
        read = read_curve(run["loss"])
        if (
            read is None
            or read.count < self.min_points
            or is_adversarial(run)
            or _wound_down(run, self.live_rate)
        ):
            return
        if _validation_is_over(run, self.min_passes):
            return
        share = read.share_left(0.25)
        fall = share * (read.start - read.end)
        recent = read.share_left(0.15) * (read.start - read.end)
        if share < self.min_share or fall < self.min_noise * read.level_noise or recent < 0.35 * fall:
            return
        yield self.finding(
            f"The training loss was still falling when the run ended: {share:.0%} of its whole fall "
            "came in the "
            "last quarter of the steps.",
            since=run.last_step,
            severity=self._severity(run, share),
            evidence={"share": share, "threshold": self.min_share, "loss": read.end},
            remedies=(
                Remedy(
                    name="train-longer",
                    text="Train three times as long.",
                    knob=Knob.EPOCHS,
                    safety=Safety.SAFE,
                    settings={"factor": 3},
                ),
                Remedy(
                    name="raise-rate",
                    text="Triple the learning rate.",
                    knob=Knob.LR,
                    safety=Safety.UNSAFE,
                    settings={"factor": 3.0},
                ),
            ),
        )

    def _severity(self, run: Run, share: float) -> Severity:
        """What another training of the program goes on from was a stage, a trial, a warm-up."""
        bar = self.done if share > STEADY else self.nearly
        return Severity.ODD if run.facts.get("followed") else if_it_hurts(run, bar)

    @staticmethod
    def cases() -> Iterator[Case]:
        yield sick("a straight line", run_of({"loss": curve(2.3, 1.9, pace=0)}))
        yield sick("halfway", run_of({"loss": curve(2.3, 1.5, pace=1.5)}))
        yield well("levelled out", run_of({"loss": curve(2.3, 0.3, pace=6)}))
        early = {"loss": curve(2.3, 1.5, pace=1.5), "val/loss": [2.2, 1.9, 1.7, 1.72]}
        yield well("stopped early, when validation had turned", run_of(early))
        yield well("flat", run_of({"loss": curve(2.3, 2.3, noise=0.05)}))
        yield well(
            "wound down to zero",
            run_of({"loss": curve(2.3, 1.5, pace=1.5), "lr/0": [*curve(0.1, 0.0, pace=0, noise=0)]}),
        )


def _validation_is_over(run: Run, min_passes: int) -> bool:
    """The validation loss was lower before: whoever stopped here stopped in time."""
    values = run["val/loss"].finite
    return len(values) >= min_passes and bool(values[-1] > values.min())


def _wound_down(run: Run, share: float) -> bool:
    rates = [series.finite for series in run.match("lr/*").values() if len(series.finite)]
    return bool(rates) and all(rate[-1] < share * rate.max() for rate in rates)
