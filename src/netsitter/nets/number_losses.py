"""Losses for a target that is a number. Notation: n rows, target y, prediction p, residual r = y − p."""

import torch
import torch.nn.functional as F
from torch import Tensor

from netsitter.nets.loss import Link, Loss, between, positive


class MSE(Loss):
    """Mean of r². For a target that is roughly normal around the prediction."""

    def value(self, prediction: Tensor, target: Tensor) -> Tensor:
        return F.mse_loss(prediction, target)

    def best_constant(self, target: Tensor) -> Tensor:
        return target.mean().reshape(1)


class RMSE(MSE):
    """sqrt(mean of r²), in the target's own unit; ``eps`` keeps the gradient finite at 0."""

    def __init__(self, eps: float = 1e-8) -> None:
        super().__init__()
        self.eps = eps

    def value(self, prediction: Tensor, target: Tensor) -> Tensor:
        return (F.mse_loss(prediction, target) + self.eps).sqrt()


class MAE(Loss):
    """Mean of |r|: predicts the median, so that outliers do not pull. Not smooth at 0."""

    def value(self, prediction: Tensor, target: Tensor) -> Tensor:
        return F.l1_loss(prediction, target)

    def best_constant(self, target: Tensor) -> Tensor:
        return target.median().reshape(1)


class Huber(Loss):
    """½r² where |r| ≤ δ, else δ(|r| − ½δ) (Huber 1964). δ is on the scale of the inliers' noise."""

    def __init__(self, delta: float = 1.0) -> None:
        super().__init__()
        self.delta = positive("delta", delta)

    def value(self, prediction: Tensor, target: Tensor) -> Tensor:
        return F.huber_loss(prediction, target, delta=self.delta)

    def best_constant(self, target: Tensor) -> Tensor:
        return self.descend(target.median().reshape(1), target)


class LogCosh(Loss):
    """Mean of log cosh r: like r²/2 near 0 and like |r| far out, smooth everywhere."""

    def value(self, prediction: Tensor, target: Tensor) -> Tensor:
        # log cosh r = |r| + log(1 + exp(−2|r|)) − log 2 does not overflow.
        size = (target - prediction).abs()
        return (size + F.softplus(-2 * size)).mean() - 0.6931471805599453

    def best_constant(self, target: Tensor) -> Tensor:
        return self.descend(target.median().reshape(1), target)


class Quantile(Loss):
    """Pinball loss, mean of max(qr, (q − 1)r): predicts the q-quantile (Koenker & Bassett 1978)."""

    def __init__(self, q: float = 0.5) -> None:
        super().__init__()
        self.q = between("q", q, 0.0, 1.0)

    def value(self, prediction: Tensor, target: Tensor) -> Tensor:
        residual = target - prediction
        return torch.maximum(self.q * residual, (self.q - 1) * residual).mean()

    def best_constant(self, target: Tensor) -> Tensor:
        rank = min(max(round(self.q * len(target) + 0.5), 1), len(target))
        return target.kthvalue(rank).values.reshape(1)


class Poisson(Loss):
    """Mean of exp(p) − y·p: counts, up to a constant. The output is the log of the expected count."""

    positive_target = True

    def value(self, prediction: Tensor, target: Tensor) -> Tensor:
        return F.poisson_nll_loss(prediction, target)

    def link(self, n_outputs: int) -> Link:
        return "exp"

    def best_constant(self, target: Tensor) -> Tensor:
        return target.mean().clamp(min=1e-8).log().reshape(1)


class Tweedie(Poisson):
    """Mean of μ^(2−ρ)/(2−ρ) − y·μ^(1−ρ)/(1−ρ), μ = exp(p): many zeros and a long positive tail.

    Jørgensen 1987; the power 1 < ρ < 2 lies between Poisson (1) and gamma (2). Up to a constant.
    """

    def __init__(self, power: float = 1.5) -> None:
        super().__init__()
        self.power = between("power", power, 1.0, 2.0)

    def value(self, prediction: Tensor, target: Tensor) -> Tensor:
        a, b = 1 - self.power, 2 - self.power
        return ((b * prediction).exp() / b - target * (a * prediction).exp() / a).mean()
