"""Early stopping: the weights of the best validation epoch against those of the last.

The cheapest regulariser: the validation rows say when (Prechelt 1998). The choice is judged on rows that
took no part in it.
"""

import torch
from torch import nn

from netsitter.lab.chart import Chart
from netsitter.lab.data import Data, mislabelled
from netsitter.lab.result import Check, Result
from netsitter.lab.training import SEEDS, Track, cross_entropy, evaluate, mean, mlp, named, train

CLAIM = "The weights of the best validation epoch do better on new rows than the last ones."
NAMED = {"trained to the end": ("overfitting",)}
SIZES = (64, 256, 256, 10)
ROWS, EPOCHS, BATCH = 150, 100, 32
STEPS = ROWS // BATCH
"""Of an epoch."""


def measure() -> Result:
    last, best, at, tracks = [], [], [], []
    for seed in SEEDS:
        noisy = mislabelled(seed, wrong=0.3).head(ROWS)
        half = len(noisy.val_x) // 2
        choosing = Data(x=noisy.x, y=noisy.y, val_x=noisy.val_x[:half], val_y=noisy.val_y[:half])
        new = Data(x=noisy.x, y=noisy.y, val_x=noisy.val_x[half:], val_y=noisy.val_y[half:])
        track, errors = _train(choosing, new, seed)
        epoch = min(range(EPOCHS - 1), key=lambda e, track=track: track.val_losses[e])
        best.append(errors[epoch + 1])
        last.append(errors[-1])
        at.append(epoch + 1)
        tracks.append(track)
    return Result(
        seeds=SEEDS,
        columns=("loss on new rows", "epoch"),
        rows={"best epoch": [mean(best), mean(at)], "last epoch": [mean(last), EPOCHS]},
        checks=(
            Check(
                text="under every seed the best epoch is better on rows that did not choose it",
                held=all(b < e for b, e in zip(best, last, strict=True)),
                measured=f"{mean(best):.3f} against {mean(last):.3f}",
            ),
        ),
        charts=(
            Chart(
                title="Validation loss",
                x="epoch",
                y="cross-entropy",
                lines={
                    f"seed {seed}": (list(range(1, EPOCHS + 1)), track.val_losses)
                    for seed, track in zip(SEEDS, tracks, strict=True)
                },
            ),
        ),
        said={"trained to the end": named(tracks)},
    )


def _train(data: Data, new: Data, seed: int) -> tuple[Track, list[float]]:
    """The training, and the loss on ``new`` rows before each epoch."""
    kept: list[list[torch.Tensor]] = []

    def look(step: int, net: nn.Module) -> None:
        if step % STEPS == 0:
            kept.append([parameter.detach().clone() for parameter in net.parameters()])

    track = train(
        mlp(SIZES, seed=seed),
        data,
        lr=1e-3,
        epochs=EPOCHS,
        seed=seed,
        optimizer="adam",
        batch=BATCH,
        look_at=look,
    )
    return track, [_loss_of(weights, new) for weights in kept]


def _loss_of(weights: list[torch.Tensor], new: Data) -> float:
    net = mlp(SIZES)
    with torch.no_grad():
        for mine, theirs in zip(net.parameters(), weights, strict=True):
            mine.copy_(theirs)
    return evaluate(net, new, cross_entropy)[0]
