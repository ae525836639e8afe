"""Train longer, or stop where validation was best."""

from collections.abc import Iterator
from typing import Any

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._reading import number
from netsitter.treat.source._training import Training

KNOB = Knob.EPOCHS
CURES = ("too-few-epochs", "overfitting", "lr-too-low", "underfitting", "worse-than-baseline", "not-learning")

EXAMPLES = (
    (
        "too-few-epochs",
        "import itertools\nfor x in itertools.islice(stream(), 20):\n    f(net(x)).backward()\n",
        "import itertools\nfor x in itertools.islice(stream(), 60):\n    f(net(x)).backward()\n",
    ),
    (
        "too-few-epochs",
        "while True:\n    for x in data:\n        f(net(x)).backward()\n    if step >= 30:\n        break\n",
        "while True:\n    for x in data:\n        f(net(x)).backward()\n    if step >= 90:\n        break\n",
    ),
    (
        "too-few-epochs",
        "N = 3\nfor epoch in range(1, N + 1):\n    for x in data:\n        f(net(x)).backward()\n",
        "N = 9\nfor epoch in range(1, N + 1):\n    for x in data:\n        f(net(x)).backward()\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    for backward in source.backwards[:1]:
        loop = source.epoch_loop(backward)
        count = _count(source, loop) if loop is not None else None
        value = number(source.code(count)) if count is not None else None
        if count is None or value is None or value < 1:
            continue
        if case.illness == "overfitting":
            for share in _best(case):
                fewer = max(1, round(value * share))
                if fewer < value:
                    text = f"Stop where validation was best: {fewer} epochs instead of {value:g}."
                    yield Change(name="stop-early", text=text, edits=(source.replace(count, str(fewer)),))
            continue
        for factor in (3, 10):
            text = f"Train {factor} times as long: {value * factor:g} rounds instead of {value:g}."
            yield Change(
                name="train-longer",
                text=text,
                edits=(source.replace(count, f"{value * factor:g}"),),
                slower=factor,
            )


def _best(case: Case) -> list[float]:
    best, steps = case.evidence.get("best_step"), (case.facts.get("seen") or {}).get("steps")
    known = [best / steps] if best and steps else []
    return [*known, *(share * 0.5 for share in known), 0.25, 0.5][:3]


def _count(source: Training, loop: Any) -> Any:
    """The number in ``range(N)`` or ``while epoch < N``."""
    breaks = [
        test.comparisons[0].comparator
        for stop in source.inside(loop, cst.Break)
        for block in [*source.around(stop, cst.If)][:1]
        if isinstance(test := block.test, cst.Comparison) and source.is_inside(block, loop)
    ]
    if isinstance(loop, cst.For):
        cuts = [c for c in source.inside(loop.iter, cst.Call) if source.code(c.func).endswith("islice")]
        if cuts and len(cuts[0].args) >= 2:
            return source.literal(cuts[0].args[1 if len(cuts[0].args) == 2 else 2].value)
        calls = [
            c
            for c in source.inside(loop.iter, cst.Call)
            if isinstance(c.func, cst.Name) and c.func.value in ("range", "trange")
        ]
        if not calls or not calls[0].args:
            return source.literal(breaks[0]) if breaks else None
        end: Any = calls[0].args[0 if len(calls[0].args) == 1 else 1].value
        while isinstance(end, cst.BinaryOperation):
            end = end.left if number(source.code(end.right)) is not None else end.right
        return source.literal(end)
    if isinstance(loop.test, cst.Comparison):
        return source.literal(loop.test.comparisons[0].comparator)
    return source.literal(breaks[0]) if breaks else None
