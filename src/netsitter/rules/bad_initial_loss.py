"""The first loss is far from what theory gives an ignorant network."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class BadInitialLoss(Rule):
    """The loss at the start is far above what an ignorant answer would get.

    ## What it does
    Compares the loss of the first step with what an output of zero would get: the logarithm of the
    number of classes, or the mean square of a real target.

    ## Why is this bad?
    The network begins with confident nonsense: its outputs are too large, or on another scale than the
    target. The first hundreds of steps go into unlearning that.

    ## What to do
    Scale the inputs, use a standard initialisation, start the output's bias at the target's mean or
    the classes' log-odds, standardise a real target.

    ## When it is wrong
    A network that goes on from earlier training on other data begins where that left it.

    ## References
    Karpathy, A Recipe for Training Neural Networks, 2019: verify loss at init.
    """

    code = "I005"
    severity = Severity.SICK
    depth = Depth.DYNAMICS
    needs = ("init/loss", "init/loss_expected")
    explains = ()

    odd_ratio: float = 3.0
    """Times the ignorant loss: a healthy random start lies within 1.0 to 1.5 of it."""
    sick_ratio: float = 10.0
    """Ten times the entropy of the classes means logits of that size, wrong ones."""

    min_saturated: float = 0.5
    """Share of a layer's outputs at the first batch, as in saturated-units."""

    def check(self, run: Run) -> Iterator[Finding]:
        first, expected = run["init/loss"].first, run["init/loss_expected"].first
        loss = (run.facts.get("losses") or [{}])[0]
        if loss.get("reduction") == "sum" or loss.get("name") == "custom":
            return  # theory speaks of means
        mean = run["target/mean"].first
        classes = max(run["target/classes"].last, run["output/width"].last)
        # An output of zero is as ignorant as one of the mean, or one that knows the classes' shares.
        if classes >= 1 or str(loss.get("name")).startswith("binary_cross_entropy"):
            expected = max(expected, math.log(classes) if classes > 2 else math.log(2))
        elif math.isfinite(mean):
            expected += mean * mean  # a power would raise where this overflows
        if not expected > 0 or not self.odd_ratio * expected < first < float("inf"):
            return
        ratio = first / expected
        is_sick = ratio > self.sick_ratio or self._is_saturated(run)
        yield self.finding(
            f"The loss starts at {first:.4g}; an answer that knows nothing would get {expected:.4g}.",
            since=0,
            severity=Severity.SICK if is_sick else Severity.ODD,
            evidence={"loss": first, "expected": expected, "ratio": ratio, "threshold": self.sick_ratio},
            remedies=(
                Remedy(
                    name="standardise-inputs",
                    text="Bring every input to mean 0 and standard deviation 1.",
                    knob=Knob.DATA_SCALE,
                    safety=Safety.UNSAFE,
                    settings={"inputs": "standard"},
                ),
                Remedy(
                    name="scaled-init",
                    text="Use a standard initialisation, with a small last layer.",
                    knob=Knob.INIT,
                    safety=Safety.UNSAFE,
                    settings={"init": "he"},
                ),
            ),
        )

    def _is_saturated(self, run: Run) -> bool:
        """Whether a hidden layer too starts at the flat ends of its activation: the weights are too wide."""
        layers = run.match("saturated/*").items()
        return any(
            series.first >= self.min_saturated and series.steps[0] == 0
            for layer, series in layers
            if layer != run.facts.get("head_layer")
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(first: float, expected: float, **more: float) -> Run:
            numbers = {name.replace("__", "/"): value for name, value in more.items()}
            return run_of({"init/loss": first, "init/loss_expected": expected, **numbers})

        yield sick("a cross-entropy of 26000", case(26000, 2.3, target__classes=10))
        yield sick("drawn too wide behind tanh", case(16.3, 2.3, target__classes=10, saturated__layer0=0.8))
        yield well("ln 10 for ten classes", case(2.36, 2.303, target__classes=10))
        yield well("a target with a mean, an output of zero", case(26.0, 1.0, target__mean=5.0))
