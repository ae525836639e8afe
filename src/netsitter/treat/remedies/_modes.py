"""A model in another mode for the time of one call. Plain objects: a model that holds them can be copied."""

from typing import Any

import torch
from torch import nn

from netsitter.treat.act import Act
from netsitter.treat.patient import Patient


class Mode:
    """Puts the model into its wanted mode before a call, and every module's own mode back after it."""

    def __init__(self, is_training: bool) -> None:
        self.is_training = is_training
        """Wanted while gradients are on (True) or off (False)."""
        self._changed: list[nn.Module] = []

    def before(self, model: nn.Module, args: Any) -> None:
        if torch.is_grad_enabled() is self.is_training and model.training is not self.is_training:
            self._changed = [m for m in model.modules() if m.training is not self.is_training]
            for module in self._changed:
                module.training = self.is_training

    def after(self, model: nn.Module, args: Any, output: Any) -> None:
        for module in self._changed:
            module.training = not self.is_training
        self._changed = []


def hold_mode(patient: Patient, act: Act, *, is_training: bool) -> None:
    """Watch over the mode of every model that an optimiser steps."""
    held: set[int] = set()

    def hold(_: Any) -> None:
        for root in patient.anatomy.live_roots():
            if id(root) in held or not _has_modes(root):
                continue
            held.add(id(root))
            mode = Mode(is_training)
            act.when_undone(root.register_forward_pre_hook(mode.before, prepend=True).remove)
            act.when_undone(root.register_forward_hook(mode.after, always_call=True).remove)
            act.took(patient.anatomy.module_name(root) or type(root).__name__)

    if patient.optimizers():
        hold(None)
    patient.at("made", act, hold)


def _has_modes(root: nn.Module) -> bool:
    return any("Dropout" in type(m).__name__ or "BatchNorm" in type(m).__name__ for m in root.modules())
