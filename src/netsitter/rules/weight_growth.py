"""Weights that run away."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import model, run_of
from netsitter.rules._progress import thrives, weights
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class WeightGrowth(Rule):
    """The norms of the weights have grown many times over and grow on.

    ## What it does
    Compares each weight matrix's norm with its norm at the start.

    ## Why is this bad?
    A loss without a floor, labels that can never be met, or steps that are too long push weights
    outwards without end. Outputs grow extreme, and the network becomes brittle or overflows.

    ## What to do
    Find out why: check the loss and its sign, then the learning rate; add a little weight decay.

    ## When it is wrong
    A matrix that starts at or near zero has to grow. That a separable problem pushes the last layer's
    weights out slowly, with the logarithm of time, is normal.

    ## References
    Soudry et al., The Implicit Bias of Gradient Descent on Separable Data, 2018: logarithmic growth.
    """

    code = "F012"
    severity = Severity.ODD
    depth = Depth.OUTCOME
    needs = ("@model", "weight_norm/*")

    min_growth: float = 10.0
    """Times the norm at the start. Healthy runs of a few epochs stay under 3."""
    small_start: float = 0.1
    """Matrices whose first norm is below this share of the median matrix's started at nothing."""

    def check(self, run: Run) -> Iterator[Finding]:
        norms = {name: run[f"weight_norm/{name}"].finite for name in weights(run)}
        norms = {name: values for name, values in norms.items() if len(values) >= 8 and values[0] > 0}
        if not norms or thrives(run):
            return
        usual = float(np.median([values[0] for values in norms.values()]))
        growth = {
            name: float(min(values[-1] / values[0], 1e30))
            for name, values in norms.items()
            if values[0] >= self.small_start * usual and values[-1] > values[len(values) * 3 // 4]
        }
        where = sorted((n for n in growth if growth[n] >= self.min_growth), key=lambda n: -growth[n])
        if where:
            yield self.finding(
                f"The weights run away: {where[0]} has grown to {growth[where[0]]:.3g} times its norm "
                "at the start.",
                where=where,
                evidence={"growth": growth[where[0]], "threshold": self.min_growth},
                remedies=(
                    Remedy(
                        name="lower-rate",
                        text="Divide the learning rate by 10.",
                        knob=Knob.LR,
                        safety=Safety.UNSAFE,
                        settings={"factor": 0.1},
                    ),
                    Remedy(
                        name="some-decay",
                        text="Add weight decay of 1e-4.",
                        knob=Knob.REGULARIZATION,
                        safety=Safety.UNSAFE,
                        settings={"weight_decay": 1e-4},
                    ),
                ),
            )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(end: float, start: float = 5.0) -> Run:
            return run_of(
                {
                    "weight_norm/layer0.weight": np.geomspace(5, 6, 30),
                    "weight_norm/layer1.weight": np.geomspace(start, end, 30),
                },
                facts={"model": model("Linear", "Linear")},
            )

        yield sick("a hundredfold and growing", case(500))
        yield well("twofold", case(10))
        yield well("a head that starts near zero", case(6, start=0.01))
