"""Raise the limit at which the program clips its gradients.

## What it does
``clip_grad_norm_`` and ``clip_grad_value_`` are called with ``max_norm``, or with no limit at all.

## When it helps
Every step is clipped to far below the usual norm: the learning rate is then not the one that was set.

## When it hurts
Where the small limit was what kept the training together.

## How it is undone
The two functions are put back.

## References
Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks, 2013: the limit is
half to ten times the average norm.
"""

import functools
import math
from collections.abc import Callable
from typing import Any

from torch import nn

from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.patient import Patient
from netsitter.treat.places import here

CLIPS = {"clip_grad_norm_": "max_norm", "clip_grad_value_": "clip_value"}


def apply(patient: Patient, act: Act, max_norm: float | None = None) -> None:
    limit = math.inf if max_norm is None else max_norm

    def raised(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def clip(parameters: Any, *args: Any, **kwargs: Any) -> Any:
            given = args[0] if args else kwargs.pop(CLIPS[name])
            act.took(name, place=here("clip", name))
            return original(parameters, max(float(given), limit), *args[1:], **kwargs)

        return functools.wraps(original)(clip)

    for owner in (nn.utils, nn.utils.clip_grad):
        for name in CLIPS:
            original = getattr(owner, name)
            setattr(owner, name, raised(name, original))
            act.when_undone(functools.partial(setattr, owner, name, original))
    raise CannotApplyError("The program clips no gradients.")


def amend(candidate: Any, max_norm: float | None = None) -> dict[str, Any]:
    return {"fit.clip": 0.0 if max_norm is None else max_norm}
