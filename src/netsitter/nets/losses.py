"""Every loss by its name, as `--loss` takes it."""

import inspect
from typing import Any

from torch import Tensor

from netsitter.errors import UsageError, did_you_mean
from netsitter.nets.class_losses import BCE, CrossEntropy, Focal, Hinge, class_shares
from netsitter.nets.loss import Loss
from netsitter.nets.number_losses import MAE, MSE, RMSE, Huber, LogCosh, Poisson, Quantile, Tweedie

LOSSES: dict[str, type[Loss]] = {
    "mse": MSE,
    "rmse": RMSE,
    "mae": MAE,
    "huber": Huber,
    "log-cosh": LogCosh,
    "quantile": Quantile,
    "poisson": Poisson,
    "tweedie": Tweedie,
    "bce": BCE,
    "cross-entropy": CrossEntropy,
    "focal": Focal,
    "hinge": Hinge,
}


def loss_settings(name: str) -> dict[str, Any]:
    """The settings of a loss and their defaults. Raises UsageError if there is no such loss."""
    if name not in LOSSES:
        raise UsageError(f"there is no loss {name!r}.{did_you_mean(name, LOSSES)}")
    parameters = inspect.signature(LOSSES[name]).parameters.values()
    return {p.name: p.default for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD}


def make_loss(name: str, **settings: Any) -> Loss:
    """The loss of that name. Raises UsageError for a wrong name, setting or value."""
    known = loss_settings(name)
    for setting in settings:
        if setting not in known:
            raise UsageError(f"loss {name!r} has no setting {setting!r}.{did_you_mean(setting, known)}")
    return LOSSES[name](**settings)


def balanced_weights(target: Tensor, n_classes: int) -> list[float]:
    """n / (C · n_c) for each class: every class then counts the same in the loss."""
    return (1 / (n_classes * class_shares(target, n_classes))).tolist()
