"""A finding: one illness, where, since when, how we know, and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from netsitter.remedy import Remedy


class Severity(StrEnum):
    """How bad an illness is, worst first."""

    FATAL = "fatal"
    """The run cannot end well."""
    SICK = "sick"
    """The result suffers."""
    ODD = "odd"
    """Worth a look; we are not sure that it hurts."""

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


class Depth(StrEnum):
    """How near to the root cause a rule looks. Causes outrank the symptoms they produce."""

    MECHANISM = "mechanism"
    """A provable fault of the program: a missing call, a wrong shape, an extra softmax."""
    SETTING = "setting"
    """A wrong choice in the data or the hyperparameters."""
    DYNAMICS = "dynamics"
    """Something seen inside the network while it trains."""
    OUTCOME = "outcome"
    """A symptom that many causes share: a plateau, a gap, a poor score."""

    @property
    def rank(self) -> int:
        return list(Depth).index(self)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One illness. Twelve sick layers are one finding with twelve entries in ``where``."""

    code: str
    name: str
    severity: Severity
    depth: Depth
    message: str
    where: tuple[str, ...] = ()
    """Layers or columns, worst first."""
    since: int | None = None
    """The step at which it began; None for what is true of the whole run."""
    evidence: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """The numbers behind it, the threshold among them. JSON values."""
    remedies: tuple[Remedy, ...] = ()
    explained_by: str | None = None
    """The name of the finding that this one is a symptom of."""

    @property
    def order(self) -> tuple[bool, int, int, int, str]:
        """Sort key: what to act on first comes first."""
        sure = self.severity is not Severity.ODD
        since = -1 if self.since is None else self.since
        return (self.explained_by is not None, 0 if sure else 1, self.depth.rank, since, self.code)

    def to_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "name": self.name,
            "severity": str(self.severity),
            "where": list(self.where),
            "since": self.since,
            "message": self.message,
            "evidence": dict(self.evidence),
            "remedies": [remedy.to_json() for remedy in self.remedies],
            "explained_by": self.explained_by,
        }
