"""Successive halving: who of many trainings goes on when a part of the epochs is done."""

import math

import msgspec


class Halving(msgspec.Struct, frozen=True, kw_only=True):
    """Successive halving (Jamieson & Talwalkar 2016) among trainings that run together.

    When each of the shares ``at`` of the planned epochs is reached, the best ``keep`` of those still in
    training go on; the others end there, with their best weights so far, and count as they are.
    """

    at: tuple[float, ...] = (0.25, 0.5)
    keep: float = 0.5
    least: int = 2
    """Never fewer than this go on: a population of one or two costs hardly less than one of four."""


class Rungs:
    """The scores with which trainings have reached each share; lower is better.

    Trainings of unequal length, or in populations of their own, reach it one after another: each is
    measured against those that were there before it, and with it (Li et al. 2020, ASHA).
    """

    def __init__(self, halving: Halving) -> None:
        self.halving = halving
        self.reached: dict[float, list[float]] = {share: [] for share in halving.at}

    def leaving(self, epoch: int, planned: dict[int, int], scores: dict[int, float]) -> dict[int, str]:
        """Which members end after ``epoch`` (counted from 0), and why in words.

        ``planned`` epochs and best ``scores`` are by member, for those still in training.
        """
        reasons: dict[int, str] = {}
        for share in self.halving.at:
            due = [m for m in planned if m not in reasons and epoch + 1 == _epochs(share, planned[m])]
            self.reached[share] += [scores[m] for m in due]
            ranked = sorted(self.reached[share])
            places = max(math.ceil(self.halving.keep * len(ranked)), self.halving.least)
            for member in due:
                place = ranked.index(scores[member]) + 1
                if place > places:
                    reasons[member] = (
                        f"place {place} of {len(ranked)} after {epoch + 1} of {planned[member]} epochs; "
                        f"the best {places} went on"
                    )
        return reasons


def _epochs(share: float, planned: int) -> int:
    return max(round(share * planned), 1)
