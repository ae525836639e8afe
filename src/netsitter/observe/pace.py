"""How often to look: dense at the start, then as often as the budget pays for."""

import math
from dataclasses import dataclass

HEAD = 4
"""The first steps are always looked at: initialisation and wiring show there."""
GROWTH = 10
"""While the allowance lasts, the gap between samples is a tenth of the step: about 25 a decade."""
ALLOWANCE = 0.05
"""Seconds that a short run may spend beyond its budget: a run of 300 steps is over before a budget of
one per cent has paid for ten looks. It is a loan: looks are fewer afterwards until it is repaid."""
SPARSE = 4
"""Whatever it costs, the gap is at most a quarter of the step: 10 looks a decade, 60 in a million steps.
Without this a busy machine would spend the allowance on the first steps and never look again."""
LOOKS = 0.5
"""Share of the budget that is spent on purpose; the rest is for cold caches and for verdicts."""
STEP = 2e-5
"""Seconds that a step costs on which nothing is looked at (benchmarks/overhead.py); the budget pays for
these too, as long as half of what is spent on purpose is left for looking."""
RESTARTS = 3
"""Trainings after the first that are looked at from their start; a search has hundreds."""
SMOOTHING = 0.1


@dataclass(kw_only=True, slots=True)
class Pace:
    """Decides which steps are sampled so that watching costs at most ``budget`` of the time."""

    budget: float = 0.01
    every: int | None = None
    step_time: float = 0.0
    """Seconds of a step, the program's own work between two looks, smoothed."""
    debt: float = 0.0
    """Seconds spent that the budget has not paid for yet. What is not spent is not saved either: a
    program that rests for an hour is not looked at without end afterwards."""
    due_at: int = 0
    """Before this step none is due."""
    _base: int = 0
    """The step from which the head and the growing gaps are counted."""
    _restarts: int = 0
    _step: int = 0
    _at: float | None = None
    """When the last look ended, at ``_step``."""

    def is_due(self, step: int) -> bool:
        return step >= self.due_at and (not self.every or step % self.every == 0)

    def charge(self, seconds: float) -> None:
        """The watch has spent this much."""
        self.debt += seconds

    def rest(self, seconds: float) -> None:
        """Time has passed that belongs to no step of the training: it earns nothing."""
        if self._at is not None:
            self._at += seconds

    def restart(self, step: int) -> None:
        """Another training begins: if there are few, its first steps are looked at like the first one's."""
        if not self.every and step > self._base and self._restarts < RESTARTS:
            self._restarts += 1
            self._base = self.due_at = step

    def looked(self, step: int, seconds: float, at: float) -> None:
        """A sample at ``step`` cost this much and ended at that time, in seconds: plan the next one."""
        if self._at is not None and step > self._step:
            steps = step - self._step
            self._pay(steps, max(at - self._at - seconds, 0.0) / steps)
        self._step, self._at = step, at
        self.debt += seconds
        if self.every:
            self.due_at = -(-step // self.every) * self.every
            return
        since = step - self._base
        if since + 1 < HEAD:
            self.due_at = step + 1
            return
        paid = math.ceil(self.debt / self._income) if self.step_time else 1 << 30
        early = max(1, since // GROWTH) if self.debt < ALLOWANCE else 1 << 30
        self.due_at = step + max(1, min(paid, early, max(2, since // SPARSE)))

    def _pay(self, steps: int, step_time: float) -> None:
        old = self.step_time
        # A rest, a validation pass: not what the next steps will take.
        new = min(step_time, 4 * old) if old else step_time
        # Looks that are far apart measure many steps: they count for more.
        weight = max(SMOOTHING, min(1.0, steps / 100))
        self.step_time = new if old == 0.0 else old + weight * (new - old)
        self.debt = max(0.0, self.debt - steps * self._income)

    @property
    def _income(self) -> float:
        """Seconds that a step earns for looking."""
        earned = LOOKS * self.budget * self.step_time
        return max(earned - STEP, earned / 2)
