"""One candidate, tried: what its arm came to, and whether that helped."""

import math
from dataclasses import dataclass

from netsitter.treat.arm import Outcome
from netsitter.treat.candidates import Candidate
from netsitter.treat.score import Score, judge

CLEAR = 1.0
"""A candidate that gains this many standard errors has helped on the first seed; the proof asks for more."""
ENOUGH = 0.92
"""A gain of this share of what is missing to a perfect score ends the search for one finding."""
GOOD = 0.85
"""A share of 1 that is enough where there was no number to gain on."""
ENOUGH_LOG = 1.1
"""The same for errors and losses, which have no perfect value: to a third (a logarithm of 1.1)."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A candidate and its arm under the first seed, beside the arm without it."""

    candidate: Candidate
    outcome: Outcome
    before: Score | None = None
    """The score of the arm without it; None where it had none."""
    after: Score | None = None
    corrected: bool = False
    """Whether it sets the measurement right, and its finding is gone."""

    @property
    def level(self) -> float:
        return self.after.level if self.after is not None else -math.inf

    @property
    def gain(self) -> float:
        """On the level scale; inf where there was no number before, -inf where there is none now."""
        if self.level == -math.inf or self.before is None:
            return math.inf if self.level > -math.inf else -math.inf
        return self.level - self.before.level

    @property
    def helped(self) -> bool:
        if self.corrected:
            return True
        if math.isinf(self.gain) or self.before is None or self.after is None:
            return self.gain > 0
        return self.gain > CLEAR * math.hypot(self.before.noise, self.after.noise)

    @property
    def is_harmless(self) -> bool:
        """It ran to its end and is no worse than chance explains; a lost run stays as lost."""
        if self.outcome.status != 0:
            return False
        if self.before is None or self.after is None or math.isinf(self.before.level):
            return True
        return self.gain > -2 * math.hypot(self.before.noise, self.after.noise)

    @property
    def is_perfect(self) -> bool:
        """So good that no remedy can gain more than chance explains."""
        if self.after is None or self.after.kind != "score":
            return False
        missing = 1 - self.after.level if self.after.higher else self.after.value
        return missing <= self.after.noise

    @property
    def is_enough(self) -> bool:
        """So good that no other candidate for the same finding need be tried."""
        if not self.helped or self.after is None:
            return False
        if self.before is None:
            return self.after.is_share and self.level >= GOOD
        if math.isinf(self.gain):
            # Any number is better than none: of a share one can tell whether it is good.
            return not self.after.is_share or self.level >= GOOD
        if self.after.kind != "score":
            return self.gain >= ENOUGH_LOG
        best = 1.0 if self.after.higher else 0.0
        return self.gain >= ENOUGH * (best - max(self.before.level, -1.0))


def attempt(candidate: Candidate, before: Outcome, after: Outcome) -> Attempt:
    """Judge an arm by the most trusted score that the candidate does not redefine."""
    pair = judge(before.scores, after.scores, candidate.distorts, preferred(candidate))
    if pair is None:
        return Attempt(candidate=candidate, outcome=after)
    return Attempt(candidate=candidate, outcome=after, before=pair[0], after=pair[1])


def preferred(*candidates: Candidate) -> str:
    """Rare classes are judged by the error balanced over classes, whatever the program prints."""
    return "balanced" if any(c.illness.startswith("class-imbalance") for c in candidates) else ""


def described(attempt: Attempt) -> str:
    """``val_acc 0.31 → 0.95``, or why there is nothing to compare."""
    if attempt.outcome.stopped:
        return f"stopped: {attempt.outcome.stopped}"
    if attempt.outcome.status != 0:
        return "the program failed"
    if attempt.after is None:
        return "no score to compare"
    before = "none" if attempt.before is None else f"{attempt.before.value:.4g}"
    return f"{attempt.after.name} {before} → {attempt.after.value:.4g}"
