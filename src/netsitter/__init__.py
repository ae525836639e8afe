"""netsitter: the babysitter for neural-network training."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from netsitter.diagnosis import Diagnosis, diagnose
    from netsitter.finding import Finding
    from netsitter.observe import Sitter, watch
    from netsitter.recipe import Result, load, train
    from netsitter.run import Run

__version__ = "0.1.0"

_HOMES = {
    "Diagnosis": "diagnosis",
    "Finding": "finding",
    "Result": "recipe",
    "Run": "run",
    "Sitter": "observe",
    "diagnose": "diagnosis",
    "load": "recipe",
    "train": "recipe",
    "watch": "observe",
}

__all__ = ["Diagnosis", "Finding", "Result", "Run", "Sitter", "diagnose", "load", "train", "watch"]


def __getattr__(name: str) -> Any:
    """Public names are imported when first used: `import netsitter` is instant."""
    if name not in _HOMES:
        raise AttributeError(f"module 'netsitter' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"netsitter.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
