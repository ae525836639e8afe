"""A round of the search: what is asked, trained and told together, and how much that may be."""

import itertools
import math
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from netsitter.recipe.context import Candidate, Context
from netsitter.recipe.halving import Halving, Rungs
from netsitter.recipe.space import Space
from netsitter.recipe.speed import seconds_per_epoch
from netsitter.recipe.study import Asked, Search
from netsitter.recipe.trial import Spec, Trial

MEMBERS = 16
"""Networks of one shape in a round: enough to be cheap each, few enough for several shapes."""
FEWEST_MEMBERS = 4
HALVING = Halving()
HALVED = 0.5
"""Share of its time that a group takes at least, by what halving leaves of it: 0.25 + 0.5/4 + 0.25/2."""


def round_sizes(recent: Sequence[Trial], seconds: float, most: int) -> list[int]:
    """Sizes of a round's groups, none when time is up: half of what the ``seconds`` left allow.

    Judged by the ``recent`` trials; half, so that a wrong estimate can be mended in the next round.
    """
    each = float(np.mean([trial.seconds for trial in recent[-2 * MEMBERS :]])) or 1e-3
    affordable = min(seconds / each, most)
    if affordable < 1:
        return []
    number = math.ceil(affordable / 2)
    size = int(np.clip(number // 2, FEWEST_MEMBERS, MEMBERS))
    groups = max(1, round(number / size))
    return [len(part) for part in np.array_split(np.arange(number), groups)]


@dataclass(kw_only=True)
class Rounds:
    """A search round by round: asked, trained group by group while there is time, told together."""

    context: Context
    search: Search
    space: Space
    base: Candidate
    left: Callable[[], float]
    """Seconds until the search ends. From the clock, so only called inside ``decide``."""
    longest: float
    """Seconds of a training; what takes longer, later stages could do nothing with."""
    off: float = HALVED
    """How far guesses of a group's seconds are off: the farthest so far, since time must not run out."""

    def train(self, name: str, sizes: Sequence[int], leads: Iterable[Mapping[str, Any]] = ()) -> list[Trial]:
        """What came of a batch of groups, as far as they fitted into the time left."""
        context = self.context
        names = [f"{name}-{i:02d}" for i in range(sum(sizes))]
        points = list(itertools.islice(leads, len(sizes)))
        # What is asked depends on what other processes have told by now: as much a decision as the clock's.
        asked = context.folder.decide(
            f"ask/{name}", lambda: self.search.ask(self.space, names, sizes, points)
        )
        groups = [list(group) for _, group in itertools.groupby(asked, key=lambda one: one["group"])]
        rungs, trials = Rungs(HALVING), []
        for number, group in enumerate(groups):
            key, waiting = f"plan/{name}/group-{number}", len(groups) - number
            plan = context.folder.decide(key, lambda: self._fitting(group, waiting))  # noqa: B023
            found = context.run([self._spec(one) for one in group[: plan["members"]]], rungs=rungs)
            if found:
                taken = sum(trial.seconds for trial in found)
                self.off = max(self.off, taken / (plan["seconds"] * len(found)))
            trials += found
        told = {trial.spec.name: trial for trial in trials}
        for one in asked:
            trial = told.get(one["name"])
            self.search.tell(
                one, trial and trial.score, trial.failed if trial else "there was no time for it"
            )
        return trials

    def _fitting(self, group: Sequence[Asked], waiting: int) -> dict[str, float]:
        """How many ``members`` of a group fit into its part of the time left, and the ``seconds`` of each.

        Shapes differ in cost more than a hundredfold: what others took tells little of this one, so a
        network of it is timed. It is timed alone, which is the most that each of many can take.
        """
        candidate = self.base.but(group[0]["changes"])
        each = max(seconds_per_epoch(self.context.problem, candidate), 1e-6)
        seconds = candidate.fit.epochs * each
        fitting = int(self.left() / waiting / (self.off * seconds))
        if seconds > self.longest or fitting < HALVING.least:
            fitting = 0
        return {"members": min(fitting, len(group)), "seconds": seconds}

    def _spec(self, one: Asked) -> Spec:
        c = self.base.but(one["changes"])
        seed = self.context.config.recipe.seed + zlib.crc32(one["name"].encode()) % 10_000
        return Spec(name=one["name"], stage="tune", net=c.net, fit=c.fit, seed=seed)
