"""Start with a small learning rate and raise it in a straight line.

## What it does
Over the first ``steps`` steps the rate rises from a fraction of the program's to all of it.

## When it helps
The first steps destroy the initialisation: a loss that jumps at once and recovers slowly, transformers,
large batches, Adam whose averages are not yet settled.

## When it hurts
Short trainings, which it makes shorter.

## How it is undone
The values are in force only while a step is taken; nothing else remembers them.

## References
Goyal et al., Accurate, large minibatch SGD, 2017, section 2.2. Ma and Yarats, On the adequacy of untuned
warmup for adaptive optimization, 2021.
"""

from collections import Counter
from typing import Any

import torch

from netsitter.treat.act import Act
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._groups import during_steps


def apply(patient: Patient, act: Act, steps: int = 50) -> None:
    taken: Counter[int] = Counter()

    def count(optimizer: torch.optim.Optimizer) -> None:
        taken.update(id(group) for group in optimizer.param_groups)

    during_steps(
        patient, act, lambda group: {"lr": group["lr"] * min(1.0, (taken[id(group)] + 1) / max(steps, 1))}
    )
    patient.at("after_step", act, count)


def amend(candidate: Any) -> dict[str, Any]:
    return {"fit.warmup": max(0.1, 2 * candidate.fit.warmup)}
