"""A hook before the model that takes the data."""

import torch
from torch import nn

from netsitter.observe.look import first_tensor
from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.examine import Exam
from netsitter.treat.remedies._scale import Entry, Statistics
from netsitter.treat.remedies._source import source_of

CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)


def stand_before(act: Act, exam: Exam, *, scales: bool) -> Entry:
    """Put an `Entry` before the model that takes the data, with statistics of all the data there is."""
    call = exam.entry
    batch = None if call is None else first_tensor(call.args or call.kwargs)
    if call is None or batch is None:
        raise CannotApplyError("No module takes the data: it has to be changed where it is read.")
    if not batch.is_floating_point() or batch.dim() < 1:
        raise CannotApplyError("The model takes numbers of items, not quantities.")
    source = source_of(batch)
    statistics = Statistics(_averaged(call.module, batch), is_final=source is not batch)
    statistics.add(source)
    entry = Entry(statistics, scales)
    hook = call.module.register_forward_pre_hook(entry, prepend=True, with_kwargs=True)
    act.when_undone(hook.remove)
    act.settled["rows"] = statistics.rows
    act.took(call.name or type(call.module).__name__)
    exam.cancel()
    return entry


def _averaged(model: nn.Module, batch: torch.Tensor) -> tuple[int, ...]:
    """All dimensions but the one of columns: the channels before a convolution, else the last."""
    if batch.dim() == 1:
        return (0,)
    first = next((m for m in model.modules() if isinstance(m, (*CONVOLUTIONS, nn.Linear, nn.RNNBase))), None)
    kept = 1 if isinstance(first, CONVOLUTIONS) or (batch.dim() == 4 and first is None) else batch.dim() - 1
    if batch.dim() == 4 and kept != 1:  # images into a linear layer: one scale for all pixels
        return tuple(range(batch.dim()))
    return tuple(dim for dim in range(batch.dim()) if dim != kept)
