"""A prescription: the remedies to try together, as plain JSON.

``[{"name": "lower-rate", "settings": {"factor": 0.1}}, …]``; ``settings`` may be left out.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from netsitter.errors import UsageError, did_you_mean
from netsitter.treat.remedies import all_remedies


@dataclass(frozen=True, kw_only=True)
class Dose:
    """One remedy of a prescription, and how much of it."""

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "settings": dict(self.settings)}


def read(path: Path) -> tuple[Dose, ...]:
    """The prescription in a file. Raises UsageError for one that is none, or names no remedy."""
    try:
        return parse(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} is not a prescription: {error}.") from error


def parse(document: Any) -> tuple[Dose, ...]:
    """A prescription from its JSON. Raises UsageError as `read` does."""
    if not isinstance(document, list) or not all(isinstance(entry, dict) for entry in document):
        raise UsageError('A prescription is a list like [{"name": "lower-rate", "settings": {}}].')
    return tuple(_dose(entry) for entry in document)


def _dose(entry: Mapping[str, Any]) -> Dose:
    name, settings = entry.get("name"), entry.get("settings") or {}
    known = all_remedies()
    if name not in known:
        raise UsageError(f"There is no remedy {name!r}.{did_you_mean(str(name), known)}")
    if not isinstance(settings, dict):
        raise UsageError(f"The settings of {name!r} are not an object like {{}}.")
    return Dose(name=str(name), settings=settings)
