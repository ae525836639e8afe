"""Losses for a target that is a class, on logits. Notation: class priors π, logits p, C classes."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from netsitter.nets.loss import Link, Loss, positive, share


class BCE(Loss):
    """Binary cross-entropy with logits, −[y log σ(p) + (1−y) log(1−σ(p))]; never feed it probabilities.

    ``pos_weight`` multiplies the loss of class 1, and so do two ``class_weights`` by their ratio;
    ``label_smoothing`` ε moves y to y(1−ε) + ε/2.
    """

    tasks = ("binary",)

    def __init__(
        self,
        pos_weight: float = 1.0,
        label_smoothing: float = 0.0,
        class_weights: Sequence[float] | None = None,
    ) -> None:
        super().__init__()
        zero, one = class_weights or (1.0, 1.0)
        self.pos_weight = positive("pos_weight", pos_weight * one / zero)
        self.label_smoothing = share("label_smoothing", label_smoothing)

    def value(self, prediction: Tensor, target: Tensor) -> Tensor:
        goal = target.to(prediction.dtype)
        if self.label_smoothing:
            goal = goal * (1 - self.label_smoothing) + self.label_smoothing / 2
        weight = prediction.new_tensor(self.pos_weight) if self.pos_weight != 1 else None
        return F.binary_cross_entropy_with_logits(prediction, goal, pos_weight=weight)

    def link(self, n_outputs: int) -> Link:
        return "sigmoid"

    def best_constant(self, target: Tensor) -> Tensor:
        """The log-odds of the (smoothed, weighted) prior."""
        one = class_shares(target, 2)[1] * (1 - self.label_smoothing) + self.label_smoothing / 2
        return (self.pos_weight * one / (1 - one)).log().reshape(1)


class ClassLoss(Loss):
    """Base of the losses for two or more classes, with an optional weight for each class."""

    tasks = ("binary", "multiclass")
    dimensions = (1, 2)
    class_weights: Tensor | None

    def __init__(self, class_weights: Sequence[float] | None = None) -> None:
        super().__init__()
        weights = None if class_weights is None else torch.tensor(class_weights, dtype=torch.float32)
        self.register_buffer("class_weights", weights, persistent=False)

    def link(self, n_outputs: int) -> Link:
        return "softmax" if n_outputs > 1 else "sigmoid"

    def weights_for(self, like: Tensor) -> Tensor | None:
        return None if self.class_weights is None else self.class_weights.to(like)

    def _weighted_priors(self, target: Tensor) -> Tensor:
        n_classes = 0 if self.class_weights is None else len(self.class_weights)
        priors = class_shares(target, n_classes)
        weights = self.weights_for(priors)
        return priors if weights is None else priors * weights


class CrossEntropy(ClassLoss):
    """−log softmax(p)[y] on logits ``(n, C)``, with label smoothing (Szegedy et al. 2016)."""

    dimensions = (2,)

    def __init__(self, label_smoothing: float = 0.0, class_weights: Sequence[float] | None = None) -> None:
        super().__init__(class_weights)
        self.label_smoothing = share("label_smoothing", label_smoothing)

    def value(self, prediction: Tensor, target: Tensor) -> Tensor:
        return F.cross_entropy(
            prediction,
            target,
            weight=self.weights_for(prediction),
            label_smoothing=self.label_smoothing,
        )

    def outputs(self, n_classes: int) -> int:
        return n_classes

    def best_constant(self, target: Tensor) -> Tensor:
        """log π, smoothed and weighted as the loss is."""
        priors = self._weighted_priors(target)
        weights = self.weights_for(priors)
        spread = torch.ones_like(priors) if weights is None else weights
        mixed = (1 - self.label_smoothing) * priors + self.label_smoothing / len(priors) * spread
        return (mixed / mixed.sum()).log()


class Focal(ClassLoss):
    """−(1 − p_y)^γ log p_y: rows that are already right count for less (Lin et al. 2017)."""

    def __init__(self, gamma: float = 2.0, class_weights: Sequence[float] | None = None) -> None:
        super().__init__(class_weights)
        self.gamma = gamma

    def value(self, prediction: Tensor, target: Tensor) -> Tensor:
        if prediction.ndim == 1:
            prediction = torch.stack([torch.zeros_like(prediction), prediction], 1)
        surprise = F.cross_entropy(prediction, target.long(), reduction="none")
        loss = (1 - (-surprise).exp()) ** self.gamma * surprise
        weights = self.weights_for(loss)
        return loss.mean() if weights is None else (loss * weights[target.long()]).mean()

    def best_constant(self, target: Tensor) -> Tensor:
        logits = self._weighted_priors(target).log()
        start = logits if len(logits) > 2 else (logits[1] - logits[0]).reshape(1)
        return self.descend(start, target)


class Hinge(ClassLoss):
    """Margin loss: max(0, 1 − ±p) for two classes; for C, Σ_{j≠y} max(0, 1 − p_y + p_j)/C.

    Its outputs are margins; the probabilities it predicts need calibration. Crammer & Singer 2001.
    """

    def value(self, prediction: Tensor, target: Tensor) -> Tensor:
        if prediction.ndim == 2:
            return F.multi_margin_loss(prediction, target.long(), weight=self.weights_for(prediction))
        sign = target.to(prediction.dtype) * 2 - 1
        loss = F.relu(1 - sign * prediction)
        weights = self.weights_for(loss)
        return loss.mean() if weights is None else (loss * weights[target.long()]).mean()

    def best_constant(self, target: Tensor) -> Tensor:
        """A margin of 1 for the commonest class, or no margin at all, whichever costs less."""
        priors = self._weighted_priors(target)
        if len(priors) == 2:
            return torch.sign(priors[1] - priors[0]).reshape(1)
        vote = F.one_hot(priors.argmax(), len(priors)).to(priors.dtype)
        rows = (len(target), len(priors))
        return min((torch.zeros_like(vote), vote), key=lambda c: float(self(c.expand(rows), target)))


def class_shares(target: Tensor, n_classes: int = 0) -> Tensor:
    """Class shares; a class that never occurs counts as half a row, so that its log is finite."""
    counts = torch.bincount(target.long().flatten(), minlength=max(n_classes, 2)).double()
    counts = counts.clamp(min=0.5)
    return (counts / counts.sum()).float()
