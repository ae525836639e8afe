"""A round of the search: what is asked, trained and told together, and how much that may be."""

import itertools
import math
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from netsitter.recipe.context import Candidate, Context
from netsitter.recipe.halving import Halving
from netsitter.recipe.space import Space
from netsitter.recipe.study import Search
from netsitter.recipe.trial import Spec, Trial

MEMBERS = 16
"""Networks of one shape in a round: enough to be cheap each, few enough for several shapes."""
FEWEST_MEMBERS = 4
HALVING = Halving()


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


def search_round(
    context: Context,
    search: Search,
    space: Space,
    base: Candidate,
    name: str,
    sizes: Sequence[int],
    leads: Iterable[Mapping[str, Any]] = (),
) -> list[Trial]:
    """Ask for a batch of groups, train it, tell what came of it."""
    names = [f"{name}-{i:02d}" for i in range(sum(sizes))]
    points = list(itertools.islice(leads, len(sizes)))
    # What is asked depends on what other processes have told by now: as much a decision as the clock's.
    asked = context.folder.decide(f"ask/{name}", lambda: search.ask(space, names, sizes, points))
    candidates = [base.but(one["changes"]) for one in asked]
    specs = [
        Spec(name=one["name"], stage="tune", net=c.net, fit=c.fit, seed=_seed(context, one["name"]))
        for one, c in zip(asked, candidates, strict=True)
    ]
    trials = context.run(specs, halving=HALVING)
    for one, trial in zip(asked, trials, strict=True):
        search.tell(one, trial.score, trial.failed)
    return trials


def _seed(context: Context, name: str) -> int:
    return context.config.recipe.seed + zlib.crc32(name.encode()) % 10_000
