"""Gradients that grow without bound."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from netsitter.curve import level, read_curve
from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import curve, run_of
from netsitter.rules._progress import if_it_hurts, thrives
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class ExplodingGradients(Rule):
    """The gradient has grown many times over while the loss got no better.

    ## What it does
    Compares the gradient norm (before any clipping) with its own level at the start, and looks whether
    the loss rose or jumped meanwhile. For a recurrence, compares the gradient at the first step of a
    sequence with that at the last, at the start of the training.

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
        "constant-output", "underfitting", "bad-initial-loss",
    )  # fmt: skip

    min_growth: float = 100.0
    """Times the level of the first samples; healthy runs reach 10 in their first epoch."""
    over_time: float = 100.0
    """First step of a sequence over the last one; 1e-7 to 1 in healthy recurrences, which forget."""
    first_samples: int = 4
    """The start: steps 0 to 3."""

    def check(self, run: Run) -> Iterator[Finding]:
        found = next(self._over_steps(run), None) or next(self._over_time(run), None)
        if found is not None:
            yield found

    def _over_time(self, run: Run) -> Iterator[Finding]:
        kept = {name: series.first for name, series in run.match("init/through_time/*").items()}
        worst = max(kept, key=lambda name: kept[name], default="")
        if not worst or not min(kept.values()) > self.over_time or if_it_hurts(run) is Severity.ODD:
            return
        name = worst.removeprefix("init/through_time/")
        yield self.finding(
            f"Through {name} the gradient at the first step of a sequence is {kept[worst]:.3g} times that at "
            "the last.",
            where=[name],
            since=0,
            evidence={"growth": kept[worst], "threshold": self.over_time},
            remedies=(_CLIP_AT_ONE, _LOWER_RATE),
        )

    def _over_steps(self, run: Run) -> Iterator[Finding]:
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
                    _LOWER_RATE,
                ),
            )

    @staticmethod
    def cases() -> Iterator[Case]:
        rising = np.geomspace(1, 1e6, 60)
        yield sick(
            "grows a millionfold as the loss rises",
            run_of({"grad_norm": rising, "loss": np.geomspace(2, 1e5, 60)}),
        )
        stuck = {"grad_norm": [600.0] * 60, "loss": curve(6, 1.4, steps=60), "init/through_time/hh": 800.0}
        yield sick("a recurrence that doubles the gradient at each step", run_of(stuck | _POOR))
        yield well(
            "grows a little", run_of({"grad_norm": np.geomspace(1, 8, 60), "loss": curve(2, 0.3, steps=60)})
        )
        yield well(
            "grows while the loss falls", run_of({"grad_norm": rising, "loss": curve(2, 0.1, steps=60)})
        )


_POOR = {"init/loss": 6.0, "init/loss_expected": 1.3}
_LOWER_RATE = Remedy(
    name="lower-rate",
    text="Divide the learning rate by 10.",
    knob=Knob.LR,
    safety=Safety.UNSAFE,
    settings={"factor": 0.1},
)
_CLIP_AT_ONE = Remedy(
    name="clip-gradients",
    text="Clip the gradient norm to 1, and initialise recurrent weights orthogonally with a gain of 1.",
    knob=Knob.CLIP,
    safety=Safety.SAFE,
    settings={"max_norm": 1.0},
)
