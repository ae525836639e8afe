"""Use larger batches."""

from collections.abc import Iterator
from typing import Any

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._reading import number
from netsitter.treat.source._training import Training

KNOB = Knob.BATCH
CURES = ("batchnorm-small-batch", "oscillation", "unshuffled-data")
LARGE = 32

EXAMPLES = (
    (
        "batchnorm-small-batch",
        "def batches(x, n):\n    for i in range(0, len(x), n):\n        yield x[i : i + n]\n"
        "for x in batches(rows, 2):\n    f(net(x)).backward()\n",
        "def batches(x, n):\n    for i in range(0, len(x), n):\n        yield x[i : i + n]\n"
        "for x in batches(rows, 32):\n    f(net(x)).backward()\n",
    ),
    (
        "batchnorm-small-batch",
        "from torch.utils.data import DataLoader\nB = 2\nloader = DataLoader(data, batch_size=B)\n",
        "from torch.utils.data import DataLoader\nB = 32\nloader = DataLoader(data, batch_size=B)\n",
    ),
    (
        "batchnorm-small-batch",
        "import torch\nfor i in torch.randperm(99).split(2):\n    f(net(x[i])).backward()\n",
        "import torch\nfor i in torch.randperm(99).split(32):\n    f(net(x[i])).backward()\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    sizes = [one for one in _sizes(source) if (number(source.code(one)) or LARGE * 4) < LARGE]
    for size in (LARGE, LARGE // 2):
        edits = [source.replace(one, str(size)) for one in sizes if (number(source.code(one)) or 0) < size]
        if edits:
            yield Change(
                name="larger-batch", text=f"Use batches of {size} rows.", edits=tuple(dict.fromkeys(edits))
            )
    if case.illness == "oscillation":
        edits = [source.replace(one, f"{4 * (number(source.code(one)) or 1):g}") for one in _sizes(source)]
        if edits:
            yield Change(
                name="larger-batch",
                text="Use batches four times as large.",
                edits=tuple(dict.fromkeys(edits)),
            )
    for call in source.calls("torch.utils.data.DataLoader"):
        if source.argument(call, "drop_last") is None and case.illness == "batchnorm-small-batch":
            edit = source.set_argument(call, "drop_last", "True")
            yield Change(name="drop-last", text="Use drop_last=True in the data loader.", edits=(edit,))


def _sizes(source: Training) -> list[Any]:
    """Where a batch size is written: for a loader, ``.split(n)``, ``range(0, rows, n)`` with its slice."""
    found: list[Any] = []
    for call in source.calls("torch.utils.data.DataLoader"):
        given = source.argument(call, "batch_size", 1)
        found.append(source.literal(given.value) if given is not None else None)
    for backward in source.backwards:
        for loop in source.loops(backward)[:1]:
            if isinstance(loop, cst.For):
                splits = [
                    c
                    for c in source.inside(loop.iter, cst.Call)
                    if isinstance(c.func, cst.Attribute)
                    and c.func.attr.value in ("split", "chunk")
                    and c.args
                ]
                found += [source.literal(c.args[0].value) for c in splits]
                ranges = [
                    c
                    for c in source.inside(loop.iter, cst.Call)
                    if isinstance(c.func, cst.Name) and c.func.value == "range" and len(c.args) == 3
                ]
                found += [found_in for c in ranges for found_in in _slice_sizes(source, loop, c)]
                called = {
                    c.func.value for c in source.inside(loop.iter, cst.Call) if isinstance(c.func, cst.Name)
                }
                found += [
                    source.literal(step.value)
                    for function in source.all(cst.FunctionDef)
                    if function.name.value in called
                    for step in _steps(source, function)
                ]
    return list({id(one): one for one in found if one is not None}.values())


def _steps(source: Training, function: cst.FunctionDef) -> Iterator[cst.Arg]:
    """The sizes by which a function of the program cuts its rows: ``.split(n)``, ``range(0, rows, n)``."""
    for call in source.inside(function, cst.Call):
        if isinstance(call.func, cst.Attribute) and call.func.attr.value == "split" and call.args:
            yield call.args[0]
        elif isinstance(call.func, cst.Name) and call.func.value == "range" and len(call.args) == 3:
            yield call.args[2]


def _slice_sizes(source: Training, loop: cst.For, call: cst.Call) -> Iterator[Any]:
    step = source.literal(call.args[2].value)
    if step is None:
        return
    yield step
    name, size = source.code(loop.target), source.code(step)
    for one in source.inside(loop.body, cst.BinaryOperation):
        if (
            isinstance(one.operator, cst.Add)
            and source.code(one.left) == name
            and source.code(one.right) == size
        ):
            yield one.right
