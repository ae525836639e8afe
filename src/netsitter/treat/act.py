"""What became of one remedy: where it was put in, or why not; and how to take it back."""

import contextlib
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import torch

from netsitter.treat.places import Place
from netsitter.treat.prescription import Dose


class CannotApplyError(Exception):
    """The remedy has no place in this program; the text is one sentence that says why."""


class Act:
    """One remedy in one program. Everything it changes is noted here, and `undo` takes it back."""

    def __init__(self, dose: Dose, seed: int = 0) -> None:
        self.dose = dose
        self.is_applied = False
        self.why_not: str | None = None
        self.where: dict[str, None] = {}
        """Modules and parameters, in the order in which they were reached."""
        self.places: dict[Place, None] = {}
        """Lines of the program."""
        self.settled: dict[str, Any] = {}
        """Settings that were measured rather than given: a clipping norm, a rate."""
        self.generator = torch.Generator().manual_seed(seed)
        """Its own source of chance: the program's is not touched."""
        self._undo = ExitStack()

    def took(self, *where: str, place: Place | None = None) -> None:
        """It was put in, here."""
        self.is_applied, self.why_not = True, None
        self.where |= dict.fromkeys(where)
        if place is not None:
            self.places[place] = None

    def refuse(self, why: str) -> None:
        """It could not be put in; the last reason counts, and none once it was."""
        if not self.is_applied:
            self.why_not = why

    def when_undone(self, take_back: Callable[[], Any]) -> None:
        """Called by `undo`, last one first."""
        self._undo.callback(take_back)

    def undo(self) -> None:
        """Take everything back. Does nothing the second time."""
        self._undo.close()

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """An error of ours ends this remedy, never the program."""
        try:
            yield
        except CannotApplyError as why:
            self.refuse(str(why))
        except Exception as error:
            self.is_applied = False
            self.refuse(f"it broke ({type(error).__name__}: {error}) and was taken back.")
            with contextlib.suppress(Exception):
                self.undo()

    def to_json(self) -> dict[str, Any]:
        return {
            **self.dose.to_json(),
            "applied": self.is_applied,
            "why_not": self.why_not,
            "where": list(self.where),
            "places": [place.to_json() for place in self.places],
            "settled": self.settled,
        }


@contextmanager
def same_chance() -> Iterator[None]:
    """Leaves every random generator of the program as it was, so that its data order stays the same."""
    states = torch.get_rng_state(), np.random.get_state(), random.getstate()
    try:
        yield
    finally:
        torch.set_rng_state(states[0])
        np.random.set_state(states[1])
        random.setstate(states[2])
