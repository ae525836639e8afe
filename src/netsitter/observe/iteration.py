"""What was heard between two optimiser steps."""

from dataclasses import dataclass, field
from typing import Any

import torch

from netsitter.observe.look import Look
from netsitter.observe.training import Training


@dataclass(kw_only=True)
class Iteration:
    """Everything between two steps that had gradients: one backward or several, one optimiser or several."""

    began: float
    look: Look | None = None
    backwards: int = 0
    losses: list[float | torch.Tensor] = field(default_factory=list)
    """One a backward; tensors where reading them would make a device wait."""
    scaler: Any = None
    """The GradScaler whose scale is in the loss and the gradients."""
    is_eval: bool = False
    waited: float | None = None
    """Seconds until the first forward: the program was fetching data."""
    values: dict[str, float] = field(default_factory=dict)
    clips: list[tuple[str, float, Any]] = field(default_factory=list)
    training: Training | None = None
    had_saved_hooks: bool = False

    @property
    def scale(self) -> Any:
        """What AMP multiplied the loss by; a tensor where reading it would make a device wait."""
        scale = None if self.scaler is None else self.scaler._scale
        if scale is None:
            return 1.0
        return float(scale) if scale.device.type == "cpu" else scale

    def note(self, always: bool, **faults: bool) -> None:
        """Faults of wiring are written on the step they show, their absence only on sampled steps."""
        for name, is_faulty in faults.items():
            if is_faulty or always:
                self.values[f"wiring/{name}"] = float(is_faulty)

    def times(self, seconds: float, rows: float) -> dict[str, float]:
        """Step time, time spent waiting for data, and rows a second."""
        times = {"time/step": max(seconds, 0.0)}
        if self.waited is not None:
            times["time/data"] = self.waited
        if rows and seconds > 0:
            times["throughput"] = rows / seconds
        return times
