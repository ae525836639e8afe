"""What a network is trained for: a loss, and the score by which networks are chosen."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from netsitter.nets.losses import Loss
from netsitter.recipe.score import primary_metric, row_losses, score
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

    def scores(self, raw: Tensor, target: Tensor) -> list[float]:
        """``score`` of many networks on the same rows: raw outputs (k, n, outputs), targets (n,)."""
        truth = target.cpu().numpy()
        if self.task is Task.REGRESSION:
            truth = self.decode(truth.astype(np.float64))
        with np.errstate(all="ignore"):  # of a network that diverges; it gets no score
            prediction = self.predict(raw.flatten(0, 1))
            losses = row_losses(self.metric, prediction, np.tile(truth, len(raw)))
        means = losses.reshape(len(raw), -1).mean(1)
        found = np.sqrt(means) if self.metric == "rmse" else means
        return np.where(torch.isfinite(raw).flatten(1).all(1).cpu().numpy(), found, np.nan).tolist()
