"""Some members of a population for one epoch: every batch together, then the validation rows."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from netsitter.nets.schedules import factor
from netsitter.nets.stacked.losses import StackedLoss
from netsitter.nets.stacked.net import StackedNet
from netsitter.nets.stacked.noise import Noise, eights
from netsitter.nets.stacked.optimizers import Place, clip, find_step
from netsitter.nets.stacked.scratch import Scratch
from netsitter.recipe.config import FitConfig
from netsitter.recipe.fit import REFRESH_ROWS, evaluation_rows
from netsitter.recipe.members import Member, RowSets, State


@dataclass(kw_only=True)
class Outcome:
    """What an epoch came to for one member."""

    losses: list[float]
    """Of every step."""
    norms: list[float]
    """Of every step's gradient, before clipping."""
    rate: float
    """Of the last step."""
    score: float
    validation_loss: float
    is_constant: bool
    """Whether all validation rows got one and the same answer."""

    @cached_property
    def loss(self) -> float:
        """The mean of the steps'."""
        return sum(self.losses) / len(self.losses)


class Part:
    """The members ``rows`` of a population, trained in place in views of its matrices.

    ``members`` are those of the rows, by number, in their order.
    """

    def __init__(
        self,
        state: State,
        rows: slice,
        members: Mapping[int, Member],
        *,
        train: RowSets,
        validation: RowSets,
        precision: torch.dtype,
        scratch: Scratch,
    ) -> None:
        self.numbers, self.members = list(members), list(members.values())
        self.train, self.validation, self.room = train, validation, scratch.room("numeric")
        self.state = state.part(rows)
        config, self.device = self.members[0].config, state.trained.weights.device
        trained = self.state.trained
        gradient = torch.zeros_like(trained.weights)
        rates = [member.net.config.dropout for member in self.members]
        self.noise = Noise(rates, [m.noise for m in self.members]) if any(rates) else None
        self.net = StackedNet(trained, gradient, noise=self.noise, scratch=scratch, precision=precision)
        self.judge = StackedNet(self.state.scored, scratch=scratch, precision=precision)
        self.loss = self._loss(range(len(self.members)))
        self.judged = [(places, self._loss(places)) for places in validation.alike(self.numbers)]
        self.step, _ = find_step(config.optimizer)
        self.place = Place(
            weights=trained.weights,
            gradient=gradient,
            moments=self.state.moments,
            decayed=trained.layout.roles["weight"],
            room=scratch.room("change"),
        )
        self.decay = self._column([m.config.weight_decay for m in self.members])
        self.averaging = self._column([m.config.averaging for m in self.members])
        clips = [m.config.clip for m in self.members]
        self.largest = self._column(clips) if any(clips) else None
        self.batches = max(1, round(min(train.lengths) / config.batch_size))

    def _loss(self, places: Sequence[int]) -> StackedLoss:
        losses = [self.members[place].objective.loss for place in places]
        return StackedLoss(losses, self.members[0].net.n_outputs, self.device)

    def _column(self, values: Sequence[float]) -> Tensor:
        return torch.tensor(values, dtype=torch.float32, device=self.device).view(-1, 1)

    @torch.no_grad()
    def epoch(self, number: int) -> list[Outcome]:
        """Train on every row once and score the validation rows; an outcome for each member."""
        rates = self._rates(number)
        losses, norms = self._train(number * self.batches, self._columns(rates))
        raw = self._predict()
        scores, validation_losses = self._judge(raw)
        spread = (raw.amax(1) - raw.amin(1)).amax(1) - CONSTANT * raw.abs().amax((1, 2))
        return [
            Outcome(
                losses=losses[place],
                norms=norms[place],
                rate=rates[place][-1],
                score=scores[place],
                validation_loss=validation_losses[place],
                is_constant=is_constant,
            )
            for place, is_constant in enumerate((spread <= 0).tolist())
        ]

    def _train(self, first: int, rates: Sequence[Tensor]) -> tuple[list[list[float]], list[list[float]]]:
        """Every batch of an epoch; each member's loss and gradient norm at every step."""
        net, loss, place, state = self.net, self.loss, self.place, self.state
        order = self.train.shuffled(self.numbers, [member.order for member in self.members])
        if self.noise is not None:
            self.noise.begin(self._draws(order.shape[1]))
        losses, norms = [], []
        batches = self.train.batches(order, self.batches, self.room)
        for done, (numeric, codes, target) in enumerate(batches, first):
            values, slopes = loss.slopes(net.forward(numeric, codes, training=True), target)
            net.backward(slopes)
            norms.append(clip(place.gradient, self.largest))
            self.step(place, rates[done - first], self.decay, done + 1)
            if state.is_averaged:
                # The start of an average is not biased to the first weights.
                decay = self.averaging.clamp(max=(1 + done) / (10 + done))
                state.scored.weights.lerp_(state.trained.weights, 1 - decay)
            losses.append(values)
        if state.is_averaged:
            self._refresh()
        return torch.stack(losses, 1).tolist(), torch.stack(norms, 1).tolist()

    def _refresh(self) -> None:
        """Give the averaged networks buffers of their own: statistics of other weights are not theirs."""
        scored, trained = self.state.scored, self.state.trained
        if self.judge.batch_norms:
            starts = torch.tensor([[self.train.starts[number]] for number in self.numbers])
            index = (starts + torch.arange(min(*self.train.lengths, REFRESH_ROWS))).to(self.device)
            self.judge.refresh(self.train.numeric[index], self.train.codes[index])
        is_plain = (self.averaging == 0).squeeze(1)
        for name, buffer in scored.buffers.items():
            kept = is_plain if self.judge.batch_norms else torch.ones_like(is_plain)
            buffer[kept] = trained.buffers[name][kept]

    def _draws(self, rows: int) -> int:
        """What dropout draws in an epoch: every unit of every batch, each layer's rounded up."""
        smaller, larger = divmod(rows, self.batches)
        widths = self.members[0].net.config.widths
        return sum(
            larger * eights((smaller + 1) * width) + (self.batches - larger) * eights(smaller * width)
            for width in widths
        )

    def _rates(self, epoch: int) -> list[list[float]]:
        """Each member's learning rate at every step of an epoch."""
        steps = range(epoch * self.batches, (epoch + 1) * self.batches)
        configs = [member.config for member in self.members]
        factors = {
            key: [factor(key[0], step, self.batches * key[1], warmup=key[2]) for step in steps]
            for key in {_schedule(config) for config in configs}
        }
        return [[config.lr * share for share in factors[_schedule(config)]] for config in configs]

    def _columns(self, rates: list[list[float]]) -> tuple[Tensor, ...]:
        table = torch.tensor(rates, dtype=torch.float32).t().contiguous()
        return table.unsqueeze(2).to(self.device).unbind()

    def _predict(self) -> Tensor:
        """Raw outputs for the validation rows, (k, n, outputs); a shorter set's last row is repeated."""
        rows, longest = self.validation, max(self.validation.lengths)
        ends = [rows.starts[number] + rows.lengths[number] - 1 for number in self.numbers]
        starts = torch.tensor([[rows.starts[number]] for number in self.numbers])
        index = (starts + torch.arange(longest)).minimum(torch.tensor(ends).unsqueeze(1)).to(self.device)
        count = min(math.ceil(index.numel() / evaluation_rows(self.device)), longest)
        batches = rows.batches(index, count, self.room)
        parts = [self.judge.forward(numeric, codes).clone() for numeric, codes, _ in batches]
        return torch.cat(parts, 1)

    def _judge(self, raw: Tensor) -> tuple[list[float], list[float]]:
        """Each member's score and loss on its validation rows."""
        scores, losses = [0.0] * len(raw), [0.0] * len(raw)
        for places, loss in self.judged:
            member = self.members[places[0]]
            rows = member.validation
            own = raw[torch.tensor(places, device=self.device), : len(rows)]
            values = loss.values(own, rows.target.expand(len(places), -1))
            found = zip(places, member.objective.scores(own, rows.target), values.tolist(), strict=True)
            for place, score, value in found:
                scores[place], losses[place] = score, value
        return scores, losses


def _schedule(config: FitConfig) -> tuple[str, int, float]:
    """What a member's schedule depends on; most members share it with others."""
    return config.schedule, config.epochs, config.warmup


CONSTANT = 1e-6
"""Answers that differ by less than this share of the largest are one answer: float32's resolution is 1e-7."""
