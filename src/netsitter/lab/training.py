"""The one training loop of the experiments, watched; and what is measured around it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import netsitter
from netsitter.finding import Severity
from netsitter.lab.chart import Chart
from netsitter.lab.data import Data
from netsitter.nets.activations import make_activation
from netsitter.nets.initializers import initialize

SEEDS = (0, 1, 2)
LookAt = Callable[[int, nn.Module], Any]


@dataclass(frozen=True, kw_only=True)
class Track:
    """One training. ``losses`` by step, the others by epoch."""

    losses: tuple[float, ...]
    val_losses: tuple[float, ...]
    accuracies: tuple[float, ...]
    """On validation rows; empty for numbers."""
    said: tuple[str, ...]
    """Illnesses, fatal or sick, that netsitter named."""

    @property
    def end(self) -> float:
        """Mean training loss of the last tenth of the steps."""
        return float(np.mean(self.losses[-max(1, len(self.losses) // 10) :]))


def mlp(
    sizes: Sequence[int],
    *,
    activation: str = "relu",
    init: str = "he",
    seed: int = 0,
    norm: str = "none",
    dropout: float = 0.0,
    constant: float = 10.0,
    inputs: Tensor | None = None,
) -> nn.Sequential:
    """Linear layers of ``sizes`` with an activation between; ``norm`` is none, before or after it."""
    layers: list[nn.Module] = []
    for index, (fan_in, fan_out) in enumerate(pairwise(sizes)):
        layers.append(nn.Linear(fan_in, fan_out))
        if index == len(sizes) - 2:
            break
        layers += [nn.BatchNorm1d(fan_out)] if norm == "before" else []
        layers.append(make_activation(activation))
        layers += [nn.BatchNorm1d(fan_out)] if norm == "after" else []
        layers += [nn.Dropout(dropout)] if dropout else []
    net = nn.Sequential(*layers)
    initialize(
        net,
        init,
        activation=activation,
        inputs=None if inputs is None else (inputs,),
        generator=torch.Generator().manual_seed(seed),
        constant=constant,
    )
    return net


def train(
    net: nn.Module,
    data: Data,
    *,
    lr: float,
    epochs: int,
    seed: int,
    optimizer: str = "sgd",
    batch: int = 64,
    weight_decay: float = 0.0,
    loss: Callable[[Tensor, Tensor], Tensor] | None = None,
    look_at: LookAt | None = None,
) -> Track:
    """Train ``net`` and watch it. ``look_at(step, net)`` is called between backward and step.

    The loss is cross-entropy for classes and the mean square for numbers when not given. One seed gives
    the same batches and dropout masks.
    """
    is_class = not data.y.is_floating_point()
    loss = loss or (cross_entropy if is_class else mean_square)
    losses, val_losses, accuracies = [], [], []
    with torch.random.fork_rng(devices=[]), netsitter.watch(net, quiet=True) as sitter:
        torch.manual_seed(seed)
        stepper = _OPTIMIZERS[optimizer](net.parameters(), lr, weight_decay)
        for _ in range(epochs):
            net.train()
            for rows in torch.randperm(len(data.x)).split(batch):
                if len(rows) < min(batch, len(data.x)) and batch > 1:
                    continue
                stepper.zero_grad()
                value = loss(net(data.x[rows]), data.y[rows])
                value.backward()
                if look_at is not None:
                    look_at(len(losses), net)
                stepper.step()
                losses.append(float(value.detach()))
            val_loss, accuracy = evaluate(net, data, loss)
            val_losses.append(val_loss)
            accuracies += [accuracy] if is_class else []
    said = tuple(finding.name for finding in sitter.findings if finding.severity is not Severity.ODD)
    return Track(losses=tuple(losses), val_losses=tuple(val_losses), accuracies=tuple(accuracies), said=said)


@torch.no_grad()
def evaluate(net: nn.Module, data: Data, loss: Callable[[Tensor, Tensor], Tensor]) -> tuple[float, float]:
    """Loss and accuracy on the validation rows; the accuracy of numbers means nothing."""
    net.eval()
    output = net(data.val_x)
    return float(loss(output, data.val_y)), float((output.argmax(1) == data.val_y).float().mean())


def cross_entropy(prediction: Tensor, target: Tensor) -> Tensor:
    """Looked up when it is called: a name that was bound before the watch opened would go unheard."""
    return F.cross_entropy(prediction, target)


def mean_square(prediction: Tensor, target: Tensor) -> Tensor:
    """Of outputs ``(n, 1)`` and targets ``(n,)``."""
    return F.mse_loss(prediction.squeeze(1), target)


def _sgd(parameters: Any, lr: float, decay: float) -> torch.optim.Optimizer:
    return torch.optim.SGD(parameters, lr=lr, weight_decay=decay)


def _momentum(parameters: Any, lr: float, decay: float) -> torch.optim.Optimizer:
    return torch.optim.SGD(parameters, lr=lr, momentum=0.9, weight_decay=decay)


def _adam(parameters: Any, lr: float, decay: float) -> torch.optim.Optimizer:
    return torch.optim.AdamW(parameters, lr=lr, weight_decay=decay)


_OPTIMIZERS = {"sgd": _sgd, "momentum": _momentum, "adam": _adam}


def signals(net: nn.Sequential, x: Tensor, y: Tensor) -> tuple[list[float], list[float]]:
    """Standard deviation of each hidden activation, and root mean square of each weight's gradient."""
    spreads, value = [], x
    for layer in net:
        value = layer(value)
        if not isinstance(layer, nn.Linear | nn.BatchNorm1d | nn.Dropout):
            spreads.append(float(value.detach().std()))
    net.zero_grad()
    F.cross_entropy(value, y).backward()
    slopes = [
        float(layer.weight.grad.square().mean().sqrt())
        for layer in net
        if isinstance(layer, nn.Linear) and layer.weight.grad is not None
    ]
    net.zero_grad()
    return spreads, slopes


def mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def smooth(values: Sequence[float], window: int = 10) -> tuple[list[int], list[float]]:
    """Means over ``window`` steps: the middle step and the mean of each. A NaN stays one."""
    starts = range(0, len(values), window)
    return [s + window // 2 for s in starts], [mean(values[s : s + window]) for s in starts]


def named(tracks: Sequence[Track]) -> tuple[str, ...]:
    """Every illness named in any of the trainings, in order of appearance."""
    return tuple(dict.fromkeys(name for track in tracks for name in track.said))


Arms = Mapping[str, Callable[[int], Track]]


def over_seeds(arms: Arms, seeds: Sequence[int] = SEEDS) -> dict[str, list[Track]]:
    """Every arm trained under every seed."""
    return {arm: [make(seed) for seed in seeds] for arm, make in arms.items()}


def loss_chart(title: str, tracks: Mapping[str, Sequence[Track]], *, ceiling: float | None = None) -> Chart:
    """The training loss of each arm under its first seed, smoothed, on a log axis."""
    return Chart(
        title=title,
        x="step",
        y="training loss",
        lines={arm: smooth(runs[0].losses) for arm, runs in tracks.items()},
        log_y=True,
        ceiling=ceiling,
    )


def score_rows(tracks: Mapping[str, Sequence[Track]]) -> dict[str, tuple[float, float, float]]:
    """Arm → training loss at the end, validation loss at the end, validation accuracy at the end."""
    return {
        arm: (
            mean([run.end for run in runs]),
            mean([run.val_losses[-1] for run in runs]),
            mean([run.accuracies[-1] for run in runs]),
        )
        for arm, runs in tracks.items()
    }


SCORES = ("training loss", "validation loss", "validation accuracy")


def said_of(tracks: Mapping[str, Sequence[Track]]) -> dict[str, tuple[str, ...]]:
    return {arm: named(runs) for arm, runs in tracks.items()}
