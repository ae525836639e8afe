"""How well a run is doing, in terms that need no unit: what rules weigh a suspicion against.

A strange inside of a network that learns well is worth a look; the same inside of one that does not
learn is the likely cause.
"""

import math
from typing import Any

import numpy as np

from netsitter.curve import level, read_curve
from netsitter.finding import Severity
from netsitter.run import Run
from netsitter.series import Series

THRIVING = 0.6
"""Share of the ignorant answer's loss or error that a run which works has got rid of."""

BEHIND = 0.9
"""Share of what a row's nearest neighbour tells of its label: a run that has learnt less does not do well.
The nearest neighbour has at most twice the least possible error (Cover and Hart, 1967)."""

MOSTLY = 0.6
"""Chance of two rows to share a label; where one class is nearly all rows, neighbours tell nothing."""


def solved(run: Run) -> float:
    """How much of what an ignorant answer leaves open the run has learnt: 0 is guessing, 1 perfect.

    The best of R², accuracy over the most frequent class's share, and training loss against what
    its theory gives an ignorant output. NaN when none of them is known.
    """
    scores = [_late(run, "metric/r2"), _accuracy(run), _loss(run)]
    known = [score for score in scores if math.isfinite(score)]
    return max(known, default=math.nan)


def _late(run: Run, name: str) -> float:
    """The level of the newest samples; NaN where the last half of the run has none, or they would be old."""
    series = run[name]
    return level(series.values[series.steps >= run.last_step / 2][-8:])


def _accuracy(run: Run) -> float:
    accuracy = _late(run, "metric/accuracy")
    chance = run["target/top_share_all"].last
    if not math.isfinite(chance):  # targets given as probabilities: take the classes as balanced
        chance = 1 / max(2.0, run["output/width"].last)
    return (accuracy - chance) / (1 - chance) if chance < 1 else math.nan


def _loss(run: Run) -> float:
    """Only where `loss` is the plain mean that the theory speaks of: no sum, no added penalty."""
    curve = read_curve(run["loss"])
    ignorant, first = run["init/loss_expected"].first, run["init/loss"].first
    if curve is None or not ignorant > 0 or not math.isfinite(first):
        return math.nan
    if abs(run["loss"].first - first) > 0.02 * abs(first) or curve.end < 0:
        return math.nan
    return 1 - curve.end / ignorant


def learnable(run: Run) -> float:
    """How much of what an ignorant answer leaves open a row's nearest neighbour tells; NaN where unknown."""
    agreement, chance = run["data/neighbour_agreement"].last, run["data/neighbour_chance"].last
    if not run["data/neighbour_rows"].last >= 100 or not 0 <= chance < MOSTLY:
        return math.nan
    return (agreement - chance) / (1 - chance)


def thrives(run: Run) -> bool:
    """Whether the run has learnt most of what there is; False when that cannot be known."""
    return solved(run) >= THRIVING


def if_it_hurts(run: Run, bar: float = THRIVING) -> Severity:
    """Sick in a run that does not do well; odd in one that does, or whose loss falls on a scale unknown.

    ``bar`` is the share learnt from which on a run does well, unless a neighbour's label tells more.
    """
    learnt = solved(run)
    well = has_learnt(run) if math.isnan(learnt) else learnt >= bar and not is_behind(run)
    return Severity.ODD if well else Severity.SICK


def is_behind(run: Run) -> bool:
    """Whether a row's nearest neighbour tells more of its label than the run has learnt."""
    return solved(run) < BEHIND * learnable(run)


def has_learnt(run: Run) -> bool:
    """Whether the training loss has fallen by far more than its noise."""
    curve = read_curve(run["loss"])
    return curve is not None and curve.fallen > 10


def is_adversarial(run: Run) -> bool:
    """Whether two optimisers take turns against each other: their losses are meant not to fall."""
    return bool(run.facts.get("alternating"))


def weights(run: Run) -> dict[str, dict[str, Any]]:
    """The trained weight matrices that meet every example, in the order of the model.

    Embeddings are left out: most of their rows rest in most steps.
    """
    parameters = (run.facts.get("model") or {}).get("parameters") or {}
    return {
        name: about
        for name, about in parameters.items()
        if len(about.get("shape") or ()) >= 2
        and "Embedding" not in (about.get("kind") or "")
        and about.get("trainable", True)
        and about.get("optimised", True)
    }


def share(numbers: np.ndarray) -> float:
    """The median of finite numbers, 0 when there are none."""
    value = level(numbers)
    return value if math.isfinite(value) else 0.0


def at_same_steps(first: Series, second: Series) -> list[tuple[float, float]]:
    """Values of two series at the steps that both have, in the second's order."""
    known = dict(zip(first.steps.tolist(), first.values.tolist(), strict=True))
    points = zip(second.steps.tolist(), second.values.tolist(), strict=True)
    return [(known[step], value) for step, value in points if step in known]


MOST = 2.0
"""Times a weight's own gain on centred inputs; behind a ReLU a mean above 0 makes 1.2 of it."""


def _most(run: Run, module: str) -> float:
    """The largest gain that a layer's weights account for; the rest is its bias, or its inputs' mean."""
    spread = run[f"init/weight_std/{module}.weight"].first
    shape = (weights(run).get(f"{module}.weight") or {}).get("shape") or []
    is_known = math.isfinite(spread) and len(shape) >= 2
    return MOST * spread * math.sqrt(math.prod(shape[1:])) if is_known else math.inf


def first_gains(run: Run) -> dict[str, float]:
    """Gain of each layer with a trained weight matrix at the first pass, up to the first that is off.

    Behind a layer that gives one answer to every input there is no spread to speak of.
    """
    modules = [about.get("module") for about in weights(run).values()]
    gains: dict[str, float] = {}
    for name in modules:
        gain = run[f"init/gain/{name}"].first
        if not 1e-9 < gain < 1e9:
            break
        gains[str(name)] = min(gain, _most(run, str(name)))
    return gains
