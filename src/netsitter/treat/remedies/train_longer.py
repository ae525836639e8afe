"""Pass over the training data several times in each epoch.

## What it does
Every loop over training batches makes ``factor`` passes: of a DataLoader, or of row numbers that are split,
which are permuted for each further pass.

## When it helps
The program stops while the loss is still falling.

## When it hurts
A schedule that counts batches runs out early; a network that overfits does so more.

## How it is undone
The loop reaches the program's own batches again.

## References
Prechelt, Early stopping - but when?, 1998: training ends when validation stops to improve.
"""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.utils.data import DataLoader

from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._loaders import on_epochs


def apply(patient: Patient, act: Act, factor: int = 3) -> None:
    def loop(loader: DataLoader[Any], iterate: Callable[[DataLoader[Any]], Iterator[Any]]) -> Iterator[Any]:
        first = iterate(loader)

        def passes() -> Iterator[Any]:
            yield from first
            for _ in range(int(factor) - 1):
                yield from iterate(loader)

        return passes()

    def split(rows: torch.Tensor, size: int) -> Iterator[torch.Tensor]:
        yield from rows.split(size)
        for _ in range(int(factor) - 1):
            yield from rows[torch.randperm(len(rows), generator=act.generator)].split(size)

    on_epochs(patient, act, loop=loop, split=split)
    raise CannotApplyError("No loop over batches was seen that could be repeated from outside.")


def amend(candidate: Any, factor: int = 3) -> dict[str, Any]:
    return {"fit.epochs": round(factor * candidate.fit.epochs)}
