"""The signal dies out from layer to layer before anything is learnt."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import curve, model, run_of
from netsitter.rules._progress import first_gains, has_learnt, thrives
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class InitTooSmall(Rule):
    """The initial weights are so small that the signal dies out on its way through the layers.

    ## What it does
    Multiplies the layers' gains at the first pass (spread of outputs over that of inputs).

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
    needs = ("@model", "init/gain/*", "loss")
    explains = (
        "vanishing-gradients", "constant-output", "not-learning", "plateau", "underfitting", "dead-units",
        "lr-too-low", "too-few-epochs", "labels-misaligned", "class-imbalance-collapse",
    )  # fmt: skip

    min_signal: float = 1e-3
    """Spread that is left of the input's after all layers. Torch's default leaves 0.1 of it in three
    layers and 0.02 in six."""
    min_gain: float = 0.2
    """Of a single layer as a geometric mean: torch's default has 0.4 to 0.6."""

    def check(self, run: Run) -> Iterator[Finding]:
        gains = first_gains(run)
        if len(gains) < 2 or run.facts.get("norms") or thrives(run):
            return
        logs = np.log(list(gains.values()))
        signal, mean = float(np.exp(np.sum(logs))), float(np.exp(np.mean(logs)))
        if signal < self.min_signal and mean < self.min_gain:
            where = sorted(gains, key=lambda name: gains[name])
            yield self.finding(
                f"At the first pass only {signal:.2g} of the input's spread is left behind "
                f"{len(gains)} layers: each "
                f"passes on {mean:.2g} of what it gets.",
                where=[name for name in where if gains[name] < self.min_gain],
                since=0,
                severity=Severity.ODD if has_learnt(run) else Severity.SICK,
                evidence={"signal": signal, "mean_gain": mean, "threshold": self.min_gain},
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
        def case(end: float, *gains: float) -> Run:
            numbers = {f"init/gain/layer{i}": gain for i, gain in enumerate(gains)}
            loss = curve(2.3, end, noise=0.01)
            return run_of(
                {"loss": loss, "init/loss": loss[0], "init/loss_expected": 2.3, **numbers},
                facts={"model": model(*["Linear"] * len(gains))},
            )

        yield sick("weights of 0.005 in five layers", case(2.3, 0.04, 0.04, 0.04, 0.04, 0.04))
        yield well("torch's default in five layers", case(2.3, 0.6, 0.5, 0.5, 0.5, 0.5))
        yield well("small, and it learns all the same", case(0.2, 0.04, 0.04, 0.04, 0.04, 0.04))
