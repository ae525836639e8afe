"""The forward and the backward pass of a whole population, in the order of ``TableNet``."""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn.utils.parametrize import is_parametrized

from netsitter.nets.bins import Bins, mix
from netsitter.nets.blocks import Block, TableNet
from netsitter.nets.embeddings import PBLD, CategoryEmbedding, Periodic, PiecewiseLinear
from netsitter.nets.population import Population
from netsitter.nets.stacked.activations import TOLD_BY_SIGN
from netsitter.nets.stacked.layers import (
    Activation,
    CentredLinear,
    Dropout,
    Linear,
    Noise,
    Norm,
    Parameter,
    Site,
)
from netsitter.nets.stacked.scratch import Scratch
from netsitter.nets.stacked.wide import Layer, find_linear, join

ENTRANCE = ("numbers.", "categories.", "scaling.")
"""What the names of a TableNet's parameters before its first layer begin with."""


class StackedNet:
    """All members of a population at once: ``(K, B, …)`` in, raw outputs ``(K, B, outputs)`` out.

    ``gradient`` (K, P) receives what ``backward`` finds, in the population's own layout. ``precision``
    is that of the matrix products; everything else is float32. What ``forward`` returns is in
    ``scratch`` and lasts until the next call.
    """

    def __init__(
        self,
        population: Population,
        gradient: Tensor | None = None,
        *,
        noise: Noise | None = None,
        scratch: Scratch | None = None,
        precision: torch.dtype = torch.float32,
    ) -> None:
        self.population, self.gradient = population, gradient
        self.scratch = scratch or Scratch(population.weights.device)
        self.noise, self.precision = noise, precision
        net = population.template
        self.entrance = Entrance(net, self._parameters_of(net), population.buffers)
        self.blocks: list[list[Layer]] = []
        self.residual: list[bool] = []
        for index, block in enumerate(net.blocks):
            assert isinstance(block, Block)
            self.blocks.append(self._block(f"blocks.{index}", block, index))
            self.residual.append(block.is_residual)
        self.output = self._linear("output", net.output, len(self.blocks))
        self._scale_later()
        self.blocks = list(map(join, self.blocks))

    def forward(self, numeric: Tensor, codes: Tensor, *, training: bool = False) -> Tensor:
        """``numeric`` (K, B, n_numeric) and ``codes`` (K, B, categories) to raw outputs, float32."""
        x = self.entrance.forward(numeric, codes, training)
        for block, is_residual in zip(self.blocks, self.residual, strict=True):
            out = x
            for layer in block:
                out = layer.forward(out, training)
            x = x + out if is_residual else out
        return self.output.forward(x, training).float()

    @property
    def batch_norms(self) -> list[Norm]:
        return [m for block in self.blocks for m in block if isinstance(m, Norm) and m.running is not None]

    def refresh(self, numeric: Tensor, codes: Tensor) -> None:
        """Measure every batch norm's running statistics afresh: ``refresh_batch_norm`` for all members."""
        for norm in self.batch_norms:
            norm.momentum = 1.0
        self.forward(numeric, codes, training=True)
        for norm in self.batch_norms:
            norm.momentum = 0.1

    def backward(self, slope: Tensor) -> None:
        """Write the gradient of every parameter, from that of the raw outputs (K, B, outputs)."""
        back = self.output.backward(slope)
        for block, is_residual in zip(reversed(self.blocks), reversed(self.residual), strict=True):
            # Layers overwrite the gradient that they are given.
            through = back.clone() if is_residual else back
            for layer in reversed(block):
                through = layer.backward(through)
            back = back + through if is_residual else through
        self.entrance.backward(back)

    # ---- the parts, from the template's

    def _parameters_of(self, net: TableNet) -> dict[str, Parameter]:
        """Those of everything that lies before the first layer."""
        names = (name for name, _ in net.named_parameters())
        return {name: self._parameter(name) for name in names if name.startswith(ENTRANCE)}

    def _parameter(self, name: str) -> Parameter:
        value = self.population.view(name)
        slope = value if self.gradient is None else self.population.view(name, self.gradient)
        return Parameter(value=value, slope=slope)

    def _block(self, name: str, block: Block, place: int) -> list[Layer]:
        layers: list[Layer] = [self._linear(f"{name}.linear", block.linear, place)]
        if block.before is not None:
            layers.append(self._norm(f"{name}.before", block.before))
        activation = self.population.template.config.activation
        layers.append(Activation(self._site(f"{name}.activation", place), activation))
        if block.after is not None:
            layers.append(self._norm(f"{name}.after", block.after))
        if self.noise is not None:
            by_sign = block.after is None and activation in TOLD_BY_SIGN
            layers.append(Dropout(self._site(f"{name}.dropout", place), self.noise, by_sign=by_sign))
        return layers

    def _scale_later(self) -> None:
        """Leave the factor of each dropout to the linear layer that reads what it gives, and nothing else."""
        followers = [*(block[0] for block in self.blocks), self.output]
        # What a residual block is given, or gives, is read by a sum too.
        is_summed = [*self.residual, False]
        for index, block in enumerate(self.blocks):
            last, linear = block[-1], followers[index + 1]
            if is_summed[index] or is_summed[index + 1]:
                continue
            if isinstance(last, Dropout) and isinstance(linear, Linear) and last.by_sign:
                last.is_scaled_later = True
                linear.scale_rows(last.scale)

    def _site(self, name: str, place: int) -> Site:
        return Site(name=name, place=place, scratch=self.scratch, precision=self.precision)

    def _linear(self, name: str, layer: torch.nn.Module, place: int) -> Linear:
        is_first = place == 0 and not self.entrance.learns
        site, bias = self._site(name, place), self._parameter(f"{name}.bias")
        if not is_parametrized(layer):
            weight = self._parameter(f"{name}.weight")
            return find_linear(site, weight)(site, weight, bias, is_first=is_first)
        direction = self._parameter(f"{name}.parametrizations.weight.original")
        length = self._parameter(f"{name}.parametrizations.weight.0.g")
        return CentredLinear(site, direction, length, bias, is_first=is_first)

    def _norm(self, name: str, layer: torch.nn.Module) -> Norm:
        running = None
        if isinstance(layer, torch.nn.BatchNorm1d):
            names = ("running_mean", "running_var", "num_batches_tracked")
            running = {part: self.population.buffers[f"{name}.{part}"] for part in names}
        return Norm(self._parameter(f"{name}.weight"), self._parameter(f"{name}.bias"), running)


class Entrance:
    """What lies before the first layer: embeddings and scaling, differentiated by autograd."""

    def __init__(
        self, net: TableNet, parameters: Mapping[str, Parameter], buffers: Mapping[str, Tensor]
    ) -> None:
        self.net, self.bins = net, None
        if isinstance(net.numbers, PiecewiseLinear):
            self.bins = Bins.of(*(buffers[f"numbers.{part}"] for part in ("slope", "start", "low", "high")))
        self.learns = bool(parameters)
        self.slopes = [parameter.slope for parameter in parameters.values()]
        # Leaves of their own in the population's memory. ``data`` and not ``detach``: other members in
        # the same memory take their steps meanwhile, which autograd would count as a change of these.
        self.leaves = {name: p.value.data.requires_grad_() for name, p in parameters.items()}
        self.x = torch.empty(0)

    def forward(self, numeric: Tensor, codes: Tensor, training: bool) -> Tensor:
        if not self.learns:
            return numeric
        with torch.set_grad_enabled(training):
            self.x = self._features(numeric, codes)
        return self.x.detach()

    def backward(self, slope: Tensor) -> None:
        if self.learns:
            found = torch.autograd.grad(self.x, list(self.leaves.values()), slope.to(self.x.dtype))
            for target, value in zip(self.slopes, found, strict=True):
                target.copy_(value)

    def _features(self, numeric: Tensor, codes: Tensor) -> Tensor:
        net, leaves = self.net, self.leaves
        parts = [numeric] if net.n_numeric else []
        if net.numbers is not None:
            all_of_them = len(net.continuous) == net.n_numeric
            parts.append(self._numbers(numeric if all_of_them else numeric[:, :, net.continuous]))
        if net.categories is not None:
            parts.append(self._categories(net.categories, codes))
        x = parts[0] if len(parts) == 1 else torch.cat(parts, 2)
        return x if net.scaling is None else x * leaves["scaling.scale"].unsqueeze(1)

    def _numbers(self, x: Tensor) -> Tensor:
        """Columns ``(K, B, C)`` to ``(K, B, C · size)``: a matrix for every column of every member."""
        kind, leaves = self.net.numbers, self.leaves
        if self.bins is not None:
            return mix(*self.bins.find(x), leaves["numbers.weight"], leaves["numbers.bias"])
        column, frequency = x.transpose(1, 2).unsqueeze(3), leaves["numbers.frequency"]
        if isinstance(kind, PBLD):
            features = torch.addcmul(leaves["numbers.phase"], column, frequency).cos()
        else:
            angle = column * frequency
            features = torch.cat([angle.cos(), angle.sin()], 3)
        weight, bias = leaves["numbers.weight"].flatten(0, 1), leaves["numbers.bias"].flatten(0, 1)
        mixed = torch.baddbmm(bias, features.flatten(0, 1), weight)
        if isinstance(kind, Periodic):
            mixed = F.relu(mixed)
        return mixed.view(*column.shape[:3], -1).transpose(1, 2).flatten(2)

    def _categories(self, kind: CategoryEmbedding, codes: Tensor) -> Tensor:
        """Codes ``(K, B, c)`` to features: the members' tables one below the other."""
        parts = []
        for index in range(len(kind.tables)):
            table = self.leaves[f"categories.tables.{index}"]
            first_row = torch.arange(len(table), device=codes.device).view(-1, 1, 1) * table.shape[1]
            columns, offsets = kind.get_buffer(f"columns{index}"), kind.get_buffer(f"offsets{index}")
            own = codes[:, :, columns] + offsets + first_row
            parts.append(F.embedding(own, table.flatten(0, 1)).flatten(2))
        return parts[0] if len(parts) == 1 else torch.cat(parts, 2)
