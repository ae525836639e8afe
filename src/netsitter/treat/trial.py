"""A fair trial: arms of one seed and data order, with and without a remedy, and what that is worth.

An arm is stopped early when it is lost: its loss is no number any more, it has risen far above where the
untreated run began, or it takes far longer than the remedy explains. What is left is judged by a score
that the remedy does not redefine (`score.py`).
"""

import math
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from netsitter.run import Run
from netsitter.treat.arm import Arm, Job, Outcome
from netsitter.treat.score import Score
from netsitter.treat.warden import Warden

CONFIDENCE = 0.9
"""Of the two-sided interval: a gain above it is one with 95 % confidence."""
T_QUANTILE = {1: 6.314, 2: 2.920, 3: 2.353, 4: 2.132, 5: 2.015, 6: 1.943, 7: 1.895}
"""95 % quantile of Student's t by degrees of freedom (any table; Student, 1908)."""
NORMAL_QUANTILE = 1.645
FIRST_LOOK = 2.0
"""Seconds before an arm is looked at; most are over by then."""
MIN_SHARE = 0.3
"""Share of the untreated run's steps after which a candidate may be called hopeless."""
RISE = 3.0
"""A loss that has risen by this many times what the untreated run ever spanned is lost."""
SLACK = (4.0, 20.0)
"""An arm may take so many times as long as the untreated one, and so many seconds more."""
NAP = 0.02


@dataclass(frozen=True, kw_only=True)
class Gain:
    """What a remedy is worth, over paired seeds, on the level scale of `Score`."""

    score: str
    kind: str
    before: tuple[float, ...]
    """The score of the untreated arm, one a seed; NaN where it had none."""
    after: tuple[float, ...]
    mean: float
    low: float
    high: float
    failed_before: int = 0
    """Seeds on which the untreated arm gave no number and the treated one did."""
    failed_after: int = 0
    corrected: bool | None = None
    """Whether what was wrong with the measurement is gone on every seed; None if nothing was."""
    is_all: bool = False
    """Whether the measurement is all that was set right: the score may well fall."""

    @property
    def is_proven(self) -> bool:
        """Better on every seed, and by more than chance; a measurement is right, or it is not."""
        if self.failed_after or not self.after or self.corrected is False:
            return False
        if self.is_all:
            return True
        if self.failed_before == len(self.after):
            return True
        return self.low > 0

    def to_json(self) -> dict[str, object]:
        return {
            "score": self.score,
            "before": list(self.before),
            "after": list(self.after),
            "gain": self.mean,
            "low": self.low,
            "high": self.high,
            "scale": "difference" if self.kind == "score" else "natural logarithm of the ratio",
            "proven": self.is_proven,
            "corrected": self.corrected,
        }


def gain(pairs: Sequence[tuple[Score | None, Score | None]]) -> Gain:
    """The gain over ``(untreated, treated)`` pairs, one a seed, with its interval.

    Student's t over the paired differences; the score's own standard error, from the rows behind it,
    is added, so that one pair has an interval too.
    """
    known = [(b, a) for b, a in pairs if a is not None and math.isfinite(a.level)]
    both = [(b, a) for b, a in known if b is not None and math.isfinite(b.level)]
    differences = [a.level - b.level for b, a in both]
    mean = float(np.mean(differences)) if differences else math.nan
    low = high = math.nan
    if differences:
        count = len(differences)
        noise = float(np.mean([b.noise**2 + a.noise**2 for b, a in both])) / count
        spread = float(np.var(differences, ddof=1)) / count if count > 1 else 0.0
        quantile = T_QUANTILE.get(count - 1, NORMAL_QUANTILE) if spread > noise else NORMAL_QUANTILE
        half = quantile * math.sqrt(spread + noise)
        low, high = mean - half, mean + half
    some = next((a for _, a in known), None)
    return Gain(
        score=some.name if some else "",
        kind=some.kind if some else "score",
        before=tuple(b.value if b is not None else math.nan for b, _ in pairs),
        after=tuple(a.value if a is not None else math.nan for _, a in pairs),
        mean=mean,
        low=low,
        high=high,
        failed_before=len(known) - len(both),
        failed_after=len(pairs) - len(known),
    )


@dataclass(kw_only=True)
class Bench:
    """Where arms are run, a few at a time, until the budget is spent."""

    folder: Path
    at_a_time: int = 2
    deadline: float = math.inf
    """By ``time.perf_counter``."""
    max_trials: int = 10_000
    used: int = field(default=0, init=False)
    spent: float = field(default=0.0, init=False)
    """Seconds of all arms together."""

    @property
    def is_spent(self) -> bool:
        return self.used >= self.max_trials or time.perf_counter() >= self.deadline

    def run(
        self,
        jobs: Sequence[Job],
        *,
        against: Outcome | None = None,
        slower: Sequence[float] = (),
        same_loss: Sequence[bool] = (),
        done: Callable[[int, Outcome], bool] = lambda index, outcome: False,
    ) -> list[Outcome | None]:
        """Run every job; outcomes in their order, None for those that the budget did not reach.

        ``done`` is told of each outcome; where it returns True no more are started.
        """
        outcomes: list[Outcome | None] = [None] * len(jobs)
        waiting, running = list(range(len(jobs))), dict[int, _Watched]()
        with Warden() as warden:
            try:
                while waiting or running:
                    while (
                        waiting and len(running) < self.at_a_time and (against is None or not self.is_spent)
                    ):
                        index = waiting.pop(0)
                        self.used += 1
                        running[index] = _Watched(
                            arm=Arm(jobs[index], self.folder / f"{self.used:03d}", warden, self.at_a_time),
                            limit=_limit(against, slower[index] if slower else 1.0),
                            reference=against.run
                            if against and (not same_loss or same_loss[index])
                            else None,
                        )
                    if not running:
                        break
                    for index, watched in list(running.items()):
                        outcome = watched.poll()
                        if outcome is not None:
                            del running[index]
                            outcomes[index] = outcome
                            self.spent += outcome.seconds
                            if done(index, outcome):
                                waiting.clear()
                    time.sleep(NAP)
            finally:
                for watched in running.values():
                    watched.arm.stop("interrupted")
        return outcomes


def _limit(against: Outcome | None, slower: float) -> float:
    """Seconds that an arm may take; the untreated one all that it needs."""
    return against.seconds * SLACK[0] * slower + SLACK[1] if against else math.inf


@contextmanager
def bench(*, at_a_time: int, budget: float, max_trials: int) -> Iterator[Bench]:
    """A bench in a folder of its own, gone at the end."""
    with tempfile.TemporaryDirectory(prefix="netsitter-fix-") as folder:
        yield Bench(
            folder=Path(folder),
            at_a_time=at_a_time,
            deadline=time.perf_counter() + budget,
            max_trials=max_trials,
        )


@dataclass(kw_only=True)
class _Watched:
    """A running arm, looked at now and then."""

    arm: Arm
    limit: float
    reference: Run | None
    look_at: float = FIRST_LOOK

    def poll(self) -> Outcome | None:
        outcome = self.arm.poll()
        if outcome is not None:
            return outcome
        seconds = self.arm.seconds
        if seconds > self.limit:
            return self.arm.stop(f"took more than {self.limit:.0f} s")
        if seconds > self.look_at:
            self.look_at = 1.5 * seconds
            why = hopeless(self.arm.run_so_far(), self.reference) if self.limit < math.inf else ""
            if why:
                return self.arm.stop(why)
        return None


def hopeless(run: Run | None, reference: Run | None) -> str:
    """Why a run need not go on; empty if it may still turn out well.

    Without a ``reference`` of the same loss only a loss that is no number counts.
    """
    if run is None or len(run["loss"]) < 20:
        return ""
    recent = run["loss"].tail(max(5, len(run["loss"]) // 10))
    if not np.isfinite(recent).any():
        return "its loss is no number any more"
    if reference is None or run.last_step < MIN_SHARE * reference.last_step:
        return ""
    known = reference["loss"].finite
    if len(known) and float(np.nanmedian(recent)) > known.max() + RISE * (known.max() - known.min()):
        return "its loss has risen far above the untreated run's"
    return ""
