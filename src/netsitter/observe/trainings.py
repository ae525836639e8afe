"""Which training an optimiser's step belongs to."""

from collections.abc import Callable

import torch

from netsitter.observe.anatomy import Anatomy
from netsitter.observe.training import Training
from netsitter.run import Run

MAX_TRAININGS = 12
"""A search over hundreds of models: the first of them are watched."""


class Trainings:
    """Sorts optimisers into trainings: one training for all that step on the same backward.

    A generator and a discriminator are two trainings that take turns; a head trained after its
    backbone is a second training, and so is the backbone under another head; an optimiser made anew for
    the same parameters, or for some of them, or for more, goes on with theirs.
    """

    def __init__(self, make_run: Callable[[int], Run], anatomy: Anatomy) -> None:
        self._make_run = make_run
        self.anatomy = anatomy
        self.all: list[Training] = []
        self._order: list[Training] = []
        """The last trainings that stepped."""
        self.latest: Training | None = None
        """The training that stepped last; None before the first step."""

    def find(self, optimizer: torch.optim.Optimizer, joint: Training | None) -> Training | None:
        """The training of an optimiser that is about to step; ``joint`` is the one it steps along with."""
        for training in self.all:
            if training.holds(optimizer):
                return training
        shared = (t for t in reversed(self.all) if t.shares(optimizer) and not t.is_left_by(optimizer))
        training = joint or next(shared, None) or self.start()
        if training is not None:
            training.adopt(optimizer)
        return training

    def start(self) -> Training | None:
        """A new training with a Run of its own; None when there are too many."""
        if len(self.all) >= MAX_TRAININGS:
            return None
        if self.all:
            self.all[-1].facts["followed"] = True
        training = Training(self._make_run(len(self.all)), self.anatomy)
        self.all.append(training)
        return training

    def turn(self, training: Training) -> None:
        """``training`` has stepped: A, B, A is taking turns; A, A, B, B is one after the other."""
        self.latest = training
        if self._order and self._order[-1] is training:
            return
        if training in self._order[-3:]:
            training.alternating = self._order[-1].alternating = True
        self._order = [*self._order[-3:], training]

    @property
    def last(self) -> Training | None:
        """The training that stepped last."""
        return self._order[-1] if self._order else self.all[-1] if self.all else None

    @property
    def burst(self) -> int:
        """How many iterations in a row to sample so that each training that takes turns is seen."""
        return max(1, sum(training.alternating for training in self.all))
