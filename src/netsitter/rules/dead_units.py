"""ReLU units that never fire."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import curve, run_of
from netsitter.rules._progress import if_it_hurts
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class DeadUnits(Rule):
    """Nearly all units of a layer are zero for every example, for most of the run.

    ## What it does
    Follows, layer by layer, the share of units behind a ReLU that are zero for every row of a batch.

    ## Why is this bad?
    A unit that is never on gets no gradient and never comes back. When a whole layer is off, nothing
    before it can learn and nothing behind it sees the input.

    ## What to do
    Start biases at zero, lower the learning rate (one step too long is enough to kill a layer), scale
    the inputs, use leaky ReLU or GELU, add batch norm.

    ## When it is wrong
    Sparse layers are healthy: half the units being off for a batch is normal. Only a layer that is
    off almost as a whole is reported.

    ## References
    Maas, Hannun and Ng, Rectifier Nonlinearities Improve Neural Network Acoustic Models, 2013; Lu et al.,
    Dying ReLU and Initialization, 2019.
    """

    code = "A001"
    severity = Severity.SICK
    depth = Depth.DYNAMICS
    needs = ("dead/*",)
    explains = (
        "constant-output", "not-learning", "plateau", "underfitting", "vanishing-gradients", "lr-too-low",
        "labels-misaligned", "class-imbalance-collapse", "too-few-epochs",
    )  # fmt: skip

    max_dead: float = 0.9
    """Share of a layer's units. Healthy sparse layers lie at 0.2 to 0.6; published limits of 0.5 flag
    them."""
    min_samples: int = 6
    """Sampled batches."""

    def check(self, run: Run) -> Iterator[Finding]:
        dead: dict[str, float] = {}
        since: dict[str, int] = {}
        for layer, series in run.match("dead/*").items():
            late = series.tail(max(3, len(series) // 2))
            if len(series) < self.min_samples or not np.isfinite(late).all():
                continue
            share = float(np.median(late))
            if share >= self.max_dead:
                dead[layer] = share
                alive = np.flatnonzero(~(series.values >= self.max_dead))
                since[layer] = int(series.steps[min(alive[-1] + 1, len(series) - 1) if len(alive) else 0])
        if not dead:
            return
        where = sorted(dead, key=lambda layer: (-dead[layer], since[layer]))
        yield self.finding(
            f"{dead[where[0]]:.0%} of the units of {where[0]} are zero for every example"
            + (f", and so are most of {len(where) - 1} more layers." if len(where) > 1 else "."),
            where=where,
            since=min(since.values()),
            severity=if_it_hurts(run),
            evidence={"dead": dead[where[0]], "threshold": self.max_dead},
            remedies=(
                Remedy(
                    name="lower-rate",
                    text="Divide the learning rate by 10 and start biases at zero.",
                    knob=Knob.LR,
                    safety=Safety.UNSAFE,
                    settings={"factor": 0.1},
                ),
                Remedy(
                    name="use-leaky-relu",
                    text="Use leaky ReLU or GELU, whose gradient is never zero for long.",
                    knob=Knob.ACTIVATION,
                    safety=Safety.UNSAFE,
                    settings={"activation": "leaky_relu"},
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(share: float, end: float) -> Run:
            loss = curve(1.0, end, noise=0.01)
            return run_of(
                {"dead/layer0": [share] * 30, "dead/layer1": [0.3] * 30, "loss": loss, "init/loss": loss[0]}
            )

        yield sick("a layer off from the start", case(1.0, 1.0))
        yield sick("a layer that died", run_of({"dead/layer0": [0.1] * 10 + [0.97] * 30}))
        yield well("a sparse layer", case(0.6, 0.2))
        yield well("off for one batch", run_of({"dead/layer0": [*[0.2] * 10, 0.95, *[0.2] * 10]}))
