"""What a loss is: a value, a link, the best constant answer, and what theory expects at the start.

Every loss is ``loss(prediction, target) -> scalar`` on raw network outputs (logits, not
probabilities). Shapes are checked and nothing is ever broadcast: ``(n, 1)`` against ``(n,)`` is
squeezed, anything else that disagrees is a UsageError. Class targets are int64 numbers from 0.

Notation: n rows, target y, prediction p, residual r = y − p, class priors π.
"""

from typing import ClassVar, Literal

import torch
from torch import Tensor, nn

from netsitter.errors import UsageError

Link = Literal["identity", "exp", "sigmoid", "softmax"]


class Loss(nn.Module):
    """Base of all losses; a subclass gives ``value`` and ``best_constant``."""

    tasks: ClassVar[tuple[str, ...]] = ("regression",)
    """Which of regression, binary and multiclass it fits."""
    dimensions: ClassVar[tuple[int, ...]] = (1,)
    """1 where a row has one output, 2 where it has one for every class."""
    positive_target: ClassVar[bool] = False
    """The target must be 0 or more: it may be divided by a scale, but not centred."""

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """Mean loss of raw outputs ``(n,)``, ``(n, 1)`` or ``(n, C)``. Raises UsageError on shapes."""
        if target.ndim == 2 and target.shape[1] == 1:
            target = target.squeeze(1)
        if prediction.ndim == 2 and prediction.shape[1] == 1:
            prediction = prediction.squeeze(1)
        fits = target.ndim == 1 and prediction.ndim in self.dimensions
        if not fits or len(prediction) != len(target):
            raise UsageError(
                f"the loss got a prediction of shape {tuple(prediction.shape)} and a target of shape "
                f"{tuple(target.shape)}; it takes (n,), (n, 1) or, for several classes, (n, classes) "
                "against (n,)."
            )
        return self.value(prediction, target)

    def value(self, prediction: Tensor, target: Tensor) -> Tensor:
        """The loss of shapes that agree: ``(n,)`` or ``(n, C)`` against ``(n,)``."""
        raise NotImplementedError

    def outputs(self, n_classes: int) -> int:
        """How many outputs the network needs; ``n_classes`` is 0 for regression."""
        return n_classes if n_classes > 2 else 1

    def link(self, n_outputs: int) -> Link:
        """How raw outputs become predictions."""
        return "identity"

    def predict(self, raw: Tensor) -> Tensor:
        """Raw outputs ``(n, k)`` as predictions: ``(n,)``, or class probabilities ``(n, C)``.

        A sigmoid gives both classes' columns, so that the answers of all classifiers look alike.
        """
        link = self.link(raw.shape[1])
        if link == "softmax":
            return raw.softmax(1)
        flat = raw.squeeze(1)
        if link == "sigmoid":
            return torch.stack([(-flat).sigmoid(), flat.sigmoid()], 1)
        return flat.exp() if link == "exp" else flat

    def best_constant(self, target: Tensor) -> Tensor:
        """The raw outputs that suit all rows best, shape ``(outputs,)``: where the output bias starts."""
        raise NotImplementedError

    def expected_at_start(self, target: Tensor) -> float:
        """The loss of the best constant: what a well-initialised network starts at.

        For mse it is the target's variance, for cross-entropy the entropy of the priors.
        """
        constant = self.best_constant(target).double().to(target.device)
        exact = target.double() if target.is_floating_point() else target
        return float(self(constant.expand(len(target), len(constant)), exact))

    def descend(self, start: Tensor, target: Tensor) -> Tensor:
        """The best constant near ``start``, where there is no closed form."""
        constant = start.detach().double().clone().requires_grad_()
        exact = target.double() if target.is_floating_point() else target
        optimizer = torch.optim.LBFGS([constant], max_iter=50, line_search_fn="strong_wolfe")

        def loss() -> Tensor:
            optimizer.zero_grad()
            value = self(constant.expand(len(exact), len(constant)), exact)
            value.backward()
            return value

        with torch.enable_grad():
            optimizer.step(loss)
        return constant.detach().to(start.dtype)


def positive(name: str, value: float) -> float:
    if not value > 0:
        raise UsageError(f"the loss setting {name} is {value}; it must be above 0.")
    return float(value)


def between(name: str, value: float, low: float, high: float) -> float:
    if not low < value < high:
        raise UsageError(f"the loss setting {name} is {value}; it must be between {low:g} and {high:g}.")
    return float(value)


def share(name: str, value: float) -> float:
    if not 0 <= value < 1:
        raise UsageError(f"the loss setting {name} is {value}; it must be in [0, 1).")
    return float(value)
