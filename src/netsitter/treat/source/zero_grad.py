"""Clear gradients before each backward."""

from collections.abc import Iterator

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._training import Training

KNOB = Knob.WIRING
CURES = ("missing-zero-grad", "zero-grad-before-step", "missing-optimizer-step")

EXAMPLES = (
    (
        "missing-zero-grad",
        "def back(x):\n    f(net(x)).backward()\nfor x in data:\n    back(x)\n    opt.step()\n",
        "def back(x):\n    f(net(x)).backward()\nfor x in data:\n    back(x)\n    opt.step()\n"
        "    opt.zero_grad()\n",
    ),
    (
        "missing-zero-grad",
        "for x, y in data:\n    scaler.scale(f(net(x), y)).backward()\n    scaler.step(opt)\n",
        "for x, y in data:\n    opt.zero_grad()\n    scaler.scale(f(net(x), y)).backward()\n"
        "    scaler.step(opt)\n",
    ),
    (
        "missing-zero-grad",
        "for x, y in data:\n    f(net(x), y).backward()\n    for o in opts:\n        o.step()\n",
        "for x, y in data:\n    for o in opts:\n        o.zero_grad()\n    f(net(x), y).backward()\n"
        "    for o in opts:\n        o.step()\n",
    ),
    (
        "missing-zero-grad",
        "for x, y in data:\n    opt.zero_grad\n    f(net(x), y).backward()\n    opt.step()\n",
        "for x, y in data:\n    opt.zero_grad()\n    f(net(x), y).backward()\n    opt.step()\n",
    ),
    (
        "missing-zero-grad",
        "for x, y in data:\n    loss = f(net(x), y)\n    loss.backward()\n    opt.step()\n",
        "for x, y in data:\n    loss = f(net(x), y)\n    opt.zero_grad()\n    loss.backward()\n"
        "    opt.step()\n",
    ),
    (
        "zero-grad-before-step",
        "def make(loss):\n    loss.backward()\ndef reset(net):\n    for p in net.parameters():\n"
        "        p.grad = None\ndef fit(opt):\n    make(f(x))\n    reset(net)\n    opt.step()\n",
        "def make(loss):\n    loss.backward()\ndef reset(net):\n    for p in net.parameters():\n"
        "        p.grad = None\ndef fit(opt):\n    reset(net)\n    make(f(x))\n    opt.step()\n",
    ),
    (
        "zero-grad-before-step",
        "def note(net):\n    print(1)\n    net.zero_grad()\ndef fit(opt):\n    loss.backward()\n"
        "    note(net)\n    opt.step()\n",
        "def note(net):\n    print(1)\ndef fit(opt):\n    opt.zero_grad()\n    loss.backward()\n"
        "    note(net)\n    opt.step()\n",
    ),
    (
        "zero-grad-before-step",
        "def fit(opt):\n    loss.backward()\n    opt.zero_grad()\n    opt.step()\n",
        "def fit(opt):\n    opt.zero_grad()\n    loss.backward()\n    opt.step()\n",
    ),
    (
        "zero-grad-before-step",
        "def fit(opt):\n    loss = f(net(x), y)\n    opt.step()\n    loss.backward()\n    opt.zero_grad()\n",
        "def fit(opt):\n    loss = f(net(x), y)\n    loss.backward()\n    opt.step()\n    opt.zero_grad()\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    for named in source.uncalled("zero_grad"):
        text = f"{source.code(named)} only names the method: call it."
        yield Change(name="call-zero-grad", text=text, edits=(source.put(source.span(named)[1], "()"),))
    for backward in source.backwards:
        home, at = source.function(backward), source.statement(backward)
        steps = [s for s in source.steps if source.function(s) is home]
        if at is None or not steps:
            yield from _apart(source, backward, case)
            continue
        step = next((s for s in steps if source.line(s) > source.line(backward)), steps[0])
        clears = [c for c in source.methods("zero_grad") if source.function(c) is home]
        between = [c for c in clears if source.line(backward) < source.line(c) < source.line(step)]
        if between:
            clear = source.statement(between[0])
            if clear is not None:
                yield Change(
                    name="move-zero-grad",
                    text="Clear the gradients before backward(), not between backward() and step().",
                    edits=(source.remove(clear), source.before(at, source.code(between[0]))),
                )
        elif case.illness == "zero-grad-before-step":
            yield from _in_helpers(source, backward, step, clears)
            yield from _step_after(source, backward, steps)
        elif case.illness == "missing-zero-grad":
            yield _cleared(source, backward, step, at)
        outside = [c for c in clears if isinstance(source.parent(source.statement(c) or c), cst.Module)]
        if outside and case.illness == "zero-grad-before-step":
            yield Change(
                name="call-zero-grad",
                text="Clear the gradients before backward().",
                edits=(source.before(at, source.code(outside[0])),),
            )


def _cleared(source: Training, backward: cst.Call, step: cst.Call, at: cst.CSTNode) -> Change:
    line = f"{source.stepped(step)}.zero_grad()"
    # Several optimisers step in a loop of their own.
    own = next((loop for loop in source.loops(step) if not source.is_inside(backward, loop)), None)
    lines = [line]
    if isinstance(own, cst.For):
        lines = [f"for {source.code(own.target)} in {source.code(own.iter)}:", f"    {line}"]
    text = f"Call {line} before each backward()."
    return Change(name="call-zero-grad", text=text, edits=(source.before(at, *lines),))


def _apart(source: Training, backward: cst.Call, case: Case) -> Iterator[Change]:
    """Where backward and step are in functions of their own: clear once a step is taken."""
    if case.illness == "zero-grad-before-step":
        yield from _before_helpers(source, backward)
    elif case.illness == "missing-zero-grad":
        for step in source.steps[:1]:
            at, line = source.statement(step), f"{source.stepped(step)}.zero_grad()"
            if at is not None:
                text = f"Call {line} after each step."
                yield Change(name="call-zero-grad", text=text, edits=(source.after(at, line),))


def _before_helpers(source: Training, backward: cst.Call) -> Iterator[Change]:
    """``backprop(loss)`` and then ``reset(net)``, functions of the program: the other way round."""
    home = source.function(backward)
    for call in source.callers(home) if home is not None else ():
        first, function = source.statement(call), source.function(call)
        for node in source.all(cst.Assign):
            helper = source.function(node)
            if helper is None or not source.code(node.targets[0].target).endswith(".grad"):
                continue
            for later in source.callers(helper):
                at = source.statement(later)
                if at is None or first is None or source.function(later) is not function:
                    continue
                if source.line(at) > source.line(first) and source.parent(at) is source.parent(first):
                    yield Change(
                        name="move-zero-grad",
                        text=f"Call {helper.name.value}() before the gradients are made, not after.",
                        edits=(source.remove(at), source.before(first, source.code(at))),
                    )


def _in_helpers(
    source: Training, backward: cst.Call, step: cst.Call, clears: list[cst.Call]
) -> Iterator[Change]:
    """Functions called between backward and step that clear the gradients too."""
    home, at = source.function(backward), source.statement(backward)
    for call in source.methods("zero_grad"):
        helper, statement = source.function(call), source.statement(call)
        if helper is None or helper is home or statement is None or at is None:
            continue
        if any(
            source.line(backward) < source.line(c) < source.line(step) and source.function(c) is home
            for c in source.callers(helper)
        ):
            first = [] if clears else [source.before(at, f"{source.stepped(step)}.zero_grad()")]
            yield Change(
                name="move-zero-grad",
                text=f"Leave the gradients as they are in {helper.name.value}(), before the step.",
                edits=(source.remove(statement), *first),
            )


def _step_after(source: Training, backward: cst.Call, steps: list[cst.Call]) -> Iterator[Change]:
    """The optimiser steps before backward, with the gradients of the last round or none."""
    at = source.statement(backward)
    early = [source.statement(s) for s in steps if source.line(s) < source.line(backward)]
    if at is not None and len(early) == len(steps) and all(s is not None for s in early):
        lines = [source.code(step) for step in steps]
        yield Change(
            name="step-after-backward",
            text="Call step() after backward(), not before it.",
            edits=(*(source.remove(s) for s in early), source.after(at, *lines)),
        )
