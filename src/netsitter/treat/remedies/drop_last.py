"""Leave the short last batch of an epoch out.

## What it does
A training DataLoader, or row numbers that are split, give no batch that is smaller than the others.

## When it helps
The last batch has a single row, which batch norm cannot take, or is so small that its gradient is noise.

## When it hurts
Small data: rows that are never shuffled are never seen.

## How it is undone
The loop reaches the program's own batches again.

## References
PyTorch documentation, torch.utils.data.DataLoader, drop_last.
"""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.utils.data import DataLoader

from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._loaders import on_epochs, twin


def apply(patient: Patient, act: Act) -> None:
    def loop(loader: DataLoader[Any], iterate: Callable[[DataLoader[Any]], Iterator[Any]]) -> Iterator[Any]:
        if loader.batch_size is None:
            raise CannotApplyError("The loader makes its batches by itself.")
        return iterate(twin(loader, drop_last=True))

    def split(rows: torch.Tensor, size: int) -> tuple[torch.Tensor, ...]:
        return tuple(part for part in rows.split(size) if len(part) == min(size, len(rows)))

    on_epochs(patient, act, loop=loop, split=split)
    raise CannotApplyError("No loop over batches was seen whose last one could be left out from outside.")
