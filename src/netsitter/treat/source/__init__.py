"""Mends of a program's source: one file each, found by scanning the folder, each with its own examples.

A file has ``CURES`` (names of the illnesses it may mend), ``KNOB``, ``changes(source, case)`` that yields
every way it knows, likeliest first, and ``EXAMPLES``: ``(illness, before, after)``, which the tests run.
A change is only proposed where the place is certain from the text; whether it helps, a trial tells.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

from netsitter.remedy import Knob

if TYPE_CHECKING:
    from netsitter.treat.source._reading import Edit
    from netsitter.treat.source._training import Training


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is known of the illness: from the diagnosis, and from the run it was found in."""

    illness: str
    where: tuple[str, ...] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)
    remedies: Mapping[str, str] = field(default_factory=dict)
    """What the rule proposes: name → what to do."""
    knobs: Mapping[str, str] = field(default_factory=dict)
    """Name of a remedy → the knob that it turns."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Of the run, as in docs/numbers.md."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One way to change a file."""

    name: str
    """A slug; the same for variants of one idea."""
    text: str
    """What to do, as a person would be told."""
    edits: "tuple[Edit, ...]"
    distorts: tuple[str, ...] = ()
    """Scores that mean something else afterwards: ``loss`` (in the loss's own units), ``error`` (in the
    target's units), ``training-loss`` (the loss that is trained on, not those of a validation)."""
    slower: float = 1.0
    """How many times as long a run may take."""
    corrects: bool = False
    """Whether it sets right what is measured, not what is learnt: a score that was too good falls."""


@dataclass(frozen=True, kw_only=True)
class Mended:
    """A file's new text, and the change that made it."""

    path: str
    before: str
    after: str
    change: Change
    knob: Knob
    illness: str

    @property
    def line(self) -> int:
        """The first line that is changed, from 1."""
        before, after = self.before.split("\n"), self.after.split("\n")
        same = next((i for i, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), 0)
        return same + 1

    @property
    def label(self) -> str:
        """What tells variants apart."""
        return f"{self.change.name}: {self.change.text}"


@cache
def all_mends() -> tuple[ModuleType, ...]:
    """Every mend in this folder, by name."""
    return tuple(
        importlib.import_module(info.name)
        for info in pkgutil.iter_modules(__path__, __name__ + ".")
        if not info.name.rpartition(".")[2].startswith("_")
    )


def mends_for(illness: str) -> list[ModuleType]:
    """Those that may cure an illness; where it stands first in their list come first."""
    able = [mend for mend in all_mends() if illness in mend.CURES]
    return sorted(able, key=lambda mend: mend.CURES.index(illness))


def propose(texts: Mapping[str, str], case: Case) -> Iterator[Mended]:
    """Every change known for a case, to each file in turn; files that cannot be parsed are passed over."""
    sources = {path: source for path, text in texts.items() if (source := read(text)) is not None}
    for mend in mends_for(case.illness):
        for path, source in sources.items():
            for change in _whole(mend.changes, source, case):
                after = source.apply(change.edits) if change.edits else None
                if after is not None and after != texts[path]:
                    yield Mended(
                        path=path,
                        before=texts[path],
                        after=after,
                        change=change,
                        knob=mend.KNOB,
                        illness=case.illness,
                    )


def _whole(changes: Callable[..., Iterator[Change]], source: "Training", case: Case) -> Iterator[Change]:
    """What a mend proposes; one that breaks on a program proposes nothing more, and the others go on."""
    try:
        yield from changes(source, case)
    except Exception:
        return


@cache
def read(text: str) -> "Training | None":
    """The parsed source; None for what libcst cannot parse."""
    import libcst as cst

    from netsitter.treat.source._training import Training

    try:
        return Training(text)
    except (cst.ParserSyntaxError, RecursionError):
        return None
