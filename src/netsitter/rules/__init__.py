"""One file per illness. Dropping a file in is the only edit that a new rule needs."""

import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache

from netsitter.errors import UsageError, did_you_mean
from netsitter.rule import Rule


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule in this folder, by code, with its default thresholds."""
    rules: list[Rule] = []
    for module_info in pkgutil.iter_modules(__path__, __name__ + "."):
        if module_info.name.rpartition(".")[2].startswith("_"):
            continue
        module = importlib.import_module(module_info.name)
        rules += [
            member()
            for member in vars(module).values()
            if isinstance(member, type) and issubclass(member, Rule) and member.__module__ == module.__name__
        ]
    return tuple(sorted(rules, key=lambda rule: (rule.code[0], int(rule.code[1:]))))


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
