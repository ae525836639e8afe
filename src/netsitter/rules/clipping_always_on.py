"""Every step is clipped to next to nothing."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from netsitter.curve import level
from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import curve, run_of
from netsitter.rules._progress import if_it_hurts
from netsitter.run import Run

NORMALISING = ("Adam", "RMSprop", "Adagrad", "Adadelta", "Lion", "Adamax", "Rprop", "LAMB", "Adafactor")
"""Optimisers whose step does not shrink with the gradient's scale: constant clipping costs them little."""


@dataclass(frozen=True, kw_only=True)
class ClippingAlwaysOn(Rule):
    """Nearly every step is clipped, to a norm far below the gradient's own.

    ## What it does
    Compares the gradient norm before clipping with the norm that it is clipped to, step by step.

    ## Why is this bad?
    Clipping is meant for the rare wild step. When it cuts every step to a thousandth, it is a learning
    rate a thousand times smaller, hidden in another number.

    ## What to do
    Clip at about twice the gradient's usual norm, or not at all; choose the speed by the learning rate.

    ## When it is wrong
    Some recipes clip always and mean it (norm 1 with Adam in language models): the step is then
    normalised, and the learning rate tuned to that. A run that learns well is not reported as sick.

    ## References
    Zhang et al., Why Gradient Clipping Accelerates Training, 2020.
    """

    code = "G003"
    severity = Severity.SICK
    depth = Depth.SETTING
    needs = ("clip/raw", "clip/max")
    explains = (
        "lr-too-low", "not-learning", "plateau", "underfitting", "too-few-epochs", "constant-output",
        "vanishing-gradients", "labels-misaligned",
    )  # fmt: skip

    clipped_share: float = 0.9
    """Share of steps that are clipped."""
    min_cut: float = 20.0
    """Raw norm over clipped norm, as a median: common recipes cut by 2 to 10."""

    def check(self, run: Run) -> Iterator[Finding]:
        samples = min(len(run["clip/raw"]), len(run["clip/max"]))
        raw, limit = run["clip/raw"].tail(samples), run["clip/max"].tail(samples)
        known = np.isfinite(raw) & np.isfinite(limit) & (limit > 0) & (raw > 0)
        if known.sum() < 10:
            return
        cuts = raw[known] / limit[known]
        clipped, cut = float(np.mean(cuts > 1)), level(cuts)
        if clipped < self.clipped_share or not cut >= self.min_cut:
            return
        normalised = any(
            str(o.get("type", "")).startswith(NORMALISING) for o in run.facts.get("optimizers") or ()
        )
        yield self.finding(
            f"{clipped:.0%} of the steps are clipped, from a gradient norm of {level(raw[known]):.3g} to "
            f"{level(limit[known]):.3g}.",
            since=0,
            severity=Severity.ODD if normalised else if_it_hurts(run),
            evidence={"clipped_share": clipped, "cut": cut, "threshold": self.min_cut},
            remedies=(
                Remedy(
                    name="clip-higher",
                    text=f"Clip at {2 * level(raw[known]):.2g}, twice the usual norm, or not at all.",
                    knob=Knob.CLIP,
                    safety=Safety.UNSAFE,
                    settings={"max_norm": 2 * level(raw[known])},
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(raw: float, limit: float, end: float = 2.29) -> Run:
            loss = curve(2.3, end, noise=0.0)
            return run_of(
                {"clip/raw": [raw] * 50, "clip/max": [limit] * 50, "loss": loss, "init/loss": loss[0]}
                | {"init/loss_expected": 2.3}
            )

        yield sick("cut to a thousandth", case(1.0, 1e-3))
        yield well("cut to a half", case(2.0, 1.0))
        yield well("never cut", case(0.3, 1.0))
