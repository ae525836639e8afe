"""The schedule took the rate away too early."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from netsitter.curve import read_curve
from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import curve, run_of
from netsitter.rules._progress import if_it_hurts
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class LrVanished(Rule):
    """The schedule took the learning rate to almost nothing long before the end of the run.

    ## What it does
    Finds the step from which the rate stayed under a thousandth of its peak, and looks how much of the
    run came after it.

    ## Why is this bad?
    Steps at a rate of nothing change nothing. The network stays where it happened to be.

    ## What to do
    Step the scheduler once an epoch, if it counts epochs; check its step size and length against the
    number of steps there really are.

    ## When it is wrong
    A schedule that ends near zero at the very end of the run is as it should be.

    ## References
    PyTorch documentation, torch.optim.lr_scheduler: how to adjust the learning rate.
    """

    code = "L003"
    severity = Severity.SICK
    depth = Depth.SETTING
    needs = ("lr/*", "loss")
    explains = (
        "lr-too-low", "plateau", "not-learning", "underfitting", "constant-output", "labels-misaligned",
    )  # fmt: skip

    nothing: float = 1.5e-3
    """Share of the peak: a thousandth of the rate, three cuts to a tenth, takes a thousand times as many
    steps."""
    little: float = 1.5e-2
    """The same for two cuts to a tenth, where nearly the whole run was spent there."""
    min_most: float = 0.75
    """Share of the run at a rate of little; schedules that work get there in their last third."""
    nearly_all: float = 0.95
    """Share learnt in the short rest before, from which on such a run has lost nothing."""
    min_rest: float = 0.3
    """Share of the run at a rate of nothing; a cosine spends 2 % of its length there."""

    def check(self, run: Run) -> Iterator[Finding]:
        read = read_curve(run["loss"])
        if read is None or not run.match("lr/*"):
            return
        first, last = read.steps[0], max(read.steps[-1], run.last_step)
        for level, least in ((self.nothing, self.min_rest), (self.little, self.min_most)):
            rests = [_rest(run, name, level) for name in run.match("lr/*")]
            since = max((last if rest is None else rest for rest in rests), default=last)
            share = (last - since) / max(1, last - first)
            if share >= least:
                break
        else:
            return
        yield self.finding(
            f"From step {since} on the learning rate is under {level:.2%} of its peak: {share:.0%} of the "
            "run changed next to nothing.",
            since=since,
            severity=if_it_hurts(run, self.nearly_all) if share >= self.min_most else if_it_hurts(run),
            evidence={"share_of_run": share, "threshold": least, "loss_there": read.end},
            remedies=(
                Remedy(
                    name="schedule-per-epoch",
                    text="Step the scheduler once an epoch, or stretch it to the number of steps in the run.",
                    knob=Knob.SCHEDULE,
                    safety=Safety.UNSAFE,
                    settings={"schedule": "constant"},
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(rates: np.ndarray) -> Run:
            return run_of({"lr/0": rates, "loss": curve(2.3, 2.2, steps=len(rates))})

        steps = np.arange(400)
        yield sick("divided by 10 every 5 steps", case(0.1 * 0.1 ** (steps // 5)))
        yield sick("a hundredth from the twentieth step on", case(0.1 * 0.1 ** (2 * (steps > 20))))
        yield well("cosine to zero", case(0.05 * (1 + np.cos(np.pi * steps / 400))))
        yield well("warm-up, then constant", case(0.1 * np.minimum(1, steps / 50)))
        yield well("divided by 10 twice", case(0.1 * 0.1 ** (steps // 150)))


def _rest(run: Run, name: str, share: float) -> int | None:
    """The step from which that group's rate stayed under a share of its peak; None if it did not."""
    series = run[f"lr/{name}"]
    mask = np.isfinite(series.values)
    steps, rates = series.steps[mask], series.values[mask]
    if not len(rates) or not rates.max() > 0 or rates[-1] >= share * rates.max():
        return None
    live = np.flatnonzero(rates >= share * rates.max())
    return int(steps[min(live[-1] + 1, len(steps) - 1)])
