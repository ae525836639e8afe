"""Learned features of columns: categories, and continuous numbers expanded to waves or bins."""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netsitter.nets.bins import Bins, mix


class Tables(nn.ParameterList):
    """Embedding tables; a type of its own so that they can be told from other weights."""


class CategoryEmbedding(nn.Module):
    """All columns' embeddings in one table a size, so that one look-up serves many columns."""

    def __init__(self, cardinalities: Sequence[int], sizes: Sequence[int]) -> None:
        super().__init__()
        self.out_features = sum(sizes)
        self.tables = Tables()
        for size in sorted(set(sizes)):
            columns = [i for i, own in enumerate(sizes) if own == size]
            counts = torch.tensor([cardinalities[i] for i in columns])
            index = len(self.tables)
            self.register_buffer(f"columns{index}", torch.tensor(columns), persistent=False)
            self.register_buffer(f"offsets{index}", counts.cumsum(0) - counts, persistent=False)
            self.tables.append(nn.Parameter(torch.empty(int(counts.sum()), size)))

    def reset(self, generator: torch.Generator | None) -> None:
        """N(0, 1): an embedding enters the first layer like a standardised number."""
        for table in self.tables:
            table.copy_(torch.empty(table.shape).normal_(generator=generator))

    def forward(self, codes: Tensor) -> Tensor:
        """Codes ``(n, c)`` to features ``(n, sum of sizes)``."""
        if len(self.tables) == 1:
            return F.embedding(codes + self.get_buffer("offsets0"), self.tables[0]).flatten(1)
        parts = []
        for index, table in enumerate(self.tables):
            own = codes[:, self.get_buffer(f"columns{index}")] + self.get_buffer(f"offsets{index}")
            parts.append(F.embedding(own, table).flatten(1))
        return torch.cat(parts, 1)


def category_size(cardinality: int, size: int) -> int:
    """``size``, or for 0 fastai's rule of thumb, at most 64; never more than the categories there are."""
    wanted = size or min(64, round(1.6 * cardinality**0.56))
    return max(1, min(wanted, cardinality))


class _ColumnEmbedding(nn.Module):
    """Base: each column's value is expanded to k features, then mixed by a matrix of its own."""

    def __init__(self, n_columns: int, n_features: int, size: int) -> None:
        super().__init__()
        self.out_features = n_columns * size
        self.weight = nn.Parameter(torch.empty(n_columns, n_features, size))
        self.bias = nn.Parameter(torch.empty(n_columns, 1, size))

    def reset(self, generator: torch.Generator | None) -> None:
        """Uniform in ±1/sqrt(k), torch's own rule for a linear layer."""
        bound = self.weight.shape[1] ** -0.5
        for parameter in (self.weight, self.bias):
            parameter.copy_(torch.empty(parameter.shape).uniform_(-bound, bound, generator=generator))

    def mix(self, features: Tensor) -> Tensor:
        """Features ``(columns, n, k)`` to ``(n, columns · size)``."""
        mixed = torch.baddbmm(self.bias, features, self.weight)
        return mixed.transpose(0, 1).flatten(1)


class PBLD(_ColumnEmbedding):
    """cos(2π(f·x + b)) for k learned frequencies, then linear (Holzmüller et al. 2024, RealMLP).

    The "D" of the name, for dense, is the number itself beside them: the network passes it on.
    """

    def __init__(self, n_columns: int, *, frequencies: int, scale: float, size: int) -> None:
        super().__init__(n_columns, frequencies, size)
        self.scale = scale
        self.frequency = nn.Parameter(torch.empty(n_columns, 1, frequencies))
        self.phase = nn.Parameter(torch.empty(n_columns, 1, frequencies))

    def reset(self, generator: torch.Generator | None) -> None:
        super().reset(generator)
        frequency = torch.empty(self.frequency.shape).normal_(generator=generator)
        self.frequency.copy_(2 * math.pi * self.scale * frequency)
        phase = torch.empty(self.phase.shape).uniform_(-math.pi, math.pi, generator=generator)
        self.phase.copy_(phase)

    def forward(self, x: Tensor) -> Tensor:
        return self.mix(torch.addcmul(self.phase, x.t().unsqueeze(2), self.frequency).cos())


class Periodic(_ColumnEmbedding):
    """ReLU(linear([cos 2πfx, sin 2πfx])) for k learned frequencies: PLR of Gorishniy et al. 2022."""

    def __init__(self, n_columns: int, *, frequencies: int, scale: float, size: int) -> None:
        super().__init__(n_columns, 2 * frequencies, size)
        self.scale = scale
        self.frequency = nn.Parameter(torch.empty(n_columns, 1, frequencies))

    def reset(self, generator: torch.Generator | None) -> None:
        super().reset(generator)
        frequency = torch.empty(self.frequency.shape).normal_(generator=generator)
        self.frequency.copy_(2 * math.pi * self.scale * frequency)

    def forward(self, x: Tensor) -> Tensor:
        angle = x.t().unsqueeze(2) * self.frequency
        return F.relu(self.mix(torch.cat([angle.cos(), angle.sin()], 2)))


class PiecewiseLinear(_ColumnEmbedding):
    """How far x has come through each quantile bin, 0 to 1, then linear: PLE of Gorishniy et al. 2022.

    The first bin goes on below its edge and the last above it, so that no value is cut off.
    """

    def __init__(self, n_columns: int, *, bins: int, size: int) -> None:
        super().__init__(n_columns, bins, size)
        for name in ("slope", "start", "low", "high"):
            self.register_buffer(name, torch.zeros(n_columns, 1, bins))

    slope: Tensor
    start: Tensor
    low: Tensor
    high: Tensor

    def set_bins(self, rows: Tensor) -> None:
        """Take the bins' edges from the quantiles of training rows ``(n, columns)``.

        A column with fewer distinct quantiles than bins leaves the others at 0.
        """
        bins = self.slope.shape[2]
        at = torch.linspace(0, 1, bins + 1, dtype=torch.float64)
        for buffer in (self.slope, self.start, self.low, self.high):
            buffer.zero_()
        for column, values in enumerate(rows.detach().cpu().double().t()):
            ranks = (at * (len(values) - 1)).round().long()
            edges = values.sort().values[ranks].unique()
            count = max(len(edges) - 1, 0)
            if not count:
                continue
            width = edges.diff()
            self.slope[column, 0, :count] = 1 / width
            self.start[column, 0, :count] = -edges[:-1] / width
            self.high[column, 0, :count] = 1.0
            self.low[column, 0, 0] = -math.inf
            self.high[column, 0, count - 1] = math.inf

    def forward(self, x: Tensor) -> Tensor:
        index, share = Bins.of(self.slope, self.start, self.low, self.high).find(x)
        return mix(index, share, self.weight, self.bias)
