"""Xavier for tanh, He for ReLU: the signal through 2 to 50 layers.

Xavier's std = sqrt(2 / (fan_in + fan_out)) keeps the variance of a linear layer, and nearly that of a
tanh (Glorot & Bengio 2010). A ReLU halves the second moment, which He's sqrt(2 / fan_in) makes good
(He et al. 2015). Swap the two and a deep ReLU network's signal halves its variance at every layer.
"""

from collections.abc import Sequence

from netsitter.lab.chart import Chart
from netsitter.lab.data import digits
from netsitter.lab.result import Check, Result
from netsitter.lab.training import SEEDS, mean, mlp, signals

CLAIM = "He's rule carries a ReLU network's signal through 50 layers, Xavier's carries a tanh network's."
NAMED: dict[str, tuple[str, ...]] = {}
DEPTHS = (2, 5, 10, 20, 30, 40, 50)
WIDTH = 128
ARMS = (("relu", "he"), ("relu", "xavier"), ("tanh", "xavier"), ("tanh", "normal"))


def measure() -> Result:
    data = digits().head(256)
    spreads: dict[str, list[float]] = {}
    ratios: dict[str, list[float]] = {}
    for activation, init in ARMS:
        arm = f"{activation}, {init}"
        for depth in DEPTHS:
            found = [
                signals(
                    mlp((64, *[WIDTH] * depth, 10), activation=activation, init=init, seed=seed),
                    data.x,
                    data.y,
                )
                for seed in SEEDS
            ]
            spreads.setdefault(arm, []).append(mean([spread[-1] for spread, _ in found]))
            # The first layer has 64 inputs and the last 10 outputs: hidden layers only.
            ratios.setdefault(arm, []).append(mean([slope[1] / slope[-2] for _, slope in found]))
    he, swapped, tanh = spreads["relu, he"], spreads["relu, xavier"], spreads["tanh, xavier"]
    return Result(
        seeds=SEEDS,
        columns=tuple(f"activation std at depth {depth}" for depth in DEPTHS),
        rows=spreads,
        checks=_checks(he, swapped, tanh),
        charts=(
            Chart(
                title="The last hidden layer's activations",
                x="hidden layers",
                y="standard deviation",
                lines={arm: (DEPTHS, values) for arm, values in spreads.items()},
                log_y=True,
            ),
            Chart(
                title="The first layer's gradient against the last's",
                x="hidden layers",
                y="ratio",
                lines={arm: (DEPTHS, values) for arm, values in ratios.items()},
                log_y=True,
            ),
        ),
    )


def _checks(he: Sequence[float], swapped: Sequence[float], tanh: Sequence[float]) -> tuple[Check, ...]:
    return (
        Check(
            text="ReLU with He's rule: the signal of layer 50 is within 5 times that of layer 2",
            held=0.2 < he[-1] / he[0] < 5,
            measured=f"{he[-1]:.3g} against {he[0]:.3g}",
        ),
        Check(
            text="ReLU with Xavier's rule: it shrinks by more than 10^5",
            held=swapped[-1] / swapped[0] < 1e-5,
            measured=f"{swapped[-1]:.2g} against {swapped[0]:.3g}",
        ),
        Check(
            text="tanh with Xavier's rule: it shrinks, slowly, and never vanishes",
            held=tanh[-1] / tanh[0] > 0.05,
            measured=f"{tanh[-1]:.3g} against {tanh[0]:.3g}",
        ),
    )
