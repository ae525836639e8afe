"""Progress, then none for most of the run."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.curve import read_curve
from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import curve, run_of
from netsitter.rules._progress import is_adversarial, thrives
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class Plateau(Rule):
    """The training loss fell early and has stood still for most of the run.

    ## What it does
    Looks for the last part of the run in which the training loss still fell by a share of its whole
    fall, and fires when that was long ago.

    ## Why is this bad?
    The steps since then have bought nothing. Either the network is done, or it is stuck: a rate too
    high to settle or too low to move, dead units, too little capacity, labels that cannot be learnt.

    ## What to do
    If the result is good, stop earlier. If it is not, act on the findings listed before this one, or
    lower the learning rate, then raise the capacity.

    ## When it is wrong
    A loss that stands still because it is at its floor (noise in the labels) is done, not stuck.

    ## References
    TECHNIQUES of reading loss curves; Goodfellow, Bengio and Courville, Deep Learning, 2016, ch. 11.
    """

    code = "F003"
    severity = Severity.ODD
    depth = Depth.OUTCOME
    needs = ("loss",)

    min_points: int = 200
    """Shorter runs have no long plateau."""
    flat_share: float = 0.8
    """Share of the run that brought next to nothing: two in three healthy runs on small data converge
    within half of their steps, so that only a much longer rest is worth a word."""
    still: float = 0.02
    """Next to nothing: share of the whole fall."""

    def check(self, run: Run) -> Iterator[Finding]:
        read = read_curve(run["loss"])
        if read is None or read.count < self.min_points or is_adversarial(run) or thrives(run):
            return
        fall = read.start - read.best
        # A loss without negative values that is down to a fifth has arrived rather than stuck.
        done = 0 <= read.best < 0.2 * read.start
        if done or fall < 10 * read.level_noise:
            return
        floor = read.best + max(self.still * fall, 3 * read.level_noise)
        arrived = next(i for i, value in enumerate(read.levels) if value <= floor)
        flat = 1 - arrived / len(read.levels)
        if flat >= self.flat_share and read.lost < 0.2 * fall:
            yield self.finding(
                f"The training loss stands still at {read.end:.4g} since step {read.steps[arrived]}.",
                since=read.steps[arrived],
                evidence={"level": read.end, "flat_share": flat, "threshold": self.flat_share},
                remedies=(
                    Remedy(
                        name="lower-rate-on-plateau",
                        text="Lower the learning rate by 10 when the loss stands still.",
                        knob=Knob.SCHEDULE,
                        safety=Safety.UNSAFE,
                        settings={"factor": 0.1},
                    ),
                    Remedy(
                        name="more-capacity",
                        text="Use a wider or deeper network.",
                        knob=Knob.CAPACITY,
                        safety=Safety.UNSAFE,
                        settings={"width_factor": 2},
                    ),
                ),
            )

    @staticmethod
    def cases() -> Iterator[Case]:
        yield sick("stuck after a tenth of the run", run_of({"loss": curve(2.3, 1.8, pace=60)}))
        yield well("falling all along", run_of({"loss": curve(2.3, 0.2, pace=3)}))
        yield well("flat from the start is another illness", run_of({"loss": curve(2.3, 2.3, noise=0.1)}))
        floor = curve(2.3, 0.1, pace=60)
        numbers = {"loss": floor, "metric/accuracy": [0.97] * len(floor), "target/top_share_all": 0.1}
        yield well("at a floor that is far below guessing", run_of(numbers))
