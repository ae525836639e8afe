"""The losses of ``netsitter.nets.losses`` for all members at once, each with its own settings.

K members, B rows each: raw outputs ``(K, B, outputs)``, targets ``(K, B)``, mean losses ``(K,)``.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from netsitter.errors import UsageError
from netsitter.nets.class_losses import BCE, CrossEntropy, Focal, Hinge
from netsitter.nets.loss import Loss
from netsitter.nets.number_losses import MAE, MSE, RMSE, Huber, LogCosh, Poisson, Quantile, Tweedie

Settings = dict[str, Tensor]
"""Each setting of the members as (K, 1); class weights as (K, C)."""


def _mse(p: Tensor, y: Tensor, at: Settings) -> Tensor:
    return (p - y).square().mean(1)


def _rmse(p: Tensor, y: Tensor, at: Settings) -> Tensor:
    return ((p - y).square().mean(1) + at["eps"].squeeze(1)).sqrt()


def _mae(p: Tensor, y: Tensor, at: Settings) -> Tensor:
    return (p - y).abs().mean(1)


def _huber(p: Tensor, y: Tensor, at: Settings) -> Tensor:
    size, delta = (p - y).abs(), at["delta"]
    return torch.where(size <= delta, 0.5 * size.square(), delta * (size - 0.5 * delta)).mean(1)


def _log_cosh(p: Tensor, y: Tensor, at: Settings) -> Tensor:
    size = (y - p).abs()
    return (size + F.softplus(-2 * size)).mean(1) - 0.6931471805599453


def _quantile(p: Tensor, y: Tensor, at: Settings) -> Tensor:
    residual, q = y - p, at["q"]
    return torch.maximum(q * residual, (q - 1) * residual).mean(1)


def _poisson(p: Tensor, y: Tensor, at: Settings) -> Tensor:
    return (p.exp() - y * p).mean(1)


def _tweedie(p: Tensor, y: Tensor, at: Settings) -> Tensor:
    a, b = 1 - at["power"], 2 - at["power"]
    return ((b * p).exp() / b - y * (a * p).exp() / a).mean(1)


def _bce(p: Tensor, y: Tensor, at: Settings) -> Tensor:
    smoothing = at["label_smoothing"]
    goal = y.to(p.dtype) * (1 - smoothing) + smoothing / 2
    return F.binary_cross_entropy_with_logits(p, goal, pos_weight=at["pos_weight"], reduction="none").mean(1)


def _cross_entropy(p: Tensor, y: Tensor, at: Settings) -> Tensor:
    smoothing, weights = at["label_smoothing"].squeeze(1), at["class_weights"].unsqueeze(1)
    surprise = -p.log_softmax(2)
    weight = weights.expand_as(p).gather(2, y.unsqueeze(2)).squeeze(2)
    own = (surprise.gather(2, y.unsqueeze(2)).squeeze(2) * weight).sum(1)
    spread = (surprise * weights).mean(2).sum(1)
    return ((1 - smoothing) * own + smoothing * spread) / weight.sum(1)


def _focal(p: Tensor, y: Tensor, at: Settings) -> Tensor:
    surprise = -_logits(p).log_softmax(2).gather(2, y.long().unsqueeze(2)).squeeze(2)
    return ((1 - (-surprise).exp()) ** at["gamma"] * surprise * _weight(at, y)).mean(1)


def _hinge(p: Tensor, y: Tensor, at: Settings) -> Tensor:
    if p.ndim == 2:
        return (F.relu(1 - (y.to(p.dtype) * 2 - 1) * p) * _weight(at, y)).mean(1)
    own = p.gather(2, y.unsqueeze(2))
    others = F.relu(1 - own + p).scatter(2, y.unsqueeze(2), 0.0)
    return (others.mean(2) * _weight(at, y)).mean(1)


def _logits(p: Tensor) -> Tensor:
    return torch.stack([torch.zeros_like(p), p], 2) if p.ndim == 2 else p


def _weight(at: Settings, y: Tensor) -> Tensor:
    return at["class_weights"].gather(1, y.long())


def _mse_slope(p: Tensor, y: Tensor, at: Settings) -> tuple[Tensor, Tensor]:
    residual = p - y
    return residual.square().mean(1), residual.mul_(2 / y.shape[1])


def _bce_slope(p: Tensor, y: Tensor, at: Settings) -> tuple[Tensor, Tensor]:
    # Of softplus(p) − y·p for weight 1: σ(p) − y. Of a weighted row that is 1, w times as much.
    smoothing, weight = at["label_smoothing"], at["pos_weight"]
    goal = y.to(p.dtype) * (1 - smoothing) + smoothing / 2
    one = weight * goal
    slope = (p.sigmoid() * (one + 1 - goal) - one) / y.shape[1]
    return (F.softplus(p) * (one + 1 - goal) - one * p).mean(1), slope


def _cross_entropy_slope(p: Tensor, y: Tensor, at: Settings) -> tuple[Tensor, Tensor]:
    # Smoothed and weighted targets t of a row: −Σ t·log softmax(p) has the slope softmax(p)·Σt − t.
    smoothing, weights = at["label_smoothing"].unsqueeze(2), at["class_weights"].unsqueeze(1)
    surprise = p.log_softmax(2).neg_()
    goal = (smoothing / p.shape[2] * weights).expand_as(p).clone()
    row_weight = weights.expand_as(p).gather(2, y.unsqueeze(2))
    goal.scatter_add_(2, y.unsqueeze(2), (1 - smoothing) * row_weight)
    goal /= row_weight.sum(1, keepdim=True)
    values = (goal * surprise).sum((1, 2))
    return values, surprise.neg_().exp_().mul_(goal.sum(2, keepdim=True)).sub_(goal)


Value = Callable[[Tensor, Tensor, Settings], Tensor]

STACKED: dict[type[Loss], tuple[Value, tuple[str, ...]]] = {
    MSE: (_mse, ()),
    RMSE: (_rmse, ("eps",)),
    MAE: (_mae, ()),
    Huber: (_huber, ("delta",)),
    LogCosh: (_log_cosh, ()),
    Quantile: (_quantile, ("q",)),
    Poisson: (_poisson, ()),
    Tweedie: (_tweedie, ("power",)),
    BCE: (_bce, ("pos_weight", "label_smoothing")),
    CrossEntropy: (_cross_entropy, ("label_smoothing", "class_weights")),
    Focal: (_focal, ("gamma", "class_weights")),
    Hinge: (_hinge, ("class_weights",)),
}
"""Loss → its value for all members, and the settings that this takes."""

SLOPES: dict[type[Loss], Callable[[Tensor, Tensor, Settings], tuple[Tensor, Tensor]]] = {
    MSE: _mse_slope,
    BCE: _bce_slope,
    CrossEntropy: _cross_entropy_slope,
}
"""Value and slope of the losses that most trainings have; autograd takes twice as long for these few."""


class StackedLoss:
    """One loss for every member. Raises UsageError if they are not all of one kind."""

    def __init__(self, losses: Sequence[Loss], n_outputs: int, device: torch.device) -> None:
        kinds = {type(loss) for loss in losses}
        if len(kinds) != 1 or next(iter(kinds)) not in STACKED:
            names = ", ".join(sorted(kind.__name__ for kind in kinds))
            raise UsageError(f"the members of a population share one loss of the library, not {names}.")
        self.function, names = STACKED[type(losses[0])]
        self.by_hand = SLOPES.get(type(losses[0]))
        classes = max(n_outputs, 2)
        self.settings = {
            name: torch.tensor([_value(loss, name, classes) for loss in losses], device=device).view(
                len(losses), -1
            )
            for name in names
        }

    def values(self, raw: Tensor, target: Tensor) -> Tensor:
        """Each member's mean loss, (K,)."""
        return self.function(_flat(raw), target, self.settings)

    def slopes(self, raw: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """Each member's mean loss, and its gradient with respect to its raw outputs (K, B, outputs)."""
        if self.by_hand is not None:
            values, slope = self.by_hand(_flat(raw), target, self.settings)
            return values, slope.view_as(raw)
        with torch.enable_grad():
            leaf = raw.detach().requires_grad_()
            values = self.values(leaf, target)
            (slope,) = torch.autograd.grad(values.sum(), leaf)
        return values.detach(), slope


def _flat(raw: Tensor) -> Tensor:
    return raw.squeeze(2) if raw.shape[2] == 1 else raw


def _value(loss: Loss, name: str, classes: int) -> Any:
    value = getattr(loss, name)
    if name == "class_weights":
        return [1.0] * classes if value is None else value.tolist()
    return value
