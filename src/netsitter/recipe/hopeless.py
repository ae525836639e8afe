"""Which training cannot come to anything any more, told from its losses while it runs."""

import math
from collections.abc import Sequence

import numpy as np

from netsitter.recipe.members import Member
from netsitter.recipe.population_part import Outcome

EPOCHS = 3
"""In a row: one bad epoch is a spike."""
SURE = 3.0
"""Standard errors of an epoch's mean loss."""


def why_hopeless(outcomes: Sequence[Outcome], member: Member) -> str | None:
    """Why a member should be let go, in words; None while there is hope.

    ``outcomes`` are its epochs so far. It is *diverging* when for some epochs its training loss has been
    above that of the best constant answer by more than its own noise and is not falling, and has
    *collapsed* when for as long it has given every row the same answer.
    """
    if len(outcomes) <= EPOCHS:
        return None
    last = outcomes[-EPOCHS:]
    if all(outcome.is_constant for outcome in last):
        return f"collapsed: for {EPOCHS} epochs every validation row has got the same answer"
    means = [float(np.mean(outcome.losses)) for outcome in outcomes[-EPOCHS - 1 :]]
    if means[-1] < means[0]:
        return None
    errors = [float(np.std(outcome.losses)) / math.sqrt(len(outcome.losses)) for outcome in last]
    if all(m - SURE * e > member.constant_loss for m, e in zip(means[1:], errors, strict=True)):
        return (
            f"diverging: for {EPOCHS} epochs the training loss has been above a constant answer's "
            f"{member.constant_loss:.4g} without falling; it is {means[-1]:.4g}"
        )
    return None
