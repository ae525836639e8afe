"""The last activation keeps the network from giving the answers that are asked for."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._wiring import SYMPTOMS, graph, loss_facts, main_loss
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class OutputActivation(Rule):
    """The last activation keeps the network from giving the answers that are asked for.

    ## What it does
    Compares the activation after the last layer with the loss function and with the range of the targets.

    ## Why is this bad?
    A ReLU cannot answer below zero, and passes no gradient where it is silent; a sigmoid cannot answer
    above one; a softmax over one unit always answers one.

    ## What to do
    End a regression with a linear layer; give a classifier's raw scores to the loss; for one probability
    use a sigmoid.

    ## When it is wrong
    A ReLU or softplus on a target that is never negative, or a sigmoid on one within [0, 1], is a choice
    and is left alone.

    ## References
    Goodfellow, Bengio and Courville, Deep Learning, 2016, section 6.2.2.
    """

    code = "O004"
    severity = Severity.SICK
    depth = Depth.MECHANISM
    needs = ("@head",)
    explains = SYMPTOMS

    slack: float = 0.05
    """Part of the target's spread by which it may leave the range: noise at the edge."""
    min_samples: int = 2
    """Sampled batches; one is enough where the activation contradicts the loss itself."""

    def check(self, run: Run) -> Iterator[Finding]:
        problem = self._problem(run)
        if problem is None:
            return
        reason, activation, evidence = problem
        fatal = "constant" in evidence
        yield self.finding(
            f"The network ends in a {activation}: {reason}.",
            where=(str(run.facts["head_layer"]),) if run.facts.get("head_layer") else (),
            since=0,
            severity=Severity.FATAL if fatal else None,
            evidence={**evidence, "threshold": self.slack},
            remedies=(
                Remedy(
                    name="linear-output",
                    text=f"Replace the {activation} by a sigmoid: one unit holds one probability."
                    if fatal
                    else f"Remove the {activation} after the last layer.",
                    knob=Knob.OUTPUT,
                    safety=Safety.UNSAFE,
                    settings={"remove": activation},
                ),
            ),
        )

    def _problem(self, run: Run) -> tuple[str, str, dict[str, Any]] | None:
        """(why, activation, evidence), or None where the head fits."""
        head = list(run.facts.get("head") or [])
        name = str(main_loss(run).get("name", "custom"))
        last = head[-1] if head else ""
        width = graph(run).get("softmax_width") or run["output/width"].last
        if "softmax" in head[-1:] and width == 1:
            return "over one unit it is always 1, whatever the input", "softmax", {"constant": True}
        if last == "relu" and name in _LOGITS:
            return "scores below 0 are cut off, and with them their gradient", last, {"loss": name}
        if last in ("tanh", "hardtanh", "softsign") and name in _LOGITS:
            return (
                "scores end at -1 and 1, and with them the confidence of every answer",
                last,
                {"loss": name},
            )
        if last == "relu" and name == "binary_cross_entropy":
            return "a probability ends at 1, a ReLU does not", last, {"loss": name}
        ops = set(graph(run).get("ops") or [])
        if name == "custom" and last == "relu" and {"log", "rsub"} <= ops:
            return (
                "its logarithm is taken as a probability's, which a ReLU does not give",
                "relu",
                {"loss": name},
            )
        if name in _REGRESSIONS and (last in _RANGES or last == "clamp"):
            return self._out_of_reach(run, last)
        return None

    def _out_of_reach(self, run: Run, activation: str) -> tuple[str, str, dict[str, Any]] | None:
        """Targets that the activation cannot give."""
        low, high = _RANGES.get(activation) or _shown_bounds(run)
        lows, highs = run["target/min"].finite, run["target/max"].finite
        if len(lows) < self.min_samples or len(highs) < self.min_samples:
            return None
        least, most = float(lows.min()), float(highs.max())
        spread = run["target/std"].finite
        room = self.slack * (float(spread.max()) if len(spread) else 0.0)
        if least >= low - room and most <= high + room:
            return None
        evidence = {
            "target_min": least,
            "target_max": most,
            "output_min": low if math.isfinite(low) else None,
        }
        return f"targets run from {least:.3g} to {most:.3g}, which it cannot give", activation, evidence

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(name: str, head: list[str], low: float, high: float, width: float = 1) -> Run:
            numbers = {
                "target/min": low,
                "target/max": high,
                "target/std": (high - low) / 4,
                "output/width": width,
            }
            return run_of(
                {"loss": [1.0] * 3, **{name: [value] * 3 for name, value in numbers.items()}},
                facts={**loss_facts(name), "head": head, "head_layer": "out"},
            )

        clamped = case("mse_loss", ["clamp"], -4, 5)
        for step in range(5):
            clamped.append(
                step + 1, {"output/min": 0.0, "output/max": 1.0, "target/min": -4, "target/max": 5}
            )
        yield sick("clamped to between 0 and 1", clamped)
        free = case("mse_loss", ["clamp"], -4, 5)
        for step in range(5):
            free.append(step + 1, {"output/min": -3 - 0.1 * step, "output/max": 4.0 + 0.1 * step})
        yield well("clamped far away", free)
        yield sick("relu on a target below 0", case("mse_loss", ["relu"], -3, 2))
        yield sick("sigmoid on a target above 1", case("mse_loss", ["sigmoid"], 0, 30))
        yield sick("relu on the logits", case("cross_entropy", ["relu"], 0, 9, 10))
        yield sick("tanh on the logits", case("cross_entropy", ["tanh"], 0, 9, 10))
        yield well("scores held within a cap", case("cross_entropy", ["tanh", "mul"], 0, 9, 10))
        yield sick("softmax over one unit", case("binary_cross_entropy", ["softmax"], 0, 1))
        yield well("relu on counts", case("mse_loss", ["relu"], 0, 40))
        yield well("tanh on a target within its range", case("mse_loss", ["tanh"], -1, 1))
        yield well("sigmoid for a probability", case("binary_cross_entropy", ["sigmoid"], 0, 1))
        yield well("linear", case("mse_loss", [], -3, 2))


_LOGITS = ("cross_entropy", "binary_cross_entropy_with_logits")
_REGRESSIONS = ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss")
_RANGES = {
    "relu": (0.0, math.inf),
    "sigmoid": (0.0, 1.0),
    "softmax": (0.0, 1.0),
    "hardsigmoid": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "softplus": (0.0, math.inf),
    "log_softmax": (-math.inf, 0.0),
}
"""What each activation can answer."""


HITS = 3
"""Samples whose extreme output is the same number: a bound, and no chance."""


def _shown_bounds(run: Run) -> tuple[float, float]:
    """Where outputs that are clamped to a range that is not known end."""
    lows, highs = run["output/min"].finite, run["output/max"].finite
    low = float(lows.min()) if len(lows) and np.sum(lows == lows.min()) >= HITS else -math.inf
    return low, float(highs.max()) if len(highs) and np.sum(highs == highs.max()) >= HITS else math.inf
