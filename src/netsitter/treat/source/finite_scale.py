"""Scale inputs so that they stay numbers: a column that never varies has no spread, and zero no logarithm."""

from collections.abc import Iterator

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._training import Training

KNOB = Knob.DATA
CURES = ("non-finite-input", "non-finite-loss")
SPREADS = ("std", "var", "ptp", "max", "min", "amax", "amin", "norm", "sum", "abs")
"""Words of an expression that is 0 where a column does not vary, or holds nothing."""

EXAMPLES = (
    (
        "non-finite-input",
        "mean, spread = x.mean(0), x.std(0)\nx = (x - mean) / spread\n",
        "mean, spread = x.mean(0), x.std(0)\nspread[spread == 0] = 1\nx = (x - mean) / spread\n",
    ),
    (
        "non-finite-input",
        "x = (x - x.mean(0)) / x.std(0)\n",
        "x = (x - x.mean(0)) / (x.std(0) + (x.std(0) == 0))\n",
    ),
    ("non-finite-input", "import numpy as np\nx = np.log(x)\n", "import numpy as np\nx = np.log1p(x)\n"),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    edits = []
    for divisor in _divisors(source):
        made = source.assigned(source.code(divisor))
        if isinstance(divisor, cst.Name) and len(made) == 1 and source.statement(made[0][0]) is not None:
            name = divisor.value
            edits.append(source.after(source.statement(made[0][0]), f"{name}[{name} == 0] = 1"))
        elif not made:
            # A truth counts as 1, of numpy, torch and pandas alike.
            code = source.code(divisor)
            held = f"({code})" if isinstance(divisor, cst.BinaryOperation) else code
            start, end = _outer(source, divisor)
            edits += [source.put(start, "("), source.put(end, f" + ({held} == 0))")]
    if edits:
        text = "Divide a column that never varies by 1, not by its spread of 0."
        yield Change(name="spread-of-one", text=text, edits=tuple(dict.fromkeys(edits)))
    logs = [c for c in source.calls("numpy.log", "torch.log", "math.log") if not source.loops(c)]
    if logs:
        text = "Take the logarithm of 1 more: that of 0 is no number."
        yield Change(
            name="log-of-one-more",
            text=text,
            edits=tuple(source.replace(c.func, source.code(c.func) + "1p") for c in logs),
        )


def _divisors(source: Training) -> Iterator[cst.BaseExpression]:
    """What is divided by, where it is computed from the data's spread or size; training loops left out."""
    for one in source.all(cst.BinaryOperation):
        if isinstance(one.operator, cst.Divide):
            yield from _spread(source, one.right)
    for one in source.all(cst.AugAssign):
        if isinstance(one.operator, cst.DivideAssign):
            yield from _spread(source, one.value)


def _spread(source: Training, divisor: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    if source.in_training(divisor) and source.loops(divisor):
        return
    made = source.assigned(source.code(divisor)) if isinstance(divisor, cst.Name) else []
    value = made[0][1] if len(made) == 1 else divisor
    called = {
        call.func.attr.value if isinstance(call.func, cst.Attribute) else source.code(call.func)
        for call in source.inside(value, cst.Call)
    }
    if called & set(SPREADS):
        yield divisor


def _outer(source: Training, node: cst.BaseExpression) -> tuple[int, int]:
    """Where a node begins and ends with the parentheses around it."""
    start, end = source.span(node)
    for _ in node.lpar:
        start = source.text.rindex("(", 0, start)
    for _ in node.rpar:
        end = source.text.index(")", end) + 1
    return start, end
