"""What was heard between two optimiser steps."""

from dataclasses import dataclass, field
from typing import Any

import torch

from netsitter.observe.listener import Call
from netsitter.observe.look import Look


@dataclass(kw_only=True, slots=True)
class Iteration:
    """Everything between two steps that had gradients: one backward or several, one optimiser or several.

    One is needed for every step, so what most steps do not have is made only when it is needed.
    """

    began: float = 0.0
    """When; only told where there is a look."""
    look: Look | None = None
    backwards: int = 0
    losses: list[float | torch.Tensor] = field(default_factory=list)
    """One a backward; tensors where reading them would make a device wait."""
    scaler: Any = None
    """The GradScaler whose scale is in the loss and the gradients."""
    in_eval: Call | None = None
    """The call of the model that is trained on, where it was in evaluation mode and that matters."""
    waited: float | None = None
    """Seconds until the first forward: the program was fetching data."""
    values: dict[str, float] | None = None
    """Numbers to write beside the loss; None while there are none."""
    clip: tuple[str, float, Any] | None = None
    """The last clipping: norm or value, its limit, and the norm before."""
    had_saved_hooks: bool = False

    has_more: bool = False
    """Whether there is, or may be, more than losses; said by whoever adds it."""

    def again(self) -> "Iteration":
        """One for the next iteration: this object, where there was nothing but losses."""
        if self.has_more:
            return Iteration()
        self.backwards = 0
        self.losses.clear()
        return self

    @property
    def is_plain(self) -> bool:
        """Whether there is the loss of one backward and nothing else."""
        return not self.has_more and self.backwards == 1 and len(self.losses) == 1

    @property
    def scale(self) -> Any:
        """What AMP multiplied the loss by; a tensor where reading it would make a device wait."""
        scale = None if self.scaler is None else self.scaler._scale
        if scale is None:
            return 1.0
        return float(scale) if scale.device.type == "cpu" else scale

    def take(self, loss: torch.Tensor) -> float | torch.Tensor:
        """A loss is about to be minimised: its value; a tensor where reading it would make a device wait."""
        value = loss.item() if loss.is_cpu else loss.detach()
        if self.scaler is not None:
            value = value / self.scale
        self.losses.append(value)
        return value

    def note(self, name: str, is_faulty: bool) -> None:
        """Faults of wiring are written on the step they show, their absence only on sampled steps."""
        if is_faulty or self.look is not None:
            self.add({f"wiring/{name}": float(is_faulty)})

    def add(self, values: dict[str, float]) -> None:
        """Write these beside the loss."""
        if values:
            self.has_more = True
            self.values = {**(self.values or {}), **values}

    def scaled_by(self, scaler: Any) -> None:
        """A GradScaler has scaled the loss."""
        if scaler.is_enabled():
            self.has_more, self.scaler = True, scaler

    def clipped(self, kind: str, limit: Any, norm: Any) -> None:
        """Gradients were clipped; kept where reading the norm would not make a device wait."""
        would_wait = isinstance(norm, torch.Tensor) and norm.device.type != "cpu"
        if limit is not None and (self.look is not None or not would_wait):
            self.has_more, self.clip = True, (kind, float(limit), norm)

    def saves_otherwise(self) -> None:
        """Hooks on saved tensors are about: what the graph keeps may not be what it looks like."""
        self.has_more = self.had_saved_hooks = True

    def called(self, call: Call, *, is_eval: bool) -> None:
        """A model was called, in evaluation mode or not; the last call before backward counts."""
        self.has_more |= is_eval
        self.in_eval = call if is_eval else None

    def heard(self, started: float, batch: torch.Tensor | None, output: torch.Tensor) -> None:
        """A model was called on a sampled step."""
        if self.waited is None and started:
            self.waited = started - self.began
        if self.look is not None and self.backwards == 0:
            self.look.model_called(batch, output)

    def times(self, seconds: float, rows: float) -> dict[str, float]:
        """Step time, time spent waiting for data, and rows a second."""
        times = {"time/step": max(seconds, 0.0)}
        if self.waited is not None:
            times["time/data"] = self.waited
        if rows and seconds > 0:
            times["throughput"] = rows / seconds
        return times
