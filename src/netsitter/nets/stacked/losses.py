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


STACKED: dict[type[Loss], tuple[Callable[[Tensor, Tensor, Settings], Tensor], tuple[str, ...]]] = {
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


class StackedLoss:
    """One loss for every member. Raises UsageError if they are not all of one kind."""

    def __init__(self, losses: Sequence[Loss], n_outputs: int, device: torch.device) -> None:
        kinds = {type(loss) for loss in losses}
        if len(kinds) != 1 or next(iter(kinds)) not in STACKED:
            names = ", ".join(sorted(kind.__name__ for kind in kinds))
            raise UsageError(f"the members of a population share one loss of the library, not {names}.")
        self.function, names = STACKED[type(losses[0])]
        classes = max(n_outputs, 2)
        self.settings = {
            name: torch.tensor([_value(loss, name, classes) for loss in losses], device=device).view(
                len(losses), -1
            )
            for name in names
        }

    def values(self, raw: Tensor, target: Tensor) -> Tensor:
        """Each member's mean loss, (K,)."""
        return self.function(raw.squeeze(2) if raw.shape[2] == 1 else raw, target, self.settings)

    def slopes(self, raw: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """Each member's mean loss, and its gradient with respect to its raw outputs (K, B, outputs)."""
        with torch.enable_grad():
            leaf = raw.detach().requires_grad_()
            values = self.values(leaf, target)
            (slope,) = torch.autograd.grad(values.sum(), leaf)
        return values.detach(), slope


def _value(loss: Loss, name: str, classes: int) -> Any:
    value = getattr(loss, name)
    if name == "class_weights":
        return [1.0] * classes if value is None else value.tolist()
    return value
