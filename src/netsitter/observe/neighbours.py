"""What the rows themselves say, without any network: do inputs and labels belong together, is one column
the answer, do validation rows have twins among the training rows?
"""

import math

import numpy as np
import torch

from netsitter.observe.bags import Bags

ROWS = 512
"""Rows kept in all: their distances take about 20 ms, once, when the watch ends."""
BATCH_ROWS = 64
"""Rows taken of one sampled batch, so that they come from many."""
COLUMNS = 2048
"""Of larger inputs every n-th number is kept: neighbours in 2,000 numbers are neighbours."""
MAX_CLASSES = 50
MIN_ROWS = 32
NEAR, FAR = 0.05, 0.2
"""Ranks, as shares of the rows, between which distances show how many dimensions the rows fill."""
MIN_DIMENSIONS, MAX_DIMENSIONS = 3.0, 1e3
"""On a curve or a surface distances to the nearest scatter too much to tell twins by."""


class Neighbours:
    """Keeps some training rows and tells what their nearest neighbours and columns say of the labels."""

    def __init__(self) -> None:
        self._inputs: list[np.ndarray] = []
        self._labels: list[np.ndarray] = []
        self._rows = 0
        self._bags = Bags()
        self._are_names = False
        """Whether the labels are whole numbers by their type: classes, words, no amounts."""

    def add(self, batch: torch.Tensor | None, target: torch.Tensor | None) -> None:
        """Take rows of a batch (rows, …) with a target (rows,) or (rows, 1); leave others."""
        if batch is None or target is None or self._rows >= ROWS or target.is_complex():
            return
        if target.dim() == 0 or batch.dim() == 0 or target.numel() != len(batch):
            return
        if not batch.is_floating_point():
            self._bags.add(batch, target)
        inputs = rows_of(batch, min(BATCH_ROWS, ROWS - self._rows))
        if inputs is None or (self._inputs and self._inputs[0].shape[1] != inputs.shape[1]):
            return
        self._inputs.append(inputs)
        self._are_names = not target.is_floating_point()
        self._labels.append(target.detach()[: len(inputs)].flatten().double().cpu().numpy().copy())
        self._rows += len(inputs)

    def numbers(self, validation: np.ndarray | None = None) -> dict[str, float]:
        """``data/neighbour_agreement``, ``_chance`` and ``_rows``, and what else can be told; empty with
        too few rows. ``validation`` holds rows that judge, shape (rows, numbers).

        Classes: share of rows whose neighbour has the same class, and Σ share² by chance. Real targets:
        1 − mean squared difference / (2 variance), 0 by chance.
        """
        if not self._inputs:
            return {f"data/{name}": value for name, value in self._bags.numbers().items()}
        inputs, labels = np.concatenate(self._inputs), np.concatenate(self._labels)
        known = np.isfinite(inputs).all(axis=1) & np.isfinite(labels)
        # A row that was sampled in two epochs would be its own neighbour.
        inputs, first = np.unique(inputs[known], axis=0, return_index=True)
        labels = labels[known][first]
        if len(labels) < MIN_ROWS or np.ptp(labels) == 0:
            return {}
        if self._are_names and len(np.unique(labels)) > MAX_CLASSES:
            return {}  # words of a language: so few rows show hardly one of them twice
        values = {f"neighbour_{name}": value for name, value in _agreement(inputs, labels).items()}
        values |= _copy_of_target(inputs, labels)
        values["row_bits"] = float(sum(math.log2(len(np.unique(column))) for column in inputs.T[:COLUMNS]))
        classes = np.unique(labels)
        if 3 <= len(classes) <= MAX_CLASSES and np.all(classes == np.round(classes)):
            values["ordinality"] = _ordinality(inputs, labels, classes)
        if validation is not None and validation.shape[1] == inputs.shape[1] and len(validation) >= MIN_ROWS:
            values |= _twins(inputs, validation) | _shift(inputs, validation)
        return {f"data/{name}": value for name, value in values.items() if math.isfinite(value)}


def rows_of(batch: torch.Tensor | None, count: int) -> np.ndarray | None:
    """The first rows of a batch of floats, flat, at most `COLUMNS` numbers each; None for anything else.

    Copies: a view would keep the program's whole batch alive, and change with it.
    """
    if batch is None or count <= 0 or not batch.is_floating_point() or batch.dim() < 2 or not batch.numel():
        return None
    flat = batch.detach()[:count].flatten(1)
    return flat[:, :: -(-flat.shape[1] // COLUMNS)].float().cpu().numpy().copy()


def _agreement(inputs: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    distances = _distances(inputs, inputs)
    np.fill_diagonal(distances, np.inf)
    nearest = labels[distances.argmin(axis=1)]
    classes, counts = np.unique(labels, return_counts=True)
    if len(classes) <= MAX_CLASSES and np.all(classes == np.round(classes)):
        agreement = float(np.mean(nearest == labels))
        chance = float(np.sum((counts / len(labels)) ** 2))
    else:
        agreement = 1 - float(np.mean((nearest - labels) ** 2)) / (2 * float(labels.var()))
        chance = 0.0
    return {"agreement": agreement, "chance": chance, "rows": float(len(labels))}


def _distances(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Squared distances of rows, columns standardised by ``right``, shape (left, right)."""
    centre, spread = right.mean(axis=0), right.std(axis=0)
    scale = np.where(spread > 0, spread, 1)
    a, b = ((rows - centre) / scale for rows in (left.astype(np.float64), right.astype(np.float64)))
    squares = np.sum(a**2, axis=1)[:, None] + np.sum(b**2, axis=1)[None, :] - 2 * a @ b.T
    return np.maximum(squares, 0.0)


def _copy_of_target(inputs: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """The column that goes most exactly with the target, or with one class of it: ``copy`` is the
    correlation's size, ``copy_column`` its place. One column alone is no copy: it is the task.
    """
    if inputs.shape[1] < 3:
        return {}
    classes = np.unique(labels)
    wanted = [labels] + [labels == c for c in classes if 2 < len(classes) <= MAX_CLASSES]
    centred = inputs - inputs.mean(axis=0, dtype=np.float64)
    sizes = np.sqrt(np.sum(centred**2, axis=0))
    # What takes more values than the classes are is a number that decides, and no copy.
    values = np.array([len(np.unique(column)) for column in inputs.T])
    plain = (sizes > 0) & ((values <= len(classes)) | (len(classes) > MAX_CLASSES))
    best, place = 0.0, -1
    for answer in wanted:
        target = answer - np.mean(answer, dtype=np.float64)
        size = math.sqrt(float(np.sum(target**2)))
        match = np.abs(centred.T @ target) / np.where(plain, sizes * size, np.inf)
        if match.max() > best:
            best, place = float(match.max()), int(match.argmax())
    return {"copy": best, "copy_column": float(place)}


def _ordinality(inputs: np.ndarray, labels: np.ndarray, classes: np.ndarray) -> float:
    """Correlation of the classes' distance in the inputs with that of their numbers: near 1 for amounts,
    near 0 for names. NaN where too few rows show a class.
    """
    groups = [inputs[labels == c] for c in classes]
    centres = np.array([group.mean(axis=0) for group in groups if len(group) >= 3])
    kept = np.array([c for c, group in zip(classes, groups, strict=True) if len(group) >= 3])
    if len(kept) < 3:
        return math.nan
    upper = np.triu_indices(len(kept), 1)
    apart = np.sqrt(_distances(centres, centres))[upper]
    numbers = np.abs(kept[:, None] - kept[None, :])[upper]
    if np.ptp(apart) == 0 or np.ptp(numbers) == 0:
        return math.nan
    return float(np.corrcoef(apart, numbers)[0, 1])


def _shift(inputs: np.ndarray, validation: np.ndarray) -> dict[str, float]:
    """How far the validation rows lie from the training rows: ``shift`` is the largest distance of a column's
    means in standard deviations of the training rows, ``shift_column`` its place."""
    spread = inputs.std(axis=0, dtype=np.float64)
    with np.errstate(all="ignore"):
        apart = np.abs(np.nanmean(validation, axis=0, dtype=np.float64) - inputs.mean(axis=0)) / spread
    apart[~np.isfinite(apart)] = 0.0
    return {"shift": float(apart.max()), "shift_column": float(apart.argmax())}


def _twins(inputs: np.ndarray, validation: np.ndarray) -> dict[str, float]:
    """How much nearer a validation row's nearest training row is than the rows' own density explains.

    ``twin_distance`` is the median of the distance over the one expected: in d dimensions the k-th of n
    neighbours lies at a distance that grows as (k / n)^(1 / d) (Levina and Bickel, Maximum Likelihood
    Estimation of Intrinsic Dimension, 2004). About 1 for independent rows; far below for rows that were
    split out of one group. ``twin_rows`` is how many training rows are as near as that, as a median.
    """
    finite = validation[np.isfinite(validation).all(axis=1)]
    if len(finite) < MIN_ROWS or len(inputs) < 2 * MIN_ROWS:
        return {}
    sorted_rows = np.sort(np.sqrt(_distances(finite, inputs)), axis=1)
    near, far = (max(1, round(share * len(inputs))) for share in (NEAR, FAR))
    first, at_near, at_far = sorted_rows[:, 0], sorted_rows[:, near - 1], sorted_rows[:, far - 1]
    exact = float(np.mean(first < 1e-6 * np.maximum(at_far, 1e-30)))
    growth = float(np.median(np.log(at_far / np.maximum(at_near, 1e-30))))
    dimensions = math.log(far / near) / growth if growth > 0 else math.inf
    if not MIN_DIMENSIONS <= dimensions < MAX_DIMENSIONS:
        return {"twin_exact": exact}
    expected = at_near * (1 / near) ** (1 / dimensions)
    ratio = first / np.maximum(expected, 1e-30)
    mates = np.sum(sorted_rows < (first + expected)[:, None] / 2, axis=1)
    return {
        "twin_distance": float(np.median(ratio)),
        "twin_rows": float(np.median(mates)),
        "twin_exact": exact,
    }
