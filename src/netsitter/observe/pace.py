"""How often to look: dense at the start, then as often as the budget pays for."""

import math
from dataclasses import dataclass

HEAD = 4
"""The first steps are always looked at: initialisation and wiring show there."""
GROWTH = 10
"""While the allowance lasts, the gap between samples is a tenth of the step: about 25 a decade."""
ALLOWANCE = 0.3
"""Seconds that a short run may spend beyond its budget, once: a run of 300 steps is over before a
budget of one per cent has paid for ten looks."""
SPARSE = 4
"""Whatever it costs, the gap is at most a quarter of the step: 10 looks a decade, 60 in a million steps.
Without this a busy machine would spend the allowance on the first steps and never look again."""
SMOOTHING = 0.1


@dataclass(kw_only=True)
class Pace:
    """Decides which steps are sampled so that looking costs at most ``budget`` of the step time."""

    budget: float = 0.01
    every: int | None = None
    step_time: float = 0.0
    """Seconds of a step that was not sampled, smoothed."""
    look_cost: float = 0.0
    """Seconds that one sample costs, smoothed."""
    spent: float = 0.0
    """Seconds spent on samples in all."""
    due_at: int = 0

    def is_due(self, step: int) -> bool:
        return step % self.every == 0 if self.every else step >= self.due_at

    def stepped(self, seconds: float) -> None:
        """A step without a sample took this long."""
        self.step_time = _smooth(self.step_time, seconds)

    def looked(self, step: int, seconds: float) -> None:
        """A sample at ``step`` cost this much: plan the next one."""
        self.spent += seconds
        self.look_cost = _smooth(self.look_cost, seconds)
        if step + 1 < HEAD:
            self.due_at = step + 1
            return
        paid = math.ceil(self.look_cost / (self.budget * self.step_time)) if self.step_time else 1 << 30
        early = max(1, step // GROWTH) if self.spent < ALLOWANCE else 1 << 30
        self.due_at = step + max(1, min(paid, early, max(2, step // SPARSE)))


def _smooth(old: float, new: float) -> float:
    return new if old == 0.0 else old + SMOOTHING * (new - old)
