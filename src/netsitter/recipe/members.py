"""What a population in training is made of: its members, their rows, and the matrices of their state."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Tensor

from netsitter.nets.blocks import TableNet
from netsitter.nets.population import Population
from netsitter.nets.stacked.optimizers import find_step
from netsitter.nets.stacked.scratch import Room
from netsitter.recipe.config import FitConfig
from netsitter.recipe.objective import Objective
from netsitter.recipe.rows import Rows
from netsitter.run import Run


@dataclass(kw_only=True)
class Member:
    """One training of a population; ``net`` is left with its best weights.

    ``order`` and ``noise`` are its randomness: what a member comes to depends on its own seed, not on
    who else is in the population.
    """

    net: TableNet
    objective: Objective
    train: Rows
    validation: Rows
    config: FitConfig
    seed: int
    run: Run | None = None
    order: torch.Generator = field(init=False)
    noise: torch.Generator = field(init=False)

    @cached_property
    def constant_loss(self) -> float:
        """The training loss of the best constant answer."""
        return self.objective.loss.expected_at_start(self.train.target)

    def __post_init__(self) -> None:
        self.order = torch.Generator().manual_seed(self.seed)
        self.noise = torch.Generator(self.train.target.device).manual_seed(self.seed)


@dataclass(frozen=True, kw_only=True)
class State:
    """The matrices of a population in training, a row for each member."""

    trained: Population
    scored: Population
    """The moving averages of the weights; the trained ones themselves where no member has an average."""
    best: Population
    moments: list[Tensor]
    """What the optimiser remembers of every weight, each (K, P)."""

    @classmethod
    def start(cls, members: Sequence[Member]) -> "State":
        trained = Population.of([member.net for member in members])
        everyone = torch.arange(len(trained), device=trained.weights.device)
        is_averaged = any(member.config.averaging for member in members)
        _, moments = find_step(members[0].config.optimizer)
        return cls(
            trained=trained,
            scored=trained.select(everyone) if is_averaged else trained,
            best=trained.select(everyone),
            moments=[torch.zeros_like(trained.weights) for _ in range(moments)],
        )

    @property
    def is_averaged(self) -> bool:
        return self.scored is not self.trained

    def part(self, rows: slice) -> "State":
        """Some of the members, sharing memory with these."""
        trained = self.trained.part(rows)
        return State(
            trained=trained,
            scored=self.scored.part(rows) if self.is_averaged else trained,
            best=self.best.part(rows),
            moments=[moment[rows] for moment in self.moments],
        )

    def select(self, index: Tensor) -> "State":
        """Copies of the members at ``index``."""
        trained = self.trained.select(index)
        return State(
            trained=trained,
            scored=self.scored.select(index) if self.is_averaged else trained,
            best=self.best.select(index),
            moments=[moment[index] for moment in self.moments],
        )


class RowSets:
    """The rows of all members, each set in memory once: members may share one, or have a fold each."""

    def __init__(self, rows: Sequence[Rows]) -> None:
        self.sets = list({id(part): part for part in rows}.values())
        sizes = [len(part) for part in self.sets]
        starts = {id(part): sum(sizes[:i]) for i, part in enumerate(self.sets)}
        whole = self.sets[0] if len(self.sets) == 1 else None
        self.numeric = whole.numeric if whole else torch.cat([part.numeric for part in self.sets])
        self.codes = whole.codes if whole else torch.cat([part.codes for part in self.sets])
        self.target = whole.target if whole else torch.cat([part.target for part in self.sets])
        self.starts = [starts[id(part)] for part in rows]
        """Where each member's rows begin."""
        self.lengths = [len(part) for part in rows]

    def batches(self, order: Tensor, count: int, room: Room) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """The rows ``order`` (K, n) in ``count`` parts: numbers (K, B, d), codes (K, B, c), targets (K, B).

        Numbers are gathered a batch at a time into ``room``, the little that the others are all at once.
        """
        columns = self.numeric.shape[1]
        codes = self.codes[order] if self.codes.shape[1] else self.codes.new_empty((*order.shape, 0))
        target = self.target[order]
        parts = (order.tensor_split(count, 1), codes.tensor_split(count, 1), target.tensor_split(count, 1))
        for index, own_codes, own_target in zip(*parts, strict=True):
            numeric = room((index.numel(), columns))
            torch.index_select(self.numeric, 0, index.reshape(-1), out=numeric)
            yield numeric.view(*index.shape, columns), own_codes, own_target

    def shuffled(self, numbers: Sequence[int], generators: Sequence[torch.Generator]) -> Tensor:
        """An order of their own for the members ``numbers``, (k, n); n is what the shortest set has.

        Of a longer set the rows that come last in the new order wait for another epoch.
        """
        n = min(self.lengths)
        orders = [
            torch.randperm(self.lengths[number], generator=generator)[:n] + self.starts[number]
            for number, generator in zip(numbers, generators, strict=True)
        ]
        return torch.stack(orders).to(self.target.device)

    def alike(self, numbers: Sequence[int]) -> list[list[int]]:
        """Places in ``numbers`` whose members share a set of rows."""
        groups: dict[int, list[int]] = {}
        for place, number in enumerate(numbers):
            groups.setdefault(self.starts[number], []).append(place)
        return list(groups.values())
