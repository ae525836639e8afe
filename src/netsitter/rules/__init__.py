"""One file per illness. Dropping a file in is the only edit that a new rule needs."""

import importlib
import pkgutil
from functools import cache

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
