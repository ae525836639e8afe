"""Errors of ours are noted, and the training goes on."""

import functools
from collections import Counter
from collections.abc import Callable
from typing import Any

FORGIVEN = 50
"""Errors of ours in one place after which the watch is given up."""


class Guarded:
    """Something whose guarded methods never raise."""

    def __init__(self) -> None:
        self.errors: Counter[str] = Counter()
        self.broken: dict[str, str] = {}
        """The first error of each place."""
        self.is_off = False

    def excuse(self, place: str, error: Exception) -> None:
        """Note an error of ours; a place that keeps failing ends the watch."""
        self.errors[place] += 1
        self.broken.setdefault(place, f"{type(error).__name__}: {error}")
        self.is_off |= self.errors[place] > FORGIVEN


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


def guarded_often(method: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """The same for what is heard of one thing on every step; cheaper for not packing arguments."""
    place = method.__name__

    def call(self: Guarded, heard: Any) -> None:
        if self.is_off:
            return
        try:
            method(self, heard)
        except Exception as error:
            self.excuse(place, error)

    return functools.wraps(method)(call)
