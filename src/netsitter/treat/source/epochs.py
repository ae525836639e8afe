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
            yield Change(name="train-longer", text=text, edits=(source.replace(count, f"{value * factor:g}"),), slower=factor)


def _best(case: Case) -> list[float]:
    best, steps = case.evidence.get("best_step"), (case.facts.get("seen") or {}).get("steps")
    known = [best / steps] if best and steps else []
    return [*known, *(share * 0.5 for share in known), 0.25, 0.5][:3]


def _count(source: Training, loop: Any) -> Any:
    """The number in ``range(N)`` or ``while epoch < N``."""
    if isinstance(loop, cst.For):
        calls = [c for c in source.inside(loop.iter, cst.Call) if isinstance(c.func, cst.Name) and c.func.value in ("range", "trange")]
        if not calls or not calls[0].args:
            return None
        end: Any = calls[0].args[0 if len(calls[0].args) == 1 else 1].value
        while isinstance(end, cst.BinaryOperation):
            end = end.left if number(source.code(end.right)) is not None else end.right
        return source.literal(end)
    if isinstance(loop.test, cst.Comparison):
        return source.literal(loop.test.comparisons[0].comparator)
    return None
