"""A network for one table: columns in, raw outputs out, in as few operations as it takes."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from netsitter.nets.activations import make_activation
from netsitter.nets.config import NetConfig
from netsitter.nets.dropout import Dropout
from netsitter.nets.embeddings import PBLD, CategoryEmbedding, Periodic, PiecewiseLinear, category_size
from netsitter.nets.initializers import initialize
from netsitter.nets.normalization import centre_weights


class Scaling(nn.Module):
    """A learned factor for every feature (Holzmüller et al. 2024): the net picks its columns with it."""

    def __init__(self, n_features: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(n_features))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.scale


class Linear(nn.Linear):
    """A layer without weights as yet: torch's own start would draw from the global generator."""

    def reset_parameters(self) -> None:
        pass


class Block(nn.Module):
    """linear → (norm) → activation → (norm) → dropout, plus the block's input when residual."""

    def __init__(self, n_in: int, n_out: int, config: NetConfig) -> None:
        super().__init__()
        self.linear = Linear(n_in, n_out)
        self.before = self.after = None
        if config.norm == "batch-before":
            self.before = nn.BatchNorm1d(n_out)
        elif config.norm == "layer":
            self.before = nn.LayerNorm(n_out)
        elif config.norm == "batch-after":
            self.after = nn.BatchNorm1d(n_out)
        self.activation = make_activation(config.activation)
        self.dropout = Dropout(config.dropout) if config.dropout else None
        self.is_residual = config.residual and n_in == n_out

    def forward(self, x: Tensor) -> Tensor:
        out = self.linear(x)
        if self.before is not None:
            out = self.before(out)
        out = self.activation(out)
        if self.after is not None:
            out = self.after(out)
        if self.dropout is not None:
            out = self.dropout(out)
        return x + out if self.is_residual else out


class TableNet(nn.Module):
    """Numbers and categories to raw outputs ``(n, n_outputs)``.

    ``is_continuous`` says which numeric columns may be expanded by the numeric embedding (indicators
    and one-hot columns are not), ``cardinalities`` how many codes each category column has. Weights
    are undefined until ``build_network`` or ``load_state_dict`` has filled them.
    """

    def __init__(
        self,
        config: NetConfig,
        *,
        n_numeric: int,
        is_continuous: Sequence[bool],
        cardinalities: Sequence[int],
        n_outputs: int,
    ) -> None:
        super().__init__()
        self.config = config
        self.n_numeric, self.n_outputs = n_numeric, n_outputs
        self.is_continuous, self.cardinalities = tuple(is_continuous), tuple(cardinalities)
        continuous = [i for i, is_so in enumerate(is_continuous) if is_so]
        self.register_buffer("continuous", torch.tensor(continuous, dtype=torch.int64), persistent=False)
        self.numbers = _numeric_embedding(config, len(continuous))
        sizes = [category_size(n, config.embedding_size) for n in cardinalities]
        self.categories = CategoryEmbedding(cardinalities, sizes) if cardinalities else None
        parts = (self.numbers, self.categories)
        width = n_numeric + sum(part.out_features for part in parts if part is not None)
        self.scaling = Scaling(width) if config.scaling else None
        blocks = []
        for units in config.widths:
            blocks.append(Block(width, units, config))
            width = units
        self.blocks = nn.Sequential(*blocks)
        self.output = Linear(width, n_outputs)

    continuous: Tensor

    def forward(self, numeric: Tensor, codes: Tensor) -> Tensor:
        """``numeric`` float32 ``(n, n_numeric)``, ``codes`` int64 ``(n, categories)``."""
        parts = [numeric] if self.n_numeric else []
        if self.numbers is not None:
            all_of_them = len(self.continuous) == self.n_numeric
            parts.append(self.numbers(numeric if all_of_them else numeric[:, self.continuous]))
        if self.categories is not None:
            parts.append(self.categories(codes))
        x = parts[0] if len(parts) == 1 else torch.cat(parts, 1)
        if self.scaling is not None:
            x = self.scaling(x)
        return self.output(self.blocks(x))


def _numeric_embedding(config: NetConfig, n_columns: int) -> PBLD | Periodic | PiecewiseLinear | None:
    size = config.numeric_embedding_size
    if n_columns == 0 or config.numeric_embedding == "none":
        return None
    if config.numeric_embedding == "piecewise-linear":
        return PiecewiseLinear(n_columns, bins=config.bins, size=size)
    kind = PBLD if config.numeric_embedding == "pbld" else Periodic
    return kind(n_columns, frequencies=config.frequencies, scale=config.frequency_scale, size=size)


def build_network(
    config: NetConfig,
    *,
    numeric: Tensor,
    codes: Tensor,
    is_continuous: Sequence[bool],
    cardinalities: Sequence[int],
    n_outputs: int,
    output_bias: Tensor | None = None,
    generator: torch.Generator | None = None,
) -> tuple[TableNet, tuple[str, ...]]:
    """A network ready to train, on the CPU, and what its initialiser had to leave undone.

    ``numeric`` and ``codes`` are training rows: the bins' edges and the initialisers that look at
    data are taken from them. ``output_bias`` is the loss's ``best_constant``.
    """
    net = TableNet(
        config,
        n_numeric=numeric.shape[1],
        is_continuous=is_continuous,
        cardinalities=cardinalities,
        n_outputs=n_outputs,
    )
    with torch.no_grad():
        if net.numbers is not None:
            net.numbers.reset(generator)
        if net.categories is not None:
            net.categories.reset(generator)
        if isinstance(net.numbers, PiecewiseLinear):
            net.numbers.set_bins(numeric[:, net.continuous])
        notes = initialize(
            net,
            config.init,
            activation=config.activation,
            inputs=(numeric[:INIT_ROWS], codes[:INIT_ROWS]),
            generator=generator,
            output_scale=config.output_scale,
        )
        if output_bias is not None:
            net.output.bias.copy_(output_bias)
    if config.weight_norm:
        centre_weights(net.blocks)
    return net, notes


INIT_ROWS = 1024
"""Rows an initialiser looks at: enough for a unit's variance to within 5 %."""
