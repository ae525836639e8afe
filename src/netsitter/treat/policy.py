"""When is a step not to be taken? A judgement on losses alone, in units of the run's own gain and range."""

import math
from collections import deque
from enum import StrEnum
from statistics import median

WINDOW = 64
"""Losses that say what is usual."""
NEEDED = 8
"""Usual losses that must be known before a finite one can be out of place."""
LEAST_GAIN = 0.1
"""A jump smaller than this share of the gain so far is borne: training mends it by itself."""
LOST = 20.0
"""Times the gain and the range that a loss must lie above the usual before even the safe treatment acts.
None of the gallery's healthy trainings, losses of either sign among them, jumps as far."""
PATIENCE = 100
"""Batches in a row out of place after which it is the data that have changed, not the training."""


class Allow(StrEnum):
    """What a live treatment may do without asking."""

    SAFE = "safe"
    """Act on what no healthy run shows: a loss that is not finite, or far beyond any jump of its own."""
    UNSAFE = "unsafe"
    """Also act on a jump above everything seen lately."""


class Judge:
    """Follows the losses of one training. ``judge`` says whether the step from this loss is to be taken."""

    def __init__(self, allow: Allow) -> None:
        self._allow = allow
        self._usual: deque[float] = deque(maxlen=WINDOW)
        self._first = math.nan
        self._best = math.inf
        self._in_a_row = 0

    @property
    def is_waiting(self) -> bool:
        """Whether the last loss was out of place."""
        return self._in_a_row > 0

    @property
    def level(self) -> float:
        """The usual loss; NaN before there is one."""
        return median(self._usual) if self._usual else math.nan

    @property
    def is_at_its_best(self) -> bool:
        """Whether the usual loss is the lowest so far."""
        return len(self._usual) >= NEEDED and self.level <= self._best

    def is_out_of_place(self, loss: float) -> bool:
        """Whether no step should be taken from a batch of this loss."""
        if not math.isfinite(loss):
            return True
        if len(self._usual) < NEEDED:
            return False
        gain = max(self._first - self._best, 0.0)
        top, reach = max(self._usual), max(self._usual) - min(self._usual)
        if self._allow is Allow.SAFE:
            return loss > top + LOST * (gain + reach)
        return loss > top + max(reach, LEAST_GAIN * gain)

    def take(self, loss: float) -> None:
        """The loss is as usual, and a step is taken from it."""
        self._in_a_row = 0
        self._usual.append(loss)
        if len(self._usual) == NEEDED and math.isnan(self._first):
            self._first = self.level
        if len(self._usual) >= NEEDED:
            self._best = min(self._best, self.level)

    def leave(self) -> int:
        """The loss is out of place, and no step is taken from it; returns how many there were in a row."""
        self._in_a_row += 1
        return self._in_a_row

    def has_changed(self, loss: float) -> bool:
        """Whether finite losses have been out of place for so long that they are the new usual."""
        return math.isfinite(loss) and self._in_a_row >= PATIENCE

    def begin_again(self) -> None:
        """What was usual is so no more."""
        self._usual.clear()
        self._in_a_row = 0

    @property
    def is_beyond_help(self) -> bool:
        """Whether so many losses in a row were no numbers that nothing brings them back."""
        return self._in_a_row >= PATIENCE
