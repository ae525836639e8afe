"""The data of the experiments: real digits, and problems made for one question."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Data:
    """Training and validation rows; ``x`` float32 ``(n, features)``, ``y`` int64 or float32 ``(n,)``."""

    x: Tensor
    y: Tensor
    val_x: Tensor
    val_y: Tensor

    def head(self, rows: int) -> "Data":
        """Only the first ``rows`` to learn from."""
        return Data(x=self.x[:rows], y=self.y[:rows], val_x=self.val_x, val_y=self.val_y)


@cache
def digits() -> Data:
    """1797 handwritten digits of 8 × 8 pixels (Alpaydin & Kaynak 1998, in scikit-learn), standardised."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))
    pixels, labels = torch.tensor(x[order], dtype=torch.float32), torch.tensor(y[order], dtype=torch.int64)
    train = 1200
    mean, spread = pixels[:train].mean(), pixels[:train].std()
    pixels = (pixels - mean) / spread
    return Data(x=pixels[:train], y=labels[:train], val_x=pixels[train:], val_y=labels[train:])


def mislabelled(seed: int, *, wrong: float) -> Data:
    """``digits``, that share of whose training labels is drawn anew at random."""
    data = digits()
    generator = torch.Generator().manual_seed(seed)
    is_wrong = torch.rand(len(data.y), generator=generator) < wrong
    other = torch.randint(10, data.y.shape, generator=generator)
    return Data(x=data.x, y=torch.where(is_wrong, other, data.y), val_x=data.val_x, val_y=data.val_y)


def noisy_line(seed: int, *, rows: int = 400, features: int = 10, outliers: float = 0.0) -> Data:
    """y = x·w + noise of standard deviation 0.5; a share of the training rows is thrown far off.

    The outliers all lie on one side, 20 to 40 above: a symmetric half would cancel in the mean.
    Validation rows are clean.
    """
    generator = torch.Generator().manual_seed(1000 + seed)
    x = torch.randn(2 * rows, features, generator=generator)
    weight = torch.randn(features, generator=generator)
    y = x @ weight + 0.5 * torch.randn(2 * rows, generator=generator)
    count = round(outliers * rows)
    y[:count] += 20 + 20 * torch.rand(count, generator=generator)
    return Data(x=x[:rows], y=y[:rows], val_x=x[rows:], val_y=y[rows:])


def wave(seed: int, *, rows: int = 24, noise: float = 0.3) -> Data:
    """A sine with noise, a few training rows: what a large network learns by heart."""
    generator = torch.Generator().manual_seed(2000 + seed)
    x = 4 * torch.rand(rows + 400, 1, generator=generator) - 2
    y = torch.sin(2.5 * x[:, 0]) + noise * torch.randn(rows + 400, generator=generator)
    return Data(x=x[:rows], y=y[:rows], val_x=x[rows:], val_y=y[rows:])
