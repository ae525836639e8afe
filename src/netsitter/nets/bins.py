"""Numbers in bins, looked up instead of multiplied out.

A piecewise-linear encoding (Gorishniy et al. 2022) of x is 1 for every bin that x has come through, its
share of the one that it is in, and 0 for those behind:

    encoding · W  =  W[0] + … + W[b-1] + share · W[b]

So with the running sums of W a number costs two rows of ``size`` numbers instead of a product with all bins.
Every function is for the columns of one network, or of a stack of them.
"""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Bins:
    """The bins of R columns, at most ``count`` each; for a stack of networks, of one after another."""

    count: int
    edges: Tensor
    """Where the second and every later bin of a column begins, rising, then infinity: (R · power of 2)."""
    slope: Tensor
    start: Tensor
    low: Tensor
    high: Tensor
    """Share of a bin: ``start + slope · x``, not below low and not above high. Each (R · count)."""

    @classmethod
    def of(cls, slope: Tensor, start: Tensor, low: Tensor, high: Tensor) -> "Bins":
        """From those of every bin, each (…, columns, 1, bins); a bin without a slope is none."""
        count = slope.shape[-1]
        slopes, starts = slope.reshape(-1, count), start.reshape(-1, count)
        width = 1 << (count - 1).bit_length()
        edges = slopes.new_full((len(slopes), width), torch.inf)
        inner = -starts[:, 1:] / slopes[:, 1:]
        edges[:, : count - 1] = torch.where(slopes[:, 1:] > 0, inner, torch.inf)
        flat = [part.reshape(-1) for part in (slope, start, low, high)]
        return cls(count=count, edges=edges.view(-1), slope=flat[0], start=flat[1], low=flat[2], high=flat[3])

    def find(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The bin of every number, counted over all columns' bins (int64), and the share of it; as ``x``.

        ``x`` is (n, columns), or (K, n, columns) for a stack of K.
        """
        columns = len(self.slope) // self.count
        width = len(self.edges) // columns
        column = torch.arange(columns, device=x.device).view(*x.shape[:-2], 1, x.shape[-1])
        # All numbers take each step of the bisection together: a search for every number by itself
        # (``torch.searchsorted``) waits at each step to see which way it goes.
        first = (width * column).expand(x.shape)
        place, step = first - 1, width // 2
        while step:
            is_past = x >= self.edges.take(place + step)
            place, step = place.add(is_past, alpha=step), step // 2
        index = place + 1 - first + self.count * column
        share = torch.addcmul(self.start.take(index), x, self.slope.take(index))
        return index, share.clamp(self.low.take(index), self.high.take(index))


def mix(index: Tensor, share: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """What the encodings of numbers come to: (…, columns) to (…, columns · size).

    ``index`` and ``share`` are what ``Bins.find`` gave, ``weight`` (…, columns, bins, size), ``bias``
    (…, columns, 1, size). Differentiable in weight and bias.
    """
    size = weight.shape[-1]
    before = weight.cumsum(-2) - weight + bias
    rows = index.reshape(-1)
    start = before.view(-1, size).index_select(0, rows)
    slope = weight.reshape(-1, size).index_select(0, rows)
    return torch.addcmul(start, slope, share.reshape(-1, 1)).view(*index.shape[:-1], -1)
