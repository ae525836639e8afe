"""Which training cannot come to anything any more, told from its losses while it runs."""

from collections.abc import Sequence

from netsitter.recipe.members import Member
from netsitter.recipe.population_part import Outcome

EPOCHS = 3
"""In a row: one bad epoch is a spike."""


def why_hopeless(outcomes: Sequence[Outcome], member: Member) -> str | None:
    """Why a member should be let go, in words; None while there is hope.

    ``outcomes`` are its epochs so far. It is *diverging* when for some epochs its losses, in training and
    on the validation rows, have been above that of the best constant answer without a new low, and has
    *collapsed* when for as long it has given every row the same answer.
    """
    before, last = outcomes[:-EPOCHS], outcomes[-EPOCHS:]
    if not before:
        return None
    if all(outcome.is_constant for outcome in last):
        return f"collapsed: for {EPOCHS} epochs every validation row has got the same answer"
    if min(outcome.loss for outcome in last) < min(outcome.loss for outcome in before):
        return None
    if all(min(outcome.loss, outcome.validation_loss) > member.constant_loss for outcome in last):
        return (
            f"diverging: for {EPOCHS} epochs the losses have been above a constant answer's "
            f"{member.constant_loss:.4g} without a new low; the training loss is {last[-1].loss:.4g}"
        )
    return None
