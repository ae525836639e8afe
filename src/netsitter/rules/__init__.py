"""One file per illness. Dropping a file in is the only edit that a new rule needs."""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from types import ModuleType

from netsitter.errors import UsageError, did_you_mean
from netsitter.finding import Finding
from netsitter.rule import Case, Rule
from netsitter.run import Run


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule in this folder, by code, with its default thresholds."""
    rules: list[Rule] = []
    for module_info in pkgutil.iter_modules(__path__, __name__ + "."):
        if module_info.name.rpartition(".")[2].startswith("_"):
            continue
        try:
            rules += _rules_in(importlib.import_module(module_info.name))
        except Exception as error:
            # A file that cannot be loaded costs its own verdict, never the training that is watched.
            rules.append(Unloadable(module=module_info.name, error=error))
    return tuple(sorted(rules, key=lambda rule: (rule.code[0], int(rule.code[1:]))))


def _rules_in(module: ModuleType) -> list[Rule]:
    return [
        member()
        for member in vars(module).values()
        if isinstance(member, type) and issubclass(member, Rule) and member.__module__ == module.__name__
    ]


@dataclass(frozen=True, kw_only=True)
class Unloadable(Rule):
    """A rule whose file could not be loaded: it stands in for it, and is listed under `broken`."""

    code = "Z999"
    module: str
    error: Exception

    @property
    def name(self) -> str:
        return self.module.rpartition(".")[2].replace("_", "-")

    def check(self, run: Run) -> Iterator[Finding]:
        raise self.error

    @staticmethod
    def cases() -> Iterator[Case]:
        yield from ()


def find_rule(name: str) -> Rule | None:
    """The rule of that name or code."""
    return next((rule for rule in all_rules() if name in (rule.name, rule.code)), None)


def choose(select: Iterable[str] | None = None, ignore: Iterable[str] | None = None) -> tuple[Rule, ...]:
    """Rules by name, code or family letter; raises UsageError for a word that names none."""
    rules = all_rules()
    wanted, unwanted = _words(select), _words(ignore)
    for word in [*wanted, *unwanted]:
        if not any(_is_named(rule, word) for rule in rules):
            raise UsageError(f"There is no rule {word!r}.{did_you_mean(word, [r.name for r in rules])}")
    return tuple(
        rule
        for rule in rules
        if (not wanted or any(_is_named(rule, word) for word in wanted))
        and not any(_is_named(rule, word) for word in unwanted)
    )


def _words(words: Iterable[str] | None) -> list[str]:
    return [words] if isinstance(words, str) else list(words or ())


def _is_named(rule: Rule, word: str) -> bool:
    return word in (rule.name, rule.code, rule.code[0])
