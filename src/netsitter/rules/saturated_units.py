"""Sigmoid or tanh units at their flat ends."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._progress import if_it_hurts
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class SaturatedUnits(Rule):
    """Most sigmoid or tanh units of a hidden layer sit at their flat ends.

    ## What it does
    Follows, layer by layer, the share of sigmoid or tanh outputs where the slope is under 1 % of its
    largest.

    ## Why is this bad?
    At the flat ends the gradient is next to zero: the unit no longer learns, and lets no gradient
    through to the layers before it.

    ## What to do
    Scale the inputs to mean 0 and standard deviation 1, initialise with Glorot, lower the learning
    rate, or use ReLU.

    ## When it is wrong
    Gates and outputs that have made up their mind sit at the ends rightly; the output layer is left out.

    ## References
    LeCun, Bottou, Orr and Müller, Efficient BackProp, 1998; Glorot and Bengio, 2010.
    """

    code = "A002"
    severity = Severity.SICK
    depth = Depth.DYNAMICS
    needs = ("saturated/*",)
    explains = (
        "vanishing-gradients", "constant-output", "not-learning", "plateau", "underfitting", "lr-too-low",
        "labels-misaligned", "class-imbalance-collapse", "too-few-epochs", "oscillation",
    )  # fmt: skip

    max_saturated: float = 0.5
    """Share of a layer's outputs: beyond, more than half of the layer has no gradient."""
    min_samples: int = 6
    """Sampled batches."""

    def check(self, run: Run) -> Iterator[Finding]:
        flat: dict[str, float] = {}
        since: list[int] = []
        for layer, series in run.match("saturated/*").items():
            late = series.tail(max(3, len(series) // 2))
            if layer == run.facts.get("head_layer") or len(series) < self.min_samples:
                continue
            share = float(np.median(late)) if np.isfinite(late).all() else 0.0
            if share >= self.max_saturated:
                flat[layer] = share
                since.append(int(series.steps[np.argmax(series.values >= self.max_saturated)]))
        if not flat:
            return
        where = sorted(flat, key=lambda layer: -flat[layer])
        yield self.finding(
            f"{flat[where[0]]:.0%} of the outputs of {where[0]} sit at the flat ends of the activation.",
            where=where,
            since=min(since),
            severity=if_it_hurts(run),
            evidence={"saturated": flat[where[0]], "threshold": self.max_saturated},
            remedies=(
                Remedy(
                    name="standardise-inputs",
                    text="Bring every input to mean 0 and standard deviation 1.",
                    knob=Knob.DATA_SCALE,
                    safety=Safety.UNSAFE,
                    settings={"inputs": "standard"},
                ),
                Remedy(
                    name="use-relu",
                    text="Use ReLU with He initialisation in the hidden layers.",
                    knob=Knob.ACTIVATION,
                    safety=Safety.UNSAFE,
                    settings={"activation": "relu", "init": "he"},
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        yield sick(
            "a layer at its ends", run_of({"saturated/layer0": [0.95] * 30, "saturated/layer1": [0.1] * 30})
        )
        yield well("a few units at their ends", run_of({"saturated/layer0": [0.2] * 30}))
        yield well("a sure output", run_of({"saturated/layer0": [0.9] * 30}, facts={"head_layer": "layer0"}))
