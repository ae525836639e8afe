"""Draw the training rows in a new order every epoch.

## What it does
The sampler of a training DataLoader is replaced by a random one; row numbers that are split into batches
are permuted first. Chance is the remedy's own.

## When it helps
Batches hold one class, or one time, after another.

## When it hurts
Series whose order the model carries from batch to batch.

## How it is undone
The loop reaches the program's own batches again.

## References
Bottou, Stochastic gradient descent tricks, 2012, section 3.1: pick the examples at random.
"""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.utils.data import DataLoader, IterableDataset, RandomSampler

from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._loaders import on_epochs, twin


def apply(patient: Patient, act: Act) -> None:
    def loop(loader: DataLoader[Any], iterate: Callable[[DataLoader[Any]], Iterator[Any]]) -> Iterator[Any]:
        if isinstance(loader.dataset, IterableDataset) or loader.batch_size is None:
            raise CannotApplyError("The loader's rows come as a stream.")
        if isinstance(loader.sampler, RandomSampler):
            raise CannotApplyError("The loader draws its rows at random already.")
        rows: Any = loader.dataset
        return iterate(twin(loader, sampler=RandomSampler(rows, generator=act.generator)))

    def split(rows: torch.Tensor, size: int) -> tuple[torch.Tensor, ...]:
        return rows[torch.randperm(len(rows), generator=act.generator)].split(size)

    on_epochs(patient, act, loop=loop, split=split)
    raise CannotApplyError("No loop over batches was seen that could be shuffled from outside.")
