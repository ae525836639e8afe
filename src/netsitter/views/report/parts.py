"""Reading facts of a run that may have any form, or be absent."""

from collections.abc import Mapping
from typing import Any

from netsitter.run import Run

LOWER_IS_BETTER = ("rmse", "mae", "mse", "loss", "error")


def primary_metric(run: Run) -> str:
    """The primary metric's name, or that of the first validation metric."""
    named = run.facts.get("metric")
    if isinstance(named, Mapping) and "name" in named:
        return str(named["name"])
    return next(iter(run.match("val/metric/*")), "")


def better(run: Run, metric: str) -> str:
    """Whether lower or higher is better. The primary metric says so; the others are known by name."""
    named = run.facts.get("metric")
    if isinstance(named, Mapping) and named.get("name") == metric:
        return str(named.get("better", "lower"))
    return "lower" if any(word in metric for word in LOWER_IS_BETTER) else "higher"


def score(value: Any) -> dict[str, Any]:
    """A score with its interval, whether or not it was given with one."""
    given = value if isinstance(value, Mapping) else {"value": value}
    return {key: given.get(key) for key in ("value", "low", "high")}


def only(fact: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The named entries, None where there is none: the page may then ask for each."""
    return {name: fact.get(name) for name in names}


def present(**parts: Any) -> dict[str, Any]:
    """Only the parts that say something."""
    return {name: part for name, part in parts.items() if part}
