"""What the data rules share: the described columns of the fact ``data``, and tiny tables to show."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from netsitter.run import Run

Fact = dict[str, Any]


def details(run: Run) -> Fact:
    """The fact ``data``; empty where there is none."""
    data = run.facts.get("data")
    return data if isinstance(data, dict) else {}


def columns(run: Run, *kinds: str) -> list[Fact]:
    """The described columns of these kinds, of all if none is named."""
    return [c for c in details(run).get("columns", ()) if not kinds or c["kind"] in kinds]


def train_rows(run: Run) -> float:
    return run["data/train_rows"].last


def few(names: Iterable[str], most: int = 4) -> str:
    """Names for a sentence: ``'a', 'b' and 3 more``."""
    names = list(names)
    shown = ", ".join(repr(name) for name in names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")


def rows(numbers: Sequence[int]) -> str:
    """Rows for a sentence: ``rows 3, 8, 21``."""
    return ("row " if len(numbers) == 1 else "rows ") + ", ".join(map(str, numbers[:5]))


def table(*described: Fact, numbers: Mapping[str, float] | None = None, **facts: Any) -> Run:
    """A run with a table of 1,000 training rows and these columns."""
    run = Run({"data": {"columns": list(described), **facts}})
    run.append(
        0, {"data/rows": 1500, "data/train_rows": 1000, "data/columns": len(described), **(numbers or {})}
    )
    return run
