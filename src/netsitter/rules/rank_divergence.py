"""Replicas of one model have come apart."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._wiring import SYMPTOMS
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class RankDivergence(Rule):
    """Replicas of one model have come apart.

    ## What it does
    Compares a checksum of the parameters between the ranks of a distributed training.

    ## Why is this bad?
    Data-parallel training averages gradients and assumes equal weights; replicas that differ train
    different models, and only one of them is saved.

    ## What to do
    Seed and load every rank alike before wrapping, step the optimiser on every rank, and change parameters
    through the wrapped model only.

    ## When it is wrong
    Sharded and model-parallel trainings hold different parameters on purpose; their checksums are not
    comparable.

    ## References
    PyTorch documentation, DistributedDataParallel.
    """

    code = "M012"
    severity = Severity.FATAL
    depth = Depth.MECHANISM
    needs = ("rank/divergence",)
    explains = SYMPTOMS

    max_difference: float = 1e-6
    """Relative; the same sums on the same kind of device agree to about 1e-7."""

    def check(self, run: Run) -> Iterator[Finding]:
        series = run["rank/divergence"]
        worst = float(series.finite.max(initial=0.0))
        if worst <= self.max_difference:
            return
        apart = series.steps[series.values > self.max_difference]
        yield self.finding(
            f"The ranks' parameters differ by {worst:.1g} of their size.",
            since=int(apart[0]),
            evidence={"difference": worst, "threshold": self.max_difference},
            remedies=(
                Remedy(
                    name="same-start",
                    text="Load the same weights on every rank and wrap the model in DistributedDataParallel.",
                    knob=Knob.WIRING,
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        yield sick("different seeds", run_of({"rank/divergence": [0.3, 0.3]}))
        yield well("the same weights", run_of({"rank/divergence": [0.0, 1e-8]}))
