"""What a network is trained for: a loss, and the score by which networks are chosen."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from netsitter.nets.losses import Loss
from netsitter.recipe.score import primary_metric, score
from netsitter.tables.schema import Task


@dataclass(frozen=True, kw_only=True)
class Objective:
    """A loss on encoded targets, with the way back to the user's unit."""

    task: Task
    loss: Loss
    decode: Callable[[np.ndarray], np.ndarray]
    """Encoded regression values → the user's unit; not used for classes."""

    @property
    def metric(self) -> str:
        return primary_metric(self.task)

    def predict(self, raw: Tensor) -> np.ndarray:
        """Raw outputs (n, k) → probabilities (n, classes), or values (n,) in the user's unit."""
        with torch.no_grad():
            prediction = self.loss.predict(raw.float()).double().cpu().numpy()
        return prediction if self.task is not Task.REGRESSION else self.decode(prediction)

    def score(self, raw: Tensor, target: Tensor) -> float:
        """The primary metric of raw outputs against encoded targets; lower is better."""
        if not torch.isfinite(raw).all():
            return float("nan")
        truth = target.cpu().numpy()
        if self.task is Task.REGRESSION:
            truth = self.decode(truth.astype(np.float64))
        return score(self.metric, self.predict(raw), truth)
