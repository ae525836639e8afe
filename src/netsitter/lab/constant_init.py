"""Constant weights of 10: the same symmetry, and the signal explodes.

Equal rows are one unit many times over, whatever the constant is; and with c = 10 and 64 inputs a
layer multiplies the size of its input by hundreds.
"""

from netsitter.lab.data import digits
from netsitter.lab.result import Check, Result
from netsitter.lab.training import (
    SCORES,
    SEEDS,
    loss_chart,
    mean,
    mlp,
    over_seeds,
    said_of,
    score_rows,
    signals,
    train,
)

CLAIM = "Constant weights keep all units of a layer identical, and large ones blow the signal up."
NAMED = {"constant 10": ("symmetric-init", "init-too-large")}
SIZES = (64, 64, 64, 10)


def measure() -> Result:
    data = digits()
    nets = {}

    def run(init: str, seed: int):
        nets[init] = mlp(SIZES, init=init, seed=seed, constant=10.0)
        return train(nets[init], data, lr=0.01, epochs=15, seed=seed)

    tracks = over_seeds(
        {"constant 10": lambda seed: run("constant", seed), "he": lambda seed: run("he", seed)}
    )
    weight = nets["constant"][2].weight.detach()
    apart = float((weight - weight[0]).abs().max())
    spread = signals(mlp(SIZES, init="constant"), data.x, data.y)[0][-1]
    ends = {arm: mean([run.accuracies[-1] for run in runs]) for arm, runs in tracks.items()}
    return Result(
        seeds=SEEDS,
        columns=SCORES,
        rows=score_rows(tracks),
        checks=(
            Check(
                text="after training the hidden units of a layer are still one and the same",
                held=apart < 1e-3,
                measured=f"largest difference between two units' weights {apart:.2g}",
            ),
            Check(
                text="the second layer's activations start thousands of times too large",
                held=spread > 1000,
                measured=f"standard deviation {spread:.3g}",
            ),
            Check(
                text="He's weights end far better",
                held=ends["he"] > ends["constant 10"] + 0.3,
                measured=f"accuracy {ends['he']:.3f} against {ends['constant 10']:.3f}",
            ),
        ),
        charts=(loss_chart("Constant weights against He's", tracks),),
        said=said_of(tracks),
    )
