"""Errors of ours are noted, and the training goes on."""

from collections import Counter

FORGIVEN = 50
"""Errors of ours in one place after which the watch is given up."""


class Guarded:
    """Something that keeps book of its own errors."""

    def __init__(self) -> None:
        self.errors: Counter[str] = Counter()
        self.broken: dict[str, str] = {}
        """The first error of each place."""

    def excuse(self, place: str, error: Exception) -> None:
        """Note an error of ours; a place that keeps failing ends the watch."""
        self.errors[place] += 1
        self.broken.setdefault(place, describe(error))
        if self.errors[place] > FORGIVEN:
            self.give_up()

    def give_up(self) -> None:
        """Stop listening."""


def describe(error: BaseException) -> str:
    """Type and message; a message that cannot be made is left out."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:
        return type(error).__name__
