"""Do inputs and labels belong together? Asked of the rows' nearest neighbours, without any network."""

import numpy as np
import torch

ROWS = 512
"""Rows kept in all: their distances take about 20 ms, once, when the watch ends."""
BATCH_ROWS = 64
"""Rows taken of one sampled batch, so that they come from many."""
COLUMNS = 2048
"""Of larger inputs every n-th number is kept: neighbours in 2,000 numbers are neighbours."""
MAX_CLASSES = 50
MIN_ROWS = 32


class Neighbours:
    """Keeps some training rows and tells how often the nearest other row has the same label."""

    def __init__(self) -> None:
        self._inputs: list[np.ndarray] = []
        self._labels: list[np.ndarray] = []
        self._rows = 0

    def add(self, batch: torch.Tensor | None, target: torch.Tensor | None) -> None:
        """Take rows of a batch of floats (rows, …) with a target (rows,) or (rows, 1); leave others."""
        if batch is None or target is None or self._rows >= ROWS:
            return
        if not batch.is_floating_point() or batch.dim() < 2 or target.is_complex():
            return
        if target.dim() == 0 or len(target) != len(batch) or target.numel() != len(batch):
            return
        count = min(BATCH_ROWS, len(batch), ROWS - self._rows)
        flat = batch.detach()[:count].flatten(1)
        # Copies: a view would keep the program's whole batch alive, and change with it.
        inputs = flat[:, :: -(-flat.shape[1] // COLUMNS)].float().cpu().numpy().copy()
        if self._inputs and self._inputs[0].shape[1] != inputs.shape[1]:
            return
        self._inputs.append(inputs)
        self._labels.append(target.detach()[:count].flatten().double().cpu().numpy().copy())
        self._rows += count

    def numbers(self) -> dict[str, float]:
        """``data/neighbour_agreement``, ``_chance`` and ``_rows``; empty with too few rows.

        Classes: share of rows whose neighbour has the same class, and Σ share² by chance. Real targets:
        1 − mean squared difference / (2 variance), 0 by chance.
        """
        if not self._inputs:
            return {}
        inputs, labels = np.concatenate(self._inputs), np.concatenate(self._labels)
        known = np.isfinite(inputs).all(axis=1) & np.isfinite(labels)
        # A row that was sampled in two epochs would be its own neighbour.
        inputs, first = np.unique(inputs[known], axis=0, return_index=True)
        labels = labels[known][first]
        if len(labels) < MIN_ROWS or np.ptp(labels) == 0:
            return {}
        nearest = labels[_nearest(inputs)]
        classes, counts = np.unique(labels, return_counts=True)
        if len(classes) <= MAX_CLASSES and np.all(classes == np.round(classes)):
            agreement = float(np.mean(nearest == labels))
            chance = float(np.sum((counts / len(labels)) ** 2))
        else:
            agreement = 1 - float(np.mean((nearest - labels) ** 2)) / (2 * float(labels.var()))
            chance = 0.0
        values = {"agreement": agreement, "chance": chance, "rows": float(len(labels))}
        return {f"data/neighbour_{name}": value for name, value in values.items()}


def _nearest(inputs: np.ndarray) -> np.ndarray:
    """Index of each row's nearest other row, columns standardised, shape (rows,)."""
    spread = inputs.std(axis=0)
    scaled = (inputs - inputs.mean(axis=0)) / np.where(spread > 0, spread, 1)
    squares = np.sum(scaled**2, axis=1)
    distances = squares[:, None] + squares[None, :] - 2 * scaled @ scaled.T
    np.fill_diagonal(distances, np.inf)
    return distances.argmin(axis=1)
