"""Who belongs to an optimiser: parameters join and leave, and the groups get their old members back."""

from collections.abc import Callable, Sequence

import torch

from netsitter.observe.training import held
from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.examine import Exam
from netsitter.treat.patient import Patient


def join(act: Act, optimizer: torch.optim.Optimizer, parameters: Sequence[torch.Tensor]) -> None:
    """Add parameters to the first group: schedules count groups, so a new one would break them."""
    if not parameters:
        return
    keep_members(act, optimizer)
    optimizer.param_groups[0]["params"].extend(parameters)


def keep_members(act: Act, optimizer: torch.optim.Optimizer) -> None:
    """On undo the groups hold what they hold now, and state is kept of these alone."""
    before = [(group, list(group["params"])) for group in optimizer.param_groups]

    def put_back() -> None:
        for group, members in before:
            group["params"][:] = members
        known = {id(p) for p in held(optimizer)}
        for parameter in [p for p in optimizer.state if id(p) not in known]:
            del optimizer.state[parameter]

    act.when_undone(put_back)


def add_missing(patient: Patient, act: Act, exam: Exam) -> None:
    """Parameters that the loss reaches and no optimiser holds join the one that steps."""
    known = {id(p) for optimizer in patient.optimizers() for p in held(optimizer)}
    missing = [leaf for leaf in exam.reading.leaves if leaf.requires_grad and id(leaf) not in known]
    if not missing:
        raise CannotApplyError("Every parameter that the loss reaches is held by an optimiser.")
    join(act, exam.optimizer, missing)
    act.took(*(patient.anatomy.name(parameter) for parameter in missing))


def remove(act: Act, exam: Exam, is_gone: Callable[[torch.Tensor], bool]) -> None:
    """Parameters that the loss does not reach and that are gone leave the optimiser."""
    reached = {id(leaf) for leaf in exam.reading.leaves}
    keep_members(act, exam.optimizer)
    for group in exam.optimizer.param_groups:
        group["params"][:] = [p for p in group["params"] if id(p) in reached or not is_gone(p)]
