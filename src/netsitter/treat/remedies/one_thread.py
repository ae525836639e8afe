"""Let torch compute in one thread.

## What it does
``torch.set_num_threads(threads)`` for the rest of the program.

## When it helps
Small networks, or a machine that others use: threads that wait for each other cost more than they give.

## When it hurts
Large matrices on an idle machine.

## How it is undone
The number of threads is put back.

## References
PyTorch documentation, CPU threading and TorchScript inference: tuning the number of threads.
"""

import torch

from netsitter.treat.act import Act
from netsitter.treat.patient import Patient


def apply(patient: Patient, act: Act, threads: int = 1) -> None:
    before = torch.get_num_threads()
    act.when_undone(lambda: torch.set_num_threads(before))
    torch.set_num_threads(threads)
    act.took()
