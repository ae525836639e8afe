"""The signal grows from layer to layer before anything is learnt."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import model, run_of
from netsitter.rules._progress import first_gains, if_it_hurts, solved, weights
from netsitter.run import Run

Problem = tuple[str, list[str], dict[str, float]]
"""A sentence, layers, and evidence."""


@dataclass(frozen=True, kw_only=True)
class InitTooLarge(Rule):
    """The initial weights are so large that the signal grows from layer to layer.

    ## What it does
    Reads each layer's gain at the first pass (spread of its outputs over that of its inputs), and how
    many sigmoid or tanh units start at their flat ends.

    ## Why is this bad?
    Outputs start far from anything sensible, gradients grow the same way backwards, and sigmoid or
    tanh units start where their gradient is zero. Much of the training undoes the start.

    ## What to do
    He initialisation (std = sqrt(2 / inputs)) for ReLU, Glorot for tanh and sigmoid. N(0, 1) weights
    multiply the signal by the square root of the number of inputs, layer after layer.

    ## When it is wrong
    Norm layers undo the gain of the layer before them; there it does little harm.

    ## References
    Glorot and Bengio, 2010; He et al., Delving Deep into Rectifiers, 2015.
    """

    code = "I003"
    severity = Severity.SICK
    depth = Depth.SETTING
    needs = ("@model", "init/gain/*")
    explains = (
        "bad-initial-loss", "exploding-gradients", "saturated-units", "vanishing-gradients", "dead-units",
        "lr-too-high", "oscillation", "plateau", "not-learning", "underfitting", "weight-growth",
        "too-few-epochs", "loss-spike", "constant-output", "lr-too-low",
    )  # fmt: skip

    max_gain: float = 4.0
    """Of a single layer, as a geometric mean over at least two: He gives 1.4 before the ReLU, torch's
    default 0.6; N(0, 1) on 64 inputs gives 8."""
    max_growth: float = 1e3
    """Of the spread from the input to the output of any layer, also one that is passed many times."""
    max_saturated: float = 0.4
    """Share of units at the flat ends at the start; a standard-normal pre-activation has 1 % of tanh
    outputs there."""

    good: float = 0.85
    """Share learnt by a run that has got over its start."""

    def check(self, run: Run) -> Iterator[Finding]:
        if not run.facts.get("norms"):
            problem = self._gain(run) or self._growth(run) or self._saturation(run) or self._recurrence(run)
            if problem:
                yield self._found(run, *problem)

    def _gain(self, run: Run) -> Problem | None:
        """Layers that multiply the spread of the signal."""
        gains = first_gains(run)
        mean = float(np.exp(np.mean(np.log(list(gains.values()))))) if len(gains) >= 2 else 0.0
        if mean <= self.max_gain:
            return None
        return (
            f"At the first pass each layer multiplies the spread of the signal by {mean:.3g} on average.",
            [name for name in sorted(gains, key=lambda name: -gains[name]) if gains[name] > self.max_gain],
            {"mean_gain": mean, "threshold": self.max_gain},
        )

    def _growth(self, run: Run) -> Problem | None:
        """A signal that grows on its way, also through one layer that is passed again and again."""
        grown = _growth(run)
        where = sorted((name for name in grown if grown[name] > self.max_growth), key=lambda n: -grown[n])
        if not where:
            return None
        return (
            f"At the first pass the signal has grown {grown[where[0]]:.3g} times when it leaves {where[0]}.",
            where,
            {"growth": grown[where[0]], "threshold": self.max_growth},
        )

    def _saturation(self, run: Run) -> Problem | None:
        """Units that start at the flat ends of their activation."""
        gains = first_gains(run)
        saturated = {name: series.first for name, series in run.match("saturated/*").items()}
        flat = sorted(
            (n for n in saturated if saturated[n] > self.max_saturated), key=lambda n: -saturated[n]
        )
        large = [name for name in flat if gains.get(name, 0) > self.max_gain / 2]
        if not large:
            return None
        return (
            f"{saturated[large[0]]:.0%} of the units of {large[0]} start at the flat ends of their "
            "activation.",
            large,
            {"saturated": saturated[large[0]], "threshold": self.max_saturated},
        )

    def _recurrence(self, run: Run) -> Problem | None:
        """Square matrices outside any layer that has a gain, of a recurrence written by hand, or its cell;
        and the matrices of recurrent layers that their state passes."""
        gains = {}
        for name, about in weights(run).items():
            shape = about.get("shape") or [0]
            is_square = len(shape) == 2 and shape[0] == shape[1]
            is_hand_made = is_square and run.facts.get("activations", {}).get(name)
            is_passed = _is_state_matrix(str(about.get("kind")), shape)
            if (is_hand_made or is_passed) and not about.get("pretrained"):
                gains[name] = run[f"init/weight_std/{name}"].first * math.sqrt(shape[1])
        where = sorted((name for name in gains if gains[name] > self.max_gain), key=lambda n: -gains[n])
        if not where:
            return None
        return (
            f"The entries of {where[0]} are so large that each pass multiplies the signal by "
            f"{gains[where[0]]:.3g}.",
            where,
            {"gain": gains[where[0]], "threshold": self.max_gain},
        )

    def _found(self, run: Run, message: str, where: list[str], evidence: dict[str, float]) -> Finding:
        return self.finding(
            message,
            where=where,
            since=0,
            severity=Severity.ODD if _has_recovered(run, "growth" in evidence, self.good) else Severity.SICK,
            evidence=evidence,
            remedies=(
                Remedy(
                    name="scaled-init",
                    text="Use He initialisation for ReLU layers and Glorot for tanh and sigmoid layers.",
                    knob=Knob.INIT,
                    safety=Safety.UNSAFE,
                    settings={"init": "he"},
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(*gains: float, saturated: float = 0.0) -> Run:
            numbers = {f"init/gain/layer{i}": gain for i, gain in enumerate(gains)}
            return run_of(
                numbers | {"saturated/layer0": saturated}, facts={"model": model(*["Linear"] * len(gains))}
            )

        yield sick("N(0, 1) weights in four layers", case(8, 5.6, 5.6, 5.6))
        yield sick("tanh units that start saturated", case(6, 2, saturated=0.8))
        passed = case(0.8, 3.4)
        passed.append(0, {"input/std": 1.0, "act_std/layer1": 1e8})
        yield sick("a recurrence that grows threefold at each step", passed)
        lstm = {"shape": [128, 32], "module": "lstm", "kind": "LSTM", "trainable": True, "optimised": True}
        facts = {"model": {"parameters": {"lstm.weight_hh_l0": lstm}, "modules": {}}, "activations": {}}
        wide = {"init/gain/lstm": 0.9, "init/weight_std/lstm.weight_hh_l0": 3.0}
        usual = {**wide, "init/weight_std/lstm.weight_hh_l0": 0.1}
        yield sick("an LSTM's matrices drawn with a deviation of 3", run_of(wide, facts=facts))
        yield well("an LSTM as torch makes it", run_of(usual, facts=facts))
        blank = case(0.8, 1.0)
        blank.append(0, {"input/std": 3e-8, "act_std/layer1": 0.8})
        yield well("a blank picture, of which only the biases make something", blank)
        yield well("He", case(1.4, 1.4, 1.4))
        yield well("torch's default", case(0.6, 0.5, 0.6))


GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
"""Rows for each number of the state."""


def _is_state_matrix(kind: str, shape: list[int]) -> bool:
    """Whether a weight of that kind of layer is as wide as its state and has a row for each of its gates."""
    gates = GATES.get(kind.removesuffix("Cell"))
    return gates is not None and len(shape) == 2 and shape[0] == gates * shape[1]


def _has_recovered(run: Run, is_huge: bool, good: float) -> bool:
    """Whether the run does well all the same. A loss that fell from an astronomical start says nothing."""
    if is_huge and math.isnan(solved(run)):
        return False
    return if_it_hurts(run, good) is Severity.ODD


ROUNDING = 1e-6
"""A spread below it is float32's rounding of equal numbers: what the layers spread then is their biases'."""


def _growth(run: Run) -> dict[str, float]:
    """Spread of each layer's output at the first pass, over that of the input; empty where it is unknown."""
    given = run["input/std"].first
    if not given > ROUNDING:
        return {}
    spreads = {name: series.first for name, series in run.match("act_std/*").items()}
    return {name: spread / given for name, spread in spreads.items() if math.isfinite(spread)}
