"""A repair: the program, what was found, tried, kept and proven."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from netsitter.treat.arm import Job, Outcome, Program
from netsitter.treat.attempt import Attempt, preferred
from netsitter.treat.candidates import Candidate, State
from netsitter.treat.score import Score
from netsitter.treat.trial import Gain

UNEVEN = 3.0
"""Standard errors between a program's best and worst seed from which the worst is looked at on its own. By
chance the best and worst of three lie 2 apart in 11 %, 3 apart in 0.8 % (the range of three normals)."""
LONG = 20.0
"""Seconds from which an arm is worth watching for its loss while it runs."""

Say = Callable[[str], None]


@dataclass(kw_only=True)
class Repair:
    """What was found, tried, kept and proven."""

    program: Program
    texts: dict[str, str]
    """The program's files as they are."""
    untreated: Outcome
    seeds: tuple[int, ...] = (0, 1, 2)
    seed: int = 0
    """The one on which remedies are tried."""
    kept: list[Attempt] = field(default_factory=list)
    rejected: list[Attempt] = field(default_factory=list)
    state: State
    """The program with everything that is kept."""
    proof: Gain | None = None
    reached: tuple[Score | None, ...] = ()
    """The mended program's score on each seed of the proof."""
    proven: Outcome | None = None
    """The mended program under the first seed, run as it was proven."""
    trials: int = 0
    seconds: float = 0.0
    """Of every arm together."""

    @property
    def is_healthy(self) -> bool:
        return self.untreated.status == 0 and not self.untreated.sick

    @property
    def is_proven(self) -> bool:
        return self.proof is not None and self.proof.is_proven

    @property
    def weakest(self) -> int | None:
        """The seed on which the mended program is clearly behind its best one; None if it is even."""
        best = max((s for s in self.reached if s is not None), key=lambda s: s.level, default=None)
        if best is None:
            return None
        levels = [s.level if s is not None else -math.inf for s in self.reached]
        worst = min(range(len(levels)), key=levels.__getitem__)
        score = self.reached[worst]
        noise = math.hypot(best.noise, score.noise if score is not None else 0.0)
        return self.seeds[worst] if best.level - levels[worst] > UNEVEN * noise else None

    @property
    def mended(self) -> dict[str, str]:
        """Files whose source is changed, with their new text."""
        return {path: text for path, text in self.state.texts.items() if text != self.texts[path]}


def arm_job(repair: Repair, state: State, seed: int, is_watched: bool) -> Job:
    """An arm of a state under a seed; hooks need the watch."""
    watched = is_watched or bool(state.doses)
    return Job(program=repair.program, texts=state.texts, doses=state.doses, seed=seed, is_watched=watched)


def needs_watch(current: Outcome, candidate: Candidate) -> bool:
    """Watching costs time: not needed where the program prints a score that the candidate leaves alone."""
    if current.seconds > LONG or preferred(candidate):
        return True
    return not any(score.rank <= 2 and not score.is_spoilt_by(candidate.distorts) for score in current.scores)
