"""A rule: one illness, one file, which carries its own manual, thresholds and examples."""

import inspect
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Remedy
from netsitter.run import Run

HEADINGS = ("What it does", "Why is this bad?", "What to do", "When it is wrong", "References")
"""Every rule's docstring has these headings, in this order."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A tiny run with what the rule must say about it."""

    why: str
    run: Run
    is_sick: bool


def sick(why: str, run: Run) -> Case:
    """A run on which the rule must fire."""
    return Case(why=why, run=run, is_sick=True)


def well(why: str, run: Run) -> Case:
    """A run on which the rule must be silent."""
    return Case(why=why, run=run, is_sick=False)


@dataclass(frozen=True, kw_only=True)
class Rule(ABC):
    """One illness. Fields of a subclass are its thresholds; its file name is its name.

    ``check`` is pure: it reads the run's numbers and facts and yields findings, no tensors, no
    input or output, no state. An error in it is recorded as `broken`, never raised to the user.
    """

    code: ClassVar[str]
    """Family letter and number; given once, never changed."""
    severity: ClassVar[Severity] = Severity.SICK
    depth: ClassVar[Depth] = Depth.DYNAMICS
    needs: ClassVar[tuple[str, ...]] = ()
    """Series that must be present (``loss``, ``grad_norm/*``); ``@name`` asks for a fact and
    ``a|b`` for either. What is missing puts the rule under *unchecked*."""
    explains: ClassVar[tuple[str, ...]] = ()
    """Names of the illnesses that this one causes; they are folded under it."""

    @abstractmethod
    def check(self, run: Run) -> Iterator[Finding]:
        """Yield what is wrong with the run."""

    @staticmethod
    @abstractmethod
    def cases() -> Iterator[Case]:
        """Tiny runs that the rule must and must not fire on."""

    @property
    def name(self) -> str:
        return type(self).__module__.rpartition(".")[2].replace("_", "-")

    @property
    def summary(self) -> str:
        """The docstring's first line."""
        return self.manual().partition("\n")[0]

    def manual(self) -> str:
        """The whole docstring, dedented."""
        return inspect.getdoc(type(self)) or ""

    def sections(self) -> dict[str, str]:
        """The manual's paragraphs by heading."""
        parts = re.split(r"^## (.+)$", self.manual(), flags=re.MULTILINE)
        return {title.strip(): body.strip() for title, body in zip(parts[1::2], parts[2::2], strict=True)}

    def missing(self, run: Run) -> list[str]:
        """The needs that the run does not meet."""
        return [need for need in self.needs if not any(_has(run, name) for name in need.split("|"))]

    def finding(
        self,
        message: str,
        *,
        where: tuple[str, ...] | list[str] = (),
        since: int | None = None,
        evidence: Mapping[str, Any] | None = None,
        remedies: tuple[Remedy, ...] = (),
        severity: Severity | None = None,
    ) -> Finding:
        """A finding of this rule; ``severity`` only where it differs from the rule's own."""
        return Finding(
            code=self.code,
            name=self.name,
            severity=severity or self.severity,
            depth=self.depth,
            message=message,
            where=tuple(where),
            since=since,
            evidence=dict(evidence or {}),
            remedies=remedies,
        )


def _has(run: Run, need: str) -> bool:
    return need[1:] in run.facts if need.startswith("@") else need in run
