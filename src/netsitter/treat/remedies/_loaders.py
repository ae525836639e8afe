"""Batches of the training data: those of a DataLoader, or of a list of row numbers that is split."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch.utils.data import DataLoader

from netsitter.treat.act import Act
from netsitter.treat.calls import PASS, Call
from netsitter.treat.patient import Patient
from netsitter.treat.places import here

Loop = Callable[[DataLoader[Any], Callable[[DataLoader[Any]], Iterator[Any]]], Iterator[Any]]
Split = Callable[[torch.Tensor, int], Iterable[torch.Tensor]]


def on_epochs(patient: Patient, act: Act, *, loop: Loop, split: Split) -> None:
    """Answer each loop over training batches: ``loop`` those of a DataLoader, ``split`` ``rows.split(size)``.

    Only where gradients are on: a validation loop keeps its batches.
    """
    original = DataLoader.__iter__

    def iterate(self: DataLoader[Any]) -> Iterator[Any]:
        if not torch.is_grad_enabled() or _evaluates(patient):
            return original(self)
        with act.guarded():
            batches = loop(self, original)
            act.took("DataLoader", place=None if act.places else here("loader"))
            return batches
        return original(self)

    def divide(call: Call) -> Any:
        rows, size = call.given(0, "self"), call.given(1, "split_size")
        if call.name == "split" and not isinstance(size, int):
            return PASS
        is_rows = isinstance(rows, torch.Tensor) and rows.dim() == 1 and rows.dtype == torch.int64
        if not is_rows or not torch.is_grad_enabled() or len(rows) <= 1 or _evaluates(patient):
            return PASS
        act.took("split", place=None if act.places else here("loader"))
        return tuple(split(rows, size if call.name == "split" else -(-len(rows) // int(size))))

    DataLoader.__iter__ = iterate  # pyright: ignore[reportAttributeAccessIssue]
    act.when_undone(lambda: setattr(DataLoader, "__iter__", original))
    patient.on_call(["split", "chunk"], act, divide)


def twin(loader: DataLoader[Any], **changes: Any) -> DataLoader[Any]:
    """A loader of the same data with other batches."""
    given = {
        "batch_size": loader.batch_size,
        "sampler": loader.sampler,
        "num_workers": loader.num_workers,
        "collate_fn": loader.collate_fn,
        "drop_last": loader.drop_last,
        "generator": loader.generator,
        "worker_init_fn": loader.worker_init_fn,
    }
    return DataLoader(loader.dataset, **{**given, **changes})


def _evaluates(patient: Patient) -> bool:
    """Whether every model that trains is in evaluation mode."""
    roots = patient.anatomy.live_roots()
    return bool(roots) and not any(root.training for root in roots)
