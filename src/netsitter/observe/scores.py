"""How good a prediction is: accuracy of classes, r² of numbers."""

import torch

from netsitter.observe.losses import BINARY, CLASSIFIERS, REGRESSIONS, LossCall
from netsitter.observe.probes import Numbers


def score(call: LossCall) -> Numbers:
    """Accuracy of a classifier's call, r² of a regression's; empty where neither is meant."""
    prediction, target = call.prediction.detach(), call.target
    if target is None:
        return {}
    if call.name in REGRESSIONS and prediction.shape == target.shape and prediction.numel() > 2:
        residual = (prediction.float() - target.float()).square().mean()
        return {"r2": 1 - residual / target.float().var(unbiased=False).clamp_min(1e-30)}
    right = _right(call.name, prediction, target.detach())
    return {} if right is None else {"accuracy": right.float().mean()}


def predicted(call: LossCall) -> torch.Tensor | None:
    """Predicted classes, one a row, or one a pixel."""
    prediction = call.prediction.detach()
    if call.name in BINARY:
        single = prediction.dim() != 2 or prediction.shape[-1] == 1
        return (prediction > BINARY[call.name]).flatten().long() if single else None
    if call.name in CLASSIFIERS and prediction.dim() >= 2 and prediction.shape[1] >= 2:
        return prediction.argmax(1).flatten()
    return None


def top_share(classes: torch.Tensor) -> torch.Tensor:
    """Share of the most frequent class."""
    return torch.bincount(classes).max() / max(classes.numel(), 1)


def _right(name: str, prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor | None:
    if name in BINARY and prediction.shape == target.shape:
        return (prediction > BINARY[name]) == (target > 0.5)
    if name in CLASSIFIERS and prediction.dim() >= 2:
        classes = prediction.argmax(1)
        if target.shape == classes.shape and not target.is_floating_point():
            return classes == target
        if target.shape == prediction.shape:
            return classes == target.argmax(1)
    return None
