"""Use larger batches.

## What it does
Batches of a training DataLoader, and of row numbers that are split, hold ``batch`` rows, or four times as
many as before if that is more.

## When it helps
The loss is noise, or batch norm averages over too few rows.

## When it hurts
Fewer steps are taken in the same number of epochs.

## How it is undone
The loop reaches the program's own batches again.

## References
Ioffe, Batch renormalization, 2017, section 1: small batches. McCandlish et al., An empirical model of
large-batch training, 2018.
"""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.utils.data import DataLoader

from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._loaders import on_epochs, twin

TIMES = 4


def apply(patient: Patient, act: Act, batch: int = 32) -> None:
    def larger(size: int) -> int:
        act.settled["batch"] = size = max(batch, TIMES * size)
        return size

    def loop(loader: DataLoader[Any], iterate: Callable[[DataLoader[Any]], Iterator[Any]]) -> Iterator[Any]:
        if loader.batch_size is None:
            raise CannotApplyError("The loader makes its batches by itself.")
        return iterate(twin(loader, batch_size=larger(loader.batch_size)))

    def split(rows: torch.Tensor, size: int) -> tuple[torch.Tensor, ...]:
        return rows.split(larger(size))

    on_epochs(patient, act, loop=loop, split=split)
    raise CannotApplyError("No loop over batches was seen whose size could be set from outside.")


def amend(candidate: Any, batch: int = 32) -> dict[str, Any]:
    return {"fit.batch_size": max(batch, TIMES * candidate.fit.batch_size)}
