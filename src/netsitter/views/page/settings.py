"""A run's facts as a flat list of settings, short enough to be read and compared."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

LONG = 12
"""As many numbers or words of a list are shown."""
TEXT = 400
"""As many characters of a text."""
MOST = 200


def settings_of(facts: Mapping[str, Any]) -> dict[str, str | float | bool | None]:
    """``{"optimizers.0.lr": 0.01, …}``, in the order of the facts; what has many parts is counted."""
    return dict(islice(_flat("", facts), MOST))


def _flat(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    prefix = f"{name}." if name else ""
    if isinstance(value, Mapping):
        # A mapping of mappings is one entry a layer, a column, a stage: no setting.
        if name and value and all(isinstance(inner, Mapping) for inner in value.values()):
            yield name, f"{len(value)} entries"
            return
        for key, inner in value.items():
            yield from _flat(prefix + str(key), inner)
    elif isinstance(value, list):
        if any(isinstance(inner, Mapping | list) for inner in value):
            if len(value) > 4:
                yield name, f"{len(value)} entries"
                return
            for number, inner in enumerate(value):
                yield from _flat(f"{prefix}{number}", inner)
        else:
            more = f" … {len(value)} in all" if len(value) > LONG else ""
            yield name, ", ".join(str(inner) for inner in value[:LONG])[:TEXT] + more
    else:
        yield name, value[:TEXT] if isinstance(value, str) else value
