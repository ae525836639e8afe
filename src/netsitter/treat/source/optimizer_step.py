"""Let the optimiser step after backward."""

from collections.abc import Iterator

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._training import Training

KNOB = Knob.WIRING
CURES = ("missing-optimizer-step", "not-learning")

EXAMPLES = (
    (
        "missing-optimizer-step",
        "import torch\nopt = torch.optim.SGD(net.parameters())\nfor x in data:\n    opt.zero_grad()\n"
        "    f(net(x)).backward()\n",
        "import torch\nopt = torch.optim.SGD(net.parameters())\nfor x in data:\n    opt.zero_grad()\n"
        "    f(net(x)).backward()\n    opt.step()\n",
    ),
    (
        "missing-optimizer-step",
        "for x in data:\n    opt.zero_grad()\n    f(net(x)).backward()\n    opt.step\n",
        "for x in data:\n    opt.zero_grad()\n    f(net(x)).backward()\n    opt.step()\n",
    ),
    (
        "missing-optimizer-step",
        "for x in data:\n    f(net(x)).backward()\n    if n % 4 == 4:\n        opt.step()\n",
        "for x in data:\n    f(net(x)).backward()\n    if n % 4 == 0:\n        opt.step()\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    for named in source.uncalled("step"):
        text = f"{source.code(named)} only names the method: call it."
        yield Change(name="call-step", text=text, edits=(source.put(source.span(named)[1], "()"),))
    for backward in source.backwards:
        at, home = source.statement(backward), source.function(backward)
        steps = [s for s in source.steps if source.function(s) is home]
        for step in steps:
            for block in source.around(step, cst.If):
                if source.function(block) is home and not source.is_inside(backward, block):
                    yield from _always(source, block)
        names = [name for call in source.optimizers if (name := source.target(call))]
        names += [
            source.receiver(c)
            for c in source.methods("zero_grad")
            if source.function(c) is home and source.receiver(c) not in source.models
        ]
        if at is not None and not steps:
            for name in dict.fromkeys(reversed(names)):
                line = f"{name}.step()"
                yield Change(
                    name="call-step", text=f"Call {line} after backward().", edits=(source.after(at, line),)
                )
                break


def _always(source: Training, block: cst.If) -> Iterator[Change]:
    """A condition that never holds: compare the remainder with 0, or ask nothing."""
    test = block.test
    if (
        isinstance(test, cst.Comparison)
        and isinstance(test.left, cst.BinaryOperation)
        and isinstance(test.left.operator, cst.Modulo)
    ):
        edit = source.replace(test.comparisons[0].comparator, "0")
        yield Change(
            name="call-step",
            text="Compare the remainder with 0: as it is, the optimiser never steps.",
            edits=(edit,),
        )
    yield Change(
        name="call-step",
        text="Step after every backward(): the condition around step() does not hold.",
        edits=(source.replace(test, "True") if block.orelse else source.unwrap(block),),
    )
