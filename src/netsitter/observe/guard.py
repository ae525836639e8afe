"""Errors of ours are noted, and the training goes on."""

import functools
from collections import Counter
from collections.abc import Callable, Container
from typing import Any

from netsitter.observe.listener import Call, StepTaker

FORGIVEN = 50
"""Errors of ours in one place after which the watch is given up."""


class Guarded:
    """Something that keeps book of its own errors."""

    is_looking = True
    """Whether it hears every step in full (netsitter.observe.seams)."""
    stride: StepTaker | None = None
    familiar: Container[int] = ()
    latest: Call | None = None

    def __init__(self) -> None:
        self.errors: Counter[str] = Counter()
        self.broken: dict[str, str] = {}
        """The first error of each place."""
        self.is_off = False

    def excuse(self, place: str, error: Exception) -> None:
        """Note an error of ours; a place that keeps failing ends the watch."""
        self.errors[place] += 1
        self.broken.setdefault(place, describe(error))
        if self.errors[place] > FORGIVEN:
            self.is_off = True
            self.give_up()

    def give_up(self) -> None:
        """Stop listening."""


def describe(error: BaseException) -> str:
    """Type and message; a message that cannot be made is left out."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:
        return type(error).__name__


def guarded(method: Callable[..., None]) -> Callable[..., None]:
    """Errors of ours never reach the program."""
    place = method.__name__

    def call(self: Guarded, *args: Any) -> None:
        if self.is_off:
            return
        try:
            method(self, *args)
        except Exception as error:
            self.excuse(place, error)

    return functools.wraps(method)(call)
