"""The training loop of many networks at once: ``fit`` for a population.

    for every epoch:
        for every part of the members that fits the processor's cache, parts side by side:
            for every batch:   forward, loss, backward, step, of all the part's members together
            score the validation rows
        keep each member's best weights
        let go of the members that have ended, and close the ranks

Every member has its own settings, seed, order of rows and end, and comes to what it would have come to
alone: a population is only a faster way to train.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import repeat

import numpy as np
import torch

from netsitter.nets.stacked.scratch import Scratch
from netsitter.recipe.fit import Fit
from netsitter.recipe.halving import Rungs
from netsitter.recipe.hopeless import why_hopeless
from netsitter.recipe.members import Member, RowSets, State
from netsitter.recipe.population_part import Outcome, Part
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How a population is spread over the machine; no result depends on it beyond rounding."""

    part: int = 16
    """Members that take each step together: few enough for the cache, enough to hide the overhead."""
    workers: int = 1
    """Parts that are trained at the same time, a thread each."""
    precision: torch.dtype = torch.float32
    """Of the matrix products."""


def fit_population(
    members: Sequence[Member],
    *,
    pace: Pace | None = None,
    give_up: Callable[[int, float], bool] | None = None,
    rungs: Rungs | None = None,
    ended: Callable[[int, Fit], None] | None = None,
) -> list[Fit]:
    """Train all members, which share network shape, optimiser, kind of loss and batch size.

    ``give_up(epoch, best_score)`` and ``rungs`` may end hopeless ones early; ``ended(number, fit)`` is
    called as soon as a member has ended and its network holds its best weights. Raises UsageError where
    members do not fit together.
    """
    pace = pace or Pace()
    with ThreadPoolExecutor(pace.workers) as workers, _one_thread_each(pace):
        return _Loop(members, pace, give_up, rungs, ended).train(workers)


class _Loop:
    """The state of a population's training, between epochs."""

    def __init__(
        self,
        members: Sequence[Member],
        pace: Pace,
        give_up: Callable[[int, float], bool] | None,
        rungs: Rungs | None,
        ended: Callable[[int, Fit], None] | None,
    ) -> None:
        self.members, self.pace = members, pace
        self.give_up, self.rungs, self.ended = give_up, rungs, ended
        self.fits = [Fit() for _ in members]
        self.history: list[list[Outcome]] = [[] for _ in members]
        self.alive = list(range(len(members)))
        """Numbers of the members still in training, in the order of their rows in ``state``."""
        self.state = State.start(members)
        self.train_rows = RowSets([member.train for member in members])
        device = members[0].train.target.device
        self.scratches = [Scratch(device) for _ in range(pace.workers)]
        self.validation_rows = RowSets([member.validation for member in members])

    def train(self, workers: ThreadPoolExecutor) -> list[Fit]:
        lanes, epoch = self._divide(), 0
        while self.alive:
            for found in workers.map(_train_in_turn, lanes, repeat(epoch)):
                for number, outcome in found.items():
                    self._judge(number, epoch, outcome)
            self._keep_best(epoch)
            leaving = self._leaving(epoch)
            if leaving:
                self._let_go(leaving)
                lanes = self._divide() if self.alive else []
            epoch += 1
        return self.fits

    def _divide(self) -> list[list[Part]]:
        """The members in even parts, for each worker those that it trains in turn."""
        count, workers = len(self.alive), self.pace.workers
        number = math.ceil(math.ceil(count / self.pace.part) / workers) * workers
        lanes: list[list[Part]] = [[] for _ in range(workers)]
        for place, rows in enumerate(np.array_split(np.arange(count), min(number, count))):
            numbers = [self.alive[row] for row in rows]
            part = Part(
                self.state,
                slice(int(rows[0]), int(rows[-1]) + 1),
                {number: self.members[number] for number in numbers},
                train=self.train_rows,
                validation=self.validation_rows,
                precision=self.pace.precision,
                scratch=self.scratches[place % workers],
            )
            lanes[place % workers].append(part)
        return lanes

    def _judge(self, number: int, epoch: int, outcome: Outcome) -> None:
        """Take down what an epoch came to for a member."""
        fit, losses = self.fits[number], outcome.losses
        first = fit.steps
        self.history[number].append(outcome)
        fit.epochs, fit.steps = epoch + 1, fit.steps + len(losses)
        fit.scores.append(outcome.score)
        fit.lowest_train_loss = min(fit.lowest_train_loss, outcome.loss)
        if outcome.score < fit.best_score:
            fit.best_score, fit.best_epoch, fit.train_loss = outcome.score, epoch, outcome.loss
        bad = next((i for i, loss in enumerate(losses) if not math.isfinite(loss)), None)
        if bad is not None:
            fit.failed = f"the loss became {losses[bad]} at step {first + bad}"
        elif not math.isfinite(outcome.score):
            fit.failed = f"the validation score became {outcome.score} in epoch {epoch}"
        else:
            fit.failed = why_hopeless(self.history[number], self.members[number])

    def _keep_best(self, epoch: int) -> None:
        better = [row for row, number in enumerate(self.alive) if self.fits[number].best_epoch == epoch]
        if better:
            index = torch.tensor(better, device=self.state.best.weights.device)
            self.state.best.copy_rows(index, self.state.scored)

    def _leaving(self, epoch: int) -> set[int]:
        """The members whose training ends here; why is written into their fits."""
        fits, configs = self.fits, [member.config for member in self.members]
        over = {
            number
            for number in self.alive
            if fits[number].failed
            or epoch + 1 >= configs[number].epochs
            or 0 < configs[number].patience <= epoch - fits[number].best_epoch
        }
        others = [number for number in self.alive if number not in over]
        behind: dict[int, str] = {}
        if self.give_up is not None:
            given_up = [n for n in others if self.give_up(epoch, fits[n].best_score)]
            behind |= dict.fromkeys(given_up, f"given up after {epoch + 1} epochs")
        if self.rungs is not None:
            planned = {n: configs[n].epochs for n in others if n not in behind}
            behind |= self.rungs.leaving(epoch, planned, {n: fits[n].best_score for n in planned})
        for number, reason in behind.items():
            fits[number].stopped = reason
        return over | set(behind)

    def _let_go(self, leaving: set[int]) -> None:
        """Give the members that leave their best weights, and shrink the matrices to those that stay."""
        for row, number in enumerate(self.alive):
            if number not in leaving:
                continue
            member = self.members[number]
            self.state.best.write(row, member.net)
            if member.run is not None:
                _record(member, self.history[number], member.run)
            self.history[number] = []
            if self.ended is not None:
                self.ended(number, self.fits[number])
        rows = [row for row, number in enumerate(self.alive) if number not in leaving]
        self.alive = [self.alive[row] for row in rows]
        self.state = self.state.select(torch.tensor(rows, device=self.state.best.weights.device).long())


def _train_in_turn(parts: list[Part], epoch: int) -> dict[int, Outcome]:
    """An epoch of a worker's parts, one after the other; what it came to by member."""
    found: dict[int, Outcome] = {}
    for part in parts:
        found |= zip(part.numbers, part.epoch(epoch), strict=True)
    return found


def _record(member: Member, history: list[Outcome], run: Run) -> None:
    """Write a member's training into its run, under the names that ``fit`` uses."""
    losses = [loss for outcome in history for loss in outcome.losses]
    norms = [norm for outcome in history for norm in outcome.norms]
    ends = np.cumsum([len(outcome.losses) for outcome in history]) - 1
    for name, values in (("loss", losses), ("grad_norm", norms)):
        run.extend_series(name, range(len(values)), values)
    for name, values in (
        ("lr/0", [outcome.rate for outcome in history]),
        ("val/loss", [outcome.validation_loss for outcome in history]),
        (f"val/metric/{member.objective.metric}", [outcome.score for outcome in history]),
    ):
        run.extend_series(name, ends.tolist(), values)


@contextmanager
def _one_thread_each(pace: Pace) -> Iterator[None]:
    """Workers share the cores between them: torch itself then uses one thread in each."""
    before = torch.get_num_threads()
    if pace.workers > 1:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
