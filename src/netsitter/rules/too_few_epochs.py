"""Stopped while the loss was still falling."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from netsitter.curve import Curve, noise, read_curve
from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import curve, run_of
from netsitter.rules._progress import if_it_hurts, is_adversarial, solved
from netsitter.rules._wiring import graph
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
    fewest: int = 12
    few: int = 150
    """Between these the curve's windows are too small to tell: a line through all points does."""
    begun: float = 0.5
    """Share learnt by a run of few steps that has not arrived."""
    surely: float = 6.0
    still: float = 1.5
    """Drop of the line through all points, and through the later half of them, in standard errors."""
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
        if read is None or is_adversarial(run) or _wound_down(run, self.live_rate):
            return
        share = read.share_left(0.25)
        if not self._has_hardly_begun(run) and not self._falls(read, share):
            return
        if _validation_is_over(run, self.min_passes):
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

    def _falls(self, read: Curve, share: float) -> bool:
        """Whether the fall is more than noise, and lasts to the end."""
        fall, recent = (read.share_left(part) * (read.start - read.end) for part in (0.25, 0.15))
        is_steady = fall >= self.min_noise * read.level_noise and recent >= 0.35 * fall
        return read.count >= self.min_points and share >= self.min_share and is_steady

    def _has_hardly_begun(self, run: Run) -> bool:
        """Whether a run of few steps, which has not learnt much, falls on a line steeper than chance."""
        values, terms = run["loss"].finite, graph(run).get("terms") or []
        if len(terms) != 1 or terms[0] == "custom":
            return False  # of several losses, or one of its own kind, little is known
        if not self.fewest <= run["loss"].count <= self.few or not solved(run) < self.begun:
            return False
        (drop, error), (late, late_error) = _line(values), _line(values[len(values) // 2 :])
        return drop > self.surely * error and late > self.still * late_error and late > 0.3 * drop

    def _severity(self, run: Run, share: float) -> Severity:
        """What another training of the program goes on from was a stage, a trial, a warm-up."""
        bar = self.done if share > STEADY else self.nearly
        return Severity.ODD if run.facts.get("followed") else if_it_hurts(run, bar)

    @staticmethod
    def cases() -> Iterator[Case]:
        yield sick("a straight line", run_of({"loss": curve(2.3, 1.9, pace=0)}))
        begun = {"loss": curve(2.3, 2.15, pace=0, steps=40, noise=0.1)}
        scores = {"metric/accuracy": [0.1, 0.15, 0.2, 0.25] * 10, "target/top_share_all": 0.1}
        one = {"graph": {"terms": ["nll_loss"]}}
        yield sick("an epoch of forty batches", run_of(begun | scores, facts=one))
        level = {"loss": curve(2.3, 2.3, steps=40, noise=0.03)}
        yield well("forty batches of nothing", run_of(level | scores, facts=one))
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


def _line(values: np.ndarray) -> tuple[float, float]:
    """How far the least-squares line through the points drops, and the standard error of that."""
    drop = -float(np.polyfit(np.linspace(0, 1, len(values)), values, 1)[0])
    return drop, noise(values) * math.sqrt(12 / len(values))
