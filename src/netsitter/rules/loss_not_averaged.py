"""The loss is summed over the batch instead of averaged."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.curve import level, read_curve
from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._wiring import SYMPTOMS, graph
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class LossNotAveraged(Rule):
    """The loss is summed over the batch instead of averaged.

    ## What it does
    Looks in the loss's graph for a sum over the rows that nothing divides by their number, and at the size
    of the steps it leads to.

    ## Why is this bad?
    Gradient and step grow with the batch: a rate that is right for an average is as many times too high as
    there are rows, and the last, smaller batch weighs less.

    ## What to do
    Use reduction='mean', or divide by the number of rows.

    ## When it is wrong
    With Adam and its kind the scale of the loss cancels, and a small rate can make up for the sum; both are
    only odd.

    ## References
    Goyal et al., Accurate, Large Minibatch SGD, 2017, on scaling the rate with the batch.
    """

    code = "O008"
    severity = Severity.SICK
    depth = Depth.MECHANISM
    needs = ("@graph",)
    explains = SYMPTOMS

    max_update: float = 0.03
    """Share of a weight that one step changes; 1e-3 is usual, and far above 1e-2 a run is unsteady."""

    calm: float = 0.02
    """Noise of the loss over its gain; a run this steady has a rate that makes up for the sum."""

    def check(self, run: Run) -> Iterator[Finding]:
        rows = int(graph(run).get("sum_over_batch") or 0)
        if not rows:
            return
        kinds = {str(group.get("type")) for group in run.facts.get("optimizers") or []}
        changes = [level(series.values) for series in run.match("update_ratio/*").values()]
        largest = max((change for change in changes if math.isfinite(change)), default=0.0)
        read = read_curve(run["loss"])
        is_calm = read is not None and read.noise < self.calm * read.gain
        is_scaled = bool(kinds & {"SGD", "ASGD"}) and largest > self.max_update and not is_calm
        yield self.finding(
            f"The loss is a sum over the {rows} rows of a batch, not their mean.",
            where=("loss",),
            since=0,
            severity=None if is_scaled else Severity.ODD,
            evidence={"rows": rows, "update_ratio": largest, "threshold": self.max_update},
            remedies=(
                Remedy(
                    name="average-loss",
                    text=f"Average the loss over the rows, or divide the learning rate by {rows}.",
                    knob=Knob.LOSS,
                    safety=Safety.UNSAFE,
                    settings={"factor": 1 / rows},
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(rows: int, change: float) -> Run:
            facts = {"graph": {"sum_over_batch": rows}, "optimizers": [{"type": "SGD", "lr": 0.5}]}
            return run_of({"update_ratio/w": [change] * 20}, facts=facts)

        yield sick("sum over 128 rows", case(128, 0.2))
        yield sick("a small rate makes up for it", case(128, 1e-3))
        yield well("mean", case(0, 0.2))
