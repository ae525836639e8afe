"""Centred weight normalisation: w = g · (v − mean v) / ‖v − mean v‖ while training.

Huang, Liu, Liu, Lang & Tao 2017: centred and normalised weights condition the problem better and speed
training up.
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
    train,
)
from netsitter.nets.normalization import centre_weights

CLAIM = "Centred weight normalisation makes training faster."
NAMED: dict[str, tuple[str, ...]] = {}
SIZES = (64, 64, 64, 64, 64, 10)


def measure() -> Result:
    data = digits()
    # Pixels before standardisation are never negative: a mean that centring takes away.
    shifted = type(data)(x=data.x + 1.0, y=data.y, val_x=data.val_x + 1.0, val_y=data.val_y)

    def run(seed: int, *, centred: bool):
        net = mlp(SIZES, init="xavier", seed=seed)
        if centred:
            centre_weights(net)
        return train(net, shifted, lr=0.05, epochs=10, seed=seed)

    tracks = over_seeds(
        {
            "centred weight norm": lambda seed: run(seed, centred=True),
            "plain": lambda seed: run(seed, centred=False),
        }
    )
    early = {arm: mean([mean(r.losses[: len(r.losses) // 2]) for r in runs]) for arm, runs in tracks.items()}
    return Result(
        seeds=SEEDS,
        columns=SCORES,
        rows=score_rows(tracks),
        checks=(
            Check(
                text="the mean loss over the first half of training is lower",
                held=early["centred weight norm"] < early["plain"],
                measured=f"{early['centred weight norm']:.3f} against {early['plain']:.3f}",
            ),
        ),
        charts=(loss_chart("Centred weight norm against plain weights", tracks),),
        said=said_of(tracks),
    )
