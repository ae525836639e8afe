"""Learning-rate schedules: a factor on the peak rate as a pure function of progress.

``factor(name, step, total)`` is all there is; no state, so a resumed run needs none. Each schedule
is a function of time t in [0, 1], the share of all steps that is done.
"""

import math
from collections.abc import Callable

from netsitter.errors import UsageError, did_you_mean


def constant(t: float) -> float:
    return 1.0


def linear(t: float) -> float:
    """From 1 to 0 in a straight line."""
    return 1 - t


def cosine(t: float) -> float:
    """From 1 to 0 along half a cosine (Loshchilov & Hutter 2017, without restarts)."""
    return 0.5 * (1 + math.cos(math.pi * t))


def step(t: float) -> float:
    """A tenth after half of the time, a hundredth after three quarters (He et al. 2016)."""
    return 1.0 if t < 0.5 else 0.1 if t < 0.75 else 0.01


def one_cycle(t: float) -> float:
    """Up from 1/25 to 1 over the first 30 %, then down to 1/250,000, along cosines (Smith 2018).

    The numbers are those of ``torch.optim.lr_scheduler.OneCycleLR``.
    """
    low, peak, end, rise = 1 / 25, 1.0, 1 / 250_000, 0.3
    if t < rise:
        return peak + (low - peak) * cosine(t / rise)
    return end + (peak - end) * cosine((t - rise) / (1 - rise))


def coslog4(t: float) -> float:
    """Four cosine cycles from 0 to 1 and back, each twice as long as the one before.

    ``½(1 − cos(2π log₂(1 + 15t)))`` (Holzmüller et al. 2024, RealMLP).
    """
    return 0.5 * (1 - math.cos(2 * math.pi * math.log2(1 + 15 * t)))


def flat_then_anneal(t: float) -> float:
    """1 for half of the time, then half a cosine to 0 (fastai's ``fit_flat_cos``)."""
    return 1.0 if t < 0.5 else cosine(2 * t - 1)


SCHEDULES: dict[str, Callable[[float], float]] = {
    "constant": constant,
    "linear": linear,
    "cosine": cosine,
    "step": step,
    "one-cycle": one_cycle,
    "coslog4": coslog4,
    "flat-then-anneal": flat_then_anneal,
}


def factor(name: str, step: int, total: int, *, warmup: float = 0.0) -> float:
    """What to multiply the peak rate by at ``step`` of ``total`` (counted from 0).

    ``warmup`` is the share of the steps over which the rate also rises in a straight line. Time is
    taken in the middle of a step, so that neither the first nor the last has a rate of 0. Raises
    UsageError if there is no schedule of that name.
    """
    if name not in SCHEDULES:
        raise UsageError(f"there is no schedule {name!r}.{did_you_mean(name, SCHEDULES)}")
    t = min((step + 0.5) / max(total, 1), 1.0)
    rise = min(t / warmup, 1.0) if warmup > 0 else 1.0
    return rise * SCHEDULES[name](t)
