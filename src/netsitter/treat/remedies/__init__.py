"""One file per remedy. Dropping a file in is the only edit that a new remedy needs.

A remedy is a module: its docstring is its manual (`HEADINGS`), its file name is its name, and
``apply(patient, act, **settings)`` puts it in; ``amend(candidate, **settings)``, where it has a counterpart
in a configuration, says what to change there. What ``apply`` changes it takes back through ``act``; what
cannot be changed here raises CannotApplyError with one sentence that says why.
"""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

HEADINGS = ("What it does", "When it helps", "When it hurts", "How it is undone", "References")
"""Every remedy's docstring has these headings, in this order."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A remedy of the folder."""

    name: str
    module: ModuleType

    @property
    def settings(self) -> dict[str, Any]:
        """What ``apply`` can be told, with the defaults."""
        given = list(inspect.signature(self.module.apply).parameters.values())[2:]
        return {parameter.name: parameter.default for parameter in given}

    def amend(self, candidate: Any, settings: Mapping[str, Any]) -> dict[str, Any]:
        """What the remedy changes in a configuration, ``{"fit.lr": 1e-4}``; nothing if it has no place there.

        ``candidate`` has ``net`` and ``fit``, as the recipe's have. Values that would stay as they are are
        left out.
        """
        if not hasattr(self.module, "amend"):
            return {}
        known = list(inspect.signature(self.module.amend).parameters)[1:]
        given = {name: value for name, value in settings.items() if name in known}
        changes: dict[str, Any] = self.module.amend(candidate, **given)
        return {key: value for key, value in changes.items() if _read(candidate, key) != value}

    def manual(self) -> str:
        """The whole docstring."""
        return inspect.getdoc(self.module) or ""

    def sections(self) -> dict[str, str]:
        """The manual's paragraphs by heading."""
        parts = re.split(r"^## (.+)$", self.manual(), flags=re.MULTILINE)
        return {title.strip(): body.strip() for title, body in zip(parts[1::2], parts[2::2], strict=True)}


def _read(candidate: Any, key: str) -> Any:
    section, _, name = key.partition(".")
    return getattr(getattr(candidate, section), name)


@cache
def all_remedies() -> dict[str, Entry]:
    """Every remedy in this folder, by name."""
    found = {}
    for info in pkgutil.iter_modules(__path__, __name__ + "."):
        stem = info.name.rpartition(".")[2]
        if not stem.startswith("_"):
            name = stem.replace("_", "-")
            found[name] = Entry(name=name, module=importlib.import_module(info.name))
    return found
