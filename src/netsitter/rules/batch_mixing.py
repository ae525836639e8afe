"""An example's output depends on the other examples of its batch."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._wiring import SYMPTOMS, graph
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class BatchMixing(Rule):
    """An example's output depends on the other examples of its batch.

    ## What it does
    Looks for a softmax over the batch axis above the last layer, and for gradient that flows from one row's
    output to another row's input.

    ## Why is this bad?
    What the network says of a row then depends on which rows it is shown with: validation one row at a time
    gives other answers, and the loss has a floor.

    ## What to do
    Take softmax and log_softmax over dim=1 (or -1), and use view and reshape only in ways that leave the
    first dimension alone.

    ## When it is wrong
    Batch norm and contrastive losses mix rows by design and are not counted; graph networks and attention
    over a set mix them on purpose and are only odd.

    ## References
    Karpathy, A Recipe for Training Neural Networks, 2019: use backprop to chart dependencies.
    """

    code = "M011"
    severity = Severity.SICK
    depth = Depth.MECHANISM
    needs = ("@graph",)
    explains = ("missing-log-softmax", "double-softmax", *SYMPTOMS)

    min_share: float = 0.01
    """Of an output's gradient, on other rows; rounding is below 1e-6."""

    def check(self, run: Run) -> Iterator[Finding]:
        is_softmax = graph(run).get("softmax_dim") == "batch"
        mixed = max((float(share) for share in run["wiring/mixing"].finite), default=0.0)
        if not is_softmax and mixed <= self.min_share:
            return
        yield self.finding(
            "The softmax runs over the batch: each class's probabilities sum to one over the rows."
            if is_softmax
            else f"{mixed:.0%} of an output's gradient lands on other examples' inputs.",
            where=(str(run.facts["head_layer"]),) if run.facts.get("head_layer") else (),
            since=0,
            severity=None if is_softmax else Severity.ODD,
            evidence={"softmax_over_batch": is_softmax, "mixed": mixed, "threshold": self.min_share},
            remedies=(
                Remedy(
                    name="softmax-over-classes",
                    text="Take the softmax over the classes: dim=1.",
                    knob=Knob.OUTPUT,
                    safety=Safety.UNSAFE,
                    settings={"softmax_dim": 1},
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        yield sick("log_softmax(dim=0)", run_of({"loss": [4.0]}, facts={"graph": {"softmax_dim": "batch"}}))
        yield sick("a reshape that mixes rows", run_of({"wiring/mixing": [0.4]}, facts={"graph": {}}))
        yield well(
            "log_softmax(dim=1)", run_of({"wiring/mixing": [0.0]}, facts={"graph": {"softmax_dim": None}})
        )
