"""Gradients that grow without bound."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from netsitter.curve import level, read_curve
from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import curve, run_of
from netsitter.rules._progress import thrives
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class ExplodingGradients(Rule):
    """The gradient has grown many times over while the loss got no better.

    ## What it does
    Compares the gradient norm (before any clipping) with its own level at the start, and looks whether
    the loss rose or jumped meanwhile.

    ## Why is this bad?
    A step along a huge gradient throws the weights away from all they had learnt; the next gradient is
    larger still. It ends in NaN or in a network that is stuck far outside.

    ## What to do
    Clip the gradient norm, lower the learning rate, initialise smaller, add norm layers.

    ## When it is wrong
    Gradients grow in healthy runs too, while the loss falls: a steeper valley is no explosion.

    ## References
    Pascanu, Mikolov and Bengio, On the Difficulty of Training Recurrent Neural Networks, 2013.
    """

    code = "G002"
    severity = Severity.SICK
    depth = Depth.DYNAMICS
    needs = ("grad_norm", "loss")
    explains = (
        "loss-spike", "oscillation", "weight-growth", "not-learning", "plateau", "dead-units",
        "constant-output",
    )  # fmt: skip

    min_growth: float = 100.0
    """Times the level of the first samples; healthy runs reach 10 in their first epoch."""
    first_samples: int = 4
    """The start: steps 0 to 3."""

    def check(self, run: Run) -> Iterator[Finding]:
        series, loss = run["grad_norm"], read_curve(run["loss"])
        finite = np.isfinite(series.values)
        start = level(series.head(self.first_samples))
        if loss is None or not start > 0 or thrives(run):
            return
        grown = np.flatnonzero(finite & (series.values > self.min_growth * start))
        lasts = len(grown) >= max(2, len(series) // 10)
        worse = loss.end > loss.start or run["loss"].first_nonfinite is not None
        if lasts and worse:
            since = int(series.steps[grown[0]])
            peak = float(series.values[grown].max())
            yield self.finding(
                f"The gradient norm has grown from {start:.3g} to {peak:.3g} while the loss got worse.",
                since=since,
                evidence={"start": start, "peak": peak, "growth": peak / start, "threshold": self.min_growth},
                remedies=(
                    Remedy(
                        name="clip-gradients",
                        text=f"Clip the gradient norm to {start:.2g}, its level at the start.",
                        knob=Knob.CLIP,
                        safety=Safety.SAFE,
                        settings={"max_norm": start},
                    ),
                    Remedy(
                        name="lower-rate",
                        text="Divide the learning rate by 10.",
                        knob=Knob.LR,
                        safety=Safety.UNSAFE,
                        settings={"factor": 0.1},
                    ),
                ),
            )

    @staticmethod
    def cases() -> Iterator[Case]:
        rising = np.geomspace(1, 1e6, 60)
        yield sick(
            "grows a millionfold as the loss rises",
            run_of({"grad_norm": rising, "loss": np.geomspace(2, 1e5, 60)}),
        )
        yield well(
            "grows a little", run_of({"grad_norm": np.geomspace(1, 8, 60), "loss": curve(2, 0.3, steps=60)})
        )
        yield well(
            "grows while the loss falls", run_of({"grad_norm": rising, "loss": curve(2, 0.1, steps=60)})
        )
