"""LSUV: orthogonal weights, then every layer scaled to unit variance on a batch.

Mishkin & Matas 2015, "All you need is a good init": it suits any activation, because it looks at what
comes out instead of assuming it.
"""

from collections.abc import Mapping

from torch import Tensor, nn

from netsitter.lab.chart import Chart
from netsitter.lab.data import digits
from netsitter.lab.result import Check, Result
from netsitter.lab.training import SEEDS, mean, mlp, over_seeds, said_of, score_rows, train

CLAIM = "LSUV gives every layer unit variance, whatever the activation, and deep networks then train."
NAMED: dict[str, tuple[str, ...]] = {}
DEPTH = 15
SIZES = (64, *[64] * DEPTH, 10)
BATCH = 256
"""Rows that LSUV looks at."""


def measure() -> Result:
    data = digits()
    batch = data.x[:BATCH]
    inits = ("lsuv", "xavier")
    tracks = over_seeds(
        {
            init: lambda seed, init=init: train(_net(init, seed), data, lr=0.02, epochs=12, seed=seed)
            for init in inits
        }
    )
    spreads = {init: [_pre_activations(_net(init, seed), batch) for seed in SEEDS] for init in inits}
    low, high = min(map(min, spreads["lsuv"])), max(map(max, spreads["lsuv"]))
    ends = {init: mean([run.end for run in runs]) for init, runs in tracks.items()}
    return Result(
        seeds=SEEDS,
        columns=("training loss", "validation loss", "validation accuracy"),
        rows=score_rows(tracks),
        checks=_checks(low, high, ends),
        charts=(
            Chart(
                title="Outputs of the linear layers at the start",
                x="layer",
                y="standard deviation",
                lines={
                    init: (list(range(1, DEPTH + 2)), [mean(layer) for layer in zip(*found, strict=True)])
                    for init, found in spreads.items()
                },
                log_y=True,
            ),
        ),
        said=said_of(tracks),
    )


def _checks(low: float, high: float, ends: Mapping[str, float]) -> tuple[Check, ...]:
    return (
        Check(
            text="the output of every layer has a standard deviation within 5 % of 1",
            held=low > 0.95 and high < 1.05,
            measured=f"between {low:.3f} and {high:.3f}",
        ),
        Check(
            text="15 layers learn faster than from Xavier's weights",
            held=ends["lsuv"] < ends["xavier"],
            measured=f"loss {ends['lsuv']:.3f} against {ends['xavier']:.3f}",
        ),
    )


def _net(init: str, seed: int) -> nn.Sequential:
    return mlp(SIZES, activation="leaky-relu", init=init, seed=seed, inputs=digits().x[:BATCH])


def _pre_activations(net: nn.Sequential, x: Tensor) -> list[float]:
    spreads = []
    for index, layer in enumerate(net):
        x = layer(x)
        if index % 2 == 0:
            spreads.append(float(x.detach().std()))
    return spreads
