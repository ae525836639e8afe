"""Making up the tiny runs that rules are shown and tested on."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from netsitter.run import Run

Numbers = Mapping[str, float | Sequence[float] | np.ndarray]


def run_of(numbers: Numbers, *, facts: Mapping[str, Any] | None = None, every: int = 1) -> Run:
    """A run in memory: a sequence is recorded every ``every`` steps, a single number at step 0."""
    run = Run(facts)
    for name, values in numbers.items():
        for index, value in enumerate(np.atleast_1d(np.asarray(values, dtype=np.float64))):
            run.append(index * every, {name: float(value)})
    return run


def curve(
    start: float, end: float, *, steps: int = 400, pace: float = 6.0, noise: float = 0.02
) -> np.ndarray:
    """A learning curve from ``start`` towards ``end``, shape (steps,).

    ``pace`` is the number of time constants in the run, 0 for a straight line; ``noise`` is the
    standard deviation of a point in units of \\|start - end\\| (of 1 where they are equal).
    """
    time = np.linspace(0, 1, steps)
    fallen = -np.expm1(-pace * time) / -np.expm1(-pace) if pace else time
    scatter = np.random.default_rng(7).normal(0, noise * (abs(start - end) or 1.0), steps)
    return start + (end - start) * fallen + scatter


def layers(
    *shares: float, samples: int = 40, name: str = "grad_share/layer{}.weight"
) -> dict[str, np.ndarray]:
    """The same number for layers 0, 1, …, constant over the samples."""
    return {name.format(index): np.full(samples, share) for index, share in enumerate(shares)}


def model(*kinds: str, width: int = 64) -> dict[str, Any]:
    """The ``model`` fact of layers 0, 1, … of these kinds, each of width x width."""
    return {
        "name": "Net",
        "parameters": {
            f"layer{index}.weight": {
                "shape": [width, width],
                "module": f"layer{index}",
                "kind": kind,
                "trainable": True,
                "optimised": True,
                "reached": True,
                "elements": width * width,
            }
            for index, kind in enumerate(kinds)
        },
        "modules": {
            f"layer{index}": {"type": kind, "in": width, "out": width, "p": None, "called": True}
            for index, kind in enumerate(kinds)
        },
    }
