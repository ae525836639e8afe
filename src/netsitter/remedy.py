"""Remedies as data: what could be changed, how safe it is, and which knob it turns.

A rule proposes remedies; it never applies one. The recipe applies them to a configuration
and a fresh trial judges them by the loss.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class Safety(StrEnum):
    """What may be done with a remedy without asking."""

    SAFE = "safe"
    """Reversible, and cannot hurt a healthy run."""
    UNSAFE = "unsafe"
    """May change the result; needs consent."""
    ADVICE = "advice"
    """Only a person can do it."""


class Knob(StrEnum):
    """The one thing a remedy turns; two remedies of one knob are never tried together."""

    LR = "lr"
    SCHEDULE = "schedule"
    CLIP = "clip"
    OPTIMIZER = "optimizer"
    INIT = "init"
    ACTIVATION = "activation"
    NORM = "norm"
    LOSS = "loss"
    OUTPUT = "output"
    DATA_SCALE = "data-scale"
    DATA = "data"
    REGULARIZATION = "regularisation"
    CAPACITY = "capacity"
    EPOCHS = "epochs"
    BATCH = "batch"
    WIRING = "wiring"
    MODE = "mode"
    SPEED = "speed"


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """One proposed change: ``name`` is a slug, ``text`` an instruction a person can follow."""

    name: str
    text: str
    knob: Knob
    safety: Safety = Safety.ADVICE
    settings: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """What an engine needs to apply it, for example ``{"factor": 0.1}``."""

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "text": self.text,
            "safety": str(self.safety),
            "knob": str(self.knob),
            "trial": None,
        }
