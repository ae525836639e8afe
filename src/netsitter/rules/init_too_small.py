"""The signal dies out from layer to layer before anything is learnt."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import curve, model, run_of
from netsitter.rules._progress import has_learnt, thrives, weights
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class InitTooSmall(Rule):
    """The initial weights are so small that the signal dies out on its way through the layers.

    ## What it does
    Compares each weight matrix's standard deviation at the start with Glorot's, sqrt(2 / (inputs +
    outputs)), in a run that has not learnt.

    ## Why is this bad?
    The last layers see the same tiny number for every input, and the first ones get a gradient as
    small: nothing can be told apart, and nothing learnt.

    ## What to do
    He initialisation (std = sqrt(2 / inputs)) for ReLU, Glorot for tanh and sigmoid; with many layers
    also norm layers or residual connections.

    ## When it is wrong
    Residual connections and norm layers carry the signal past small weights, and a last layer may be
    small on purpose; a run that learns in spite of it is not reported.

    ## References
    Glorot and Bengio, 2010; He et al., 2015; Mishkin and Matas, All You Need Is a Good Init, 2015.
    """

    code = "I004"
    severity = Severity.SICK
    depth = Depth.SETTING
    needs = ("@model", "init/weight_std/*", "loss")
    explains = (
        "vanishing-gradients", "constant-output", "not-learning", "plateau", "underfitting", "dead-units",
        "lr-too-low", "too-few-epochs", "labels-misaligned", "class-imbalance-collapse",
    )  # fmt: skip

    min_ratio: float = 0.25
    """Over Glorot's standard deviation, geometric mean of the layers: He has 1.4 and torch's default
    0.6; at a quarter, four layers leave less than a hundredth of the signal."""
    min_layers: int = 2
    """A single layer may start at nothing."""

    def check(self, run: Run) -> Iterator[Finding]:
        ratios = {
            name: run[f"init/weight_std/{name}"].first / _glorot(about["shape"])
            for name, about in weights(run).items()
            if run[f"init/weight_std/{name}"].first > 0
        }
        if len(ratios) < self.min_layers or run.facts.get("norms") or thrives(run):
            return
        mean = math.exp(sum(map(math.log, ratios.values())) / len(ratios))
        if mean < self.min_ratio:
            where = sorted((name for name in ratios if ratios[name] < self.min_ratio), key=ratios.__getitem__)
            yield self.finding(
                f"The weights start at {mean:.2g} of the usual size: what the layers pass on dies out "
                "on its way.",
                where=where,
                since=0,
                severity=Severity.ODD if has_learnt(run) else Severity.SICK,
                evidence={"over_glorot": mean, "threshold": self.min_ratio},
                remedies=(
                    Remedy(
                        name="scaled-init",
                        text="Use He initialisation for ReLU layers and Glorot for tanh and sigmoid layers.",
                        knob=Knob.INIT,
                        safety=Safety.UNSAFE,
                        settings={"init": "glorot"},
                    ),
                ),
            )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(end: float, *spreads: float) -> Run:
            numbers = {f"init/weight_std/layer{i}.weight": spread for i, spread in enumerate(spreads)}
            loss = curve(2.3, end, noise=0.01)
            return run_of(
                {"loss": loss, "init/loss": loss[0], "init/loss_expected": 2.3, **numbers},
                facts={"model": model(*["Linear"] * len(spreads))},
            )

        yield sick("weights of 0.005 in five layers of 64", case(2.3, 0.005, 0.005, 0.005, 0.005, 0.005))
        yield well("torch's default in five layers", case(2.3, 0.07, 0.07, 0.07, 0.07, 0.07))
        yield well("small, and it learns all the same", case(0.2, 0.005, 0.005, 0.005))


def _glorot(shape: list[int]) -> float:
    """Glorot and Bengio's standard deviation for a weight of shape (out, in, places…)."""
    places = math.prod(shape[2:])
    return math.sqrt(2 / max(1, (shape[0] + shape[1]) * places))
