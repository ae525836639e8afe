"""An example's output depends on the other examples of its batch."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._wiring import SYMPTOMS, graph, loss_facts, main_loss
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class BatchMixing(Rule):
    """An example's output depends on the other examples of its batch.

    ## What it does
    Looks for a softmax over the batch axis above the last layer, or one or a length taken over it inside the
    network, for gradient that flows from one row's output to another row's input, for a layer that is given
    (time, batch, ...) reshaped instead of transposed from (batch, time, ...), and for a recurrent or
    attention layer that reads as time what the loss has one target each for.

    ## Why is this bad?
    What the network says of a row then depends on which rows it is shown with: validation one row at a time
    gives other answers, and the loss has a floor.

    ## What to do
    Take softmax and log_softmax over dim=1 (or -1), give batch_first=True to layers that are fed
    (batch, time, features), and use view and reshape only in ways that leave the first dimension alone.

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
        is_inner = graph(run).get("inner_softmax_dim") == "batch"
        is_scaled = graph(run).get("inner_norm_dim") == "batch"
        mixed = max((float(share) for share in run["wiring/mixing"].finite), default=0.0)
        turned, scrambled = _read_as_time(run), tuple(run.facts.get("scrambled") or ())
        is_sure = is_softmax or is_inner or is_scaled or bool(scrambled) or bool(turned)
        if not is_sure and mixed <= self.min_share:
            return
        if is_softmax:
            what = "The softmax runs over the batch: each class's probabilities sum to one over the rows."
        elif is_inner:
            what = "A softmax inside the network runs over the batch: its weights sum to one over the rows."
        elif is_scaled:
            what = "Features inside the network are divided by their length over the batch, not over the row."
        elif scrambled:
            what = (
                f"{scrambled[0]} is given its input with the sizes put in another order by a reshape: "
                "no number has moved, so examples, or their places, are cut up and mixed."
            )
        elif turned:
            what = (
                f"{turned[0]} reads the batch as time, and each example as a batch: batch_first is not set."
            )
        else:
            what = f"{mixed:.0%} of an output's gradient lands on other examples' inputs."
        head = (str(run.facts["head_layer"]),) if run.facts.get("head_layer") else ()
        yield self.finding(
            what,
            where=head if is_softmax else scrambled or turned or head,
            since=0,
            severity=None if is_sure else Severity.ODD,
            evidence={
                "softmax_over_batch": is_softmax or is_inner,
                "time_first_layers": len(turned),
                "reshaped_layers": len(scrambled),
                "mixed": mixed,
                "threshold": self.min_share,
            },
            remedies=(_BATCH_FIRST if (scrambled or turned) and not is_softmax else _OVER_CLASSES,),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        yield sick("log_softmax(dim=0)", run_of({"loss": [4.0]}, facts={"graph": {"softmax_dim": "batch"}}))
        inner = {"graph": {"inner_softmax_dim": "batch"}}
        yield sick("attention that is normalised over the rows", run_of({"loss": [0.7]}, facts=inner))
        length = {"graph": {"inner_norm_dim": "batch"}}
        yield sick("features of unit length over the rows", run_of({"loss": [0.7]}, facts=length))
        turned = {"graph": {}, "time_first": {"lstm": [35, 16, 8]}}
        yield sick(
            "an LSTM without batch_first", run_of({"loss": [0.7]}, facts={**turned, **_targets(35, 2)})
        )
        yield well(
            "time comes first on purpose", run_of({"loss": [0.7]}, facts={**turned, **_targets(16, 2)})
        )
        yield sick(
            "reshape where transpose was meant",
            run_of({"loss": [0.7]}, facts={"graph": {}, "scrambled": ["gru"]}),
        )
        yield sick("a reshape that mixes rows", run_of({"wiring/mixing": [0.4]}, facts={"graph": {}}))
        yield well(
            "log_softmax(dim=1)", run_of({"wiring/mixing": [0.0]}, facts={"graph": {"softmax_dim": None}})
        )


_OVER_CLASSES = Remedy(
    name="softmax-over-classes",
    text="Take the softmax over the classes: dim=1.",
    knob=Knob.OUTPUT,
    safety=Safety.UNSAFE,
    settings={"softmax_dim": 1},
)
_BATCH_FIRST = Remedy(
    name="batch-first",
    text="Give the layer batch_first=True, or transpose what it is fed to (time, batch, features).",
    knob=Knob.WIRING,
)


def _read_as_time(run: Run) -> tuple[str, ...]:
    """Layers without batch_first whose first axis has one target each: it is the batch."""
    about = main_loss(run)
    target, prediction = about.get("target_shape") or [], about.get("prediction_shape") or []
    if not target or math.prod(target) != target[0] or prediction[:1] != target[:1]:
        return ()
    layers = (run.facts.get("time_first") or {}).items()
    return tuple(name for name, dims in layers if dims[0] == target[0] and dims[1] not in (1, target[0]))


def _targets(rows: int, classes: int) -> dict[str, object]:
    return loss_facts("cross_entropy", prediction_shape=[rows, classes], target_shape=[rows])
