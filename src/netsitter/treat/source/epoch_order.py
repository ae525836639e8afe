"""Draw the rows in a new order in every epoch, where a program cuts its batches by hand or by a sampler."""

from collections.abc import Iterator

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._feeds import inputs, targets
from netsitter.treat.source._training import Training

KNOB = Knob.DATA
CURES = ("unshuffled-data",)
EVERY_EPOCH = "Shuffle the rows in every epoch."
DRAWN = {"torch.arange": "torch.randperm", "numpy.arange": "numpy.random.permutation"}
"""Numbers in their order, and the same numbers in a new one."""

EXAMPLES = (
    (
        "unshuffled-data",
        "import torch\nfor i in order.split(9):\n    f(net(x[i])).backward()\n",
        "import torch\nfor i in order[torch.randperm(len(order))].split(9):\n    f(net(x[i])).backward()\n",
    ),
    (
        "unshuffled-data",
        "from torch.utils.data import DataLoader, SequentialSampler\n"
        "loader = DataLoader(rows, 8, sampler=SequentialSampler(rows))\n",
        "from torch.utils.data import DataLoader, SequentialSampler\n"
        "loader = DataLoader(rows, 8, shuffle=True)\n",
    ),
    (
        "unshuffled-data",
        "import torch\nrows = torch.arange(99)\n",
        "import torch\nrows = torch.randperm(99)\n",
    ),
    (
        "unshuffled-data",
        "import torch\ndef batches(x, y, n):\n    for i in range(0, len(x), n):\n"
        "        yield x[i:i + n], y[i:i + n]\n",
        "import torch\ndef batches(x, y, n):\n    order = torch.randperm(len(x))\n"
        "    x, y = x[order], y[order]\n    for i in range(0, len(x), n):\n"
        "        yield x[i:i + n], y[i:i + n]\n",
    ),
    (
        "unshuffled-data",
        "import torch\nfor e in range(9):\n    for a, b in zip(x.split(9), y.split(9)):\n"
        "        f(net(a), b).backward()\n",
        "import torch\nfor e in range(9):\n    order = torch.randperm(len(x))\n"
        "    for a, b in zip(x[order].split(9), y[order].split(9)):\n        f(net(a), b).backward()\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    yield from _samplers(source)
    yield from _batches(source)
    yield from _generators(source)
    yield from _numbers(source)


def _samplers(source: Training) -> Iterator[Change]:
    for call in source.calls("torch.utils.data.DataLoader"):
        given = source.argument(call, "sampler")
        if given is not None and "SequentialSampler" in source.code(given.value):
            edit = source.replace(given, "shuffle=True")
            yield Change(name="shuffle-rows", text="Shuffle the training rows: shuffle=True.", edits=(edit,))
            return


def _numbers(source: Training) -> Iterator[Change]:
    """``rows = torch.arange(n)``, by which batches are taken."""
    for call in source.calls(*DRAWN):
        if len(call.args) == 1 and call.args[0].keyword is None and not source.is_evaluation(call):
            edit = source.replace(call.func, source.spell(DRAWN[source.name(call)]))
            yield Change(name="shuffle-rows", text=EVERY_EPOCH, edits=(edit,))


def _generators(source: Training) -> Iterator[Change]:
    """A function that yields slices of its arguments: of the same rows in a new order."""
    for function in source.all(cst.FunctionDef):
        names = [p.name.value for p in function.params.params]
        cut = [
            source.code(part.value)
            for given in source.inside(function, cst.Yield)
            for part in source.inside(given, cst.Subscript)
            if isinstance(part.slice[0].slice, cst.Slice) and source.code(part.value) in names
        ]
        whole = list(dict.fromkeys(cut))
        if whole and isinstance(function.body, cst.IndentedBlock):
            order = source.fresh("order")
            both, mixed = ", ".join(whole), ", ".join(f"{name}[{order}]" for name in whole)
            lines = (f"{order} = {source.spell('torch.randperm')}(len({whole[0]}))", f"{both} = {mixed}")
            edit = source.before(function.body.body[0], *lines)
            yield Change(name="shuffle-rows", text=EVERY_EPOCH, edits=(edit,))


def _batches(source: Training) -> Iterator[Change]:
    """Loops over what batches are cut of, around a backward pass."""
    for backward in source.backwards:
        for loop in source.loops(backward)[:1]:
            if not isinstance(loop, cst.For):
                continue
            if "zip(" in source.code(loop.iter):
                yield from _together(source, loop)
            else:
                yield from _by_order(source, loop)
                yield from _by_range(source, loop)


def _cut(source: Training, loop: cst.For) -> list[cst.BaseExpression]:
    """``x`` of ``x.split(n)`` in what a loop goes over."""
    return [
        call.func.value
        for call in source.inside(loop.iter, cst.Call)
        if isinstance(call.func, cst.Attribute) and call.func.attr.value in ("split", "chunk")
    ]


def _together(source: Training, loop: cst.For) -> Iterator[Change]:
    """``zip(x.split(n), y.split(n))``: by one order."""
    rows = _cut(source, loop)
    if len(rows) < 2 or source.statement(loop) is not loop:
        return
    order = source.fresh("order")
    draw = f"{order} = {source.spell('torch.randperm')}(len({source.code(rows[0])}))"
    edits = [source.replace(one, f"{source.code(one)}[{order}]") for one in rows]
    yield Change(name="shuffle-rows", text=EVERY_EPOCH, edits=(source.before(loop, draw), *edits))


def _by_order(source: Training, loop: cst.For) -> Iterator[Change]:
    """``for i in order.split(n)``: draw the order anew."""
    for rows in _cut(source, loop):
        order = source.code(rows)
        if "randperm" not in order:
            edit = source.replace(rows, f"{order}[{source.spell('torch.randperm')}(len({order}))]")
            yield Change(name="shuffle-rows", text=EVERY_EPOCH, edits=(edit,))


def _by_range(source: Training, loop: cst.For) -> Iterator[Change]:
    """``for i in range(0, n, size)``: shuffle inputs and targets together once an epoch."""
    ranges = [
        call
        for call in source.inside(loop.iter, cst.Call)
        if source.code(call.func) == "range" and len(call.args) == 3
    ]
    x, y = inputs(source)[:1], targets(source)[:1]
    if not ranges or not x or not y or source.statement(loop) is not loop:
        return
    rows, order = source.code(ranges[0].args[1].value), source.fresh("order")
    part = f"[:{rows}]" if rows != f"len({x[0].name})" else ""
    lines = [f"{order} = {source.spell('torch.randperm')}({rows})"]
    lines += [f"{feed.name}{part} = {feed.name}{part}[{order}]" for feed in (x[0], y[0])]
    text = f"Shuffle {x[0].name}, {y[0].name} together in every epoch."
    yield Change(name="shuffle-rows", text=text, edits=(source.before(loop, *lines),))
