"""Keep inputs and labels in one order, where only one of the two is drawn, sorted or split anew."""

import itertools
from collections.abc import Iterator

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._training import Training

KNOB = Knob.DATA
CURES = ("labels-misaligned",)
SPLITS = ("sklearn.model_selection.train_test_split", "sklearn.model_selection._split.train_test_split")
REORDERS = ("sort", "sorted", "flip", "roll", "permutation", "randperm", "argsort", "shuffle")
"""Functions that put rows into another order."""

EXAMPLES = (
    (
        "labels-misaligned",
        "from sklearn.model_selection import train_test_split\n"
        "x_a, x_b = train_test_split(x, test_size=0.2, random_state=1)\n"
        "y_a, y_b = train_test_split(y, test_size=0.2, random_state=2)\n",
        "from sklearn.model_selection import train_test_split\n"
        "x_a, x_b, y_a, y_b = train_test_split(x, y, test_size=0.2, random_state=1)\n",
    ),
    (
        "labels-misaligned",
        "x = frame.drop(columns='y').sample(frac=1)\ny = frame['y']\n",
        "x = frame.drop(columns='y').sample(frac=1)\ny = frame['y'].loc[x.index]\n",
    ),
    (
        "labels-misaligned",
        "import numpy as np\nx, y = load()\ny = y[np.random.permutation(len(y))]\n",
        "import numpy as np\nx, y = load()\n",
    ),
    (
        "labels-misaligned",
        "a = r.permutation(9)\nb = r.permutation(9)\nx, y = x[a], y[b]\n",
        "a = r.permutation(9)\nb = a\nx, y = x[a], y[b]\n",
    ),
    (
        "labels-misaligned",
        "x, y = load()\norder = x[:, 0].argsort()\nx = x[order]\n",
        "x, y = load()\norder = x[:, 0].argsort()\n",
    ),
    ("labels-misaligned", "x = load().flip(0)\ny = labels()\n", "x = load()\ny = labels()\n"),
    (
        "labels-misaligned",
        "for i in order:\n    a, b = x[i], y[i.sort().values]\n",
        "for i in order:\n    a, b = x[i], y[i]\n",
    ),
    ("labels-misaligned", "x, y = load()\ny = np.sort(y)\n", "x, y = load()\n"),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    yield from _one_split(source)
    yield from _one_sample(source)
    yield from _one_order(source)
    yield from _one_index(source)
    yield from _turned(source)
    yield from _left_alone(source)


def _one_split(source: Training) -> Iterator[Change]:
    """``train_test_split(x)`` and ``train_test_split(y)``: one call for both."""
    alone = [
        (call, statement)
        for call in source.calls(*SPLITS)
        if [arg.keyword is None for arg in call.args].count(True) == 1
        and isinstance(statement := source.parent(call), cst.Assign)
        and len(statement.targets) == 1
    ]
    if len(alone) == 2:
        (x, made), (y, second) = alone
        targets = ", ".join(source.code(one.targets[0].target) for one in (made, second))
        edits = (
            source.replace(made.targets[0].target, targets),
            source.put(
                source.span(x.args[0])[0] + len(source.code(x.args[0].value)),
                f", {source.code(y.args[0].value)}",
            ),
            source.remove(source.statement(y)),
        )
        yield Change(name="align-labels", text="Split inputs and labels in one call.", edits=edits)


def _one_sample(source: Training) -> Iterator[Change]:
    """``x = frame[…].sample(frac=1)``, ``y = frame[…]``: the labels of the rows that were drawn."""
    drawn = [c for c in source.methods("sample") if source.argument(c, "frac") is not None]
    names = [source.target(c) for c in drawn]
    if len(drawn) != 1 or not names[0]:
        return
    root = _root(drawn[0])
    for node in source.all(cst.Assign):
        value = node.value
        if (
            isinstance(value, cst.Attribute | cst.Subscript)
            and _root(value) == root
            and source.line(node) > source.line(drawn[0])
        ):
            edit = source.put(source.span(value)[1], f".loc[{names[0]}.index]")
            yield Change(
                name="align-labels",
                text="Take the labels of the rows that were drawn, in their order.",
                edits=(edit,),
            )


def _one_order(source: Training) -> Iterator[Change]:
    """``a = permutation(n)`` and ``b = permutation(n)``: the first for both."""
    drawn = [
        (name, value)
        for name, pairs in source.assignments.items()
        for _, value in pairs
        if isinstance(value, cst.Call) and source.code(value.func).endswith(("permutation", "randperm"))
    ]
    for (first, one), (_, other) in itertools.pairwise(drawn):
        if source.code(one) == source.code(other) and source.line(one) < source.line(other):
            text = "Take inputs and labels by one permutation."
            yield Change(name="align-labels", text=text, edits=(source.replace(other, first),))


def _one_index(source: Training) -> Iterator[Change]:
    """``x[idx], y[other]`` side by side: labels, or else inputs, by the index of the other."""
    pairs = [
        (one.elements[0].value, one.elements[1].value)
        for one in source.all(cst.Tuple)
        if len(one.elements) == 2
    ]
    made = [node for node in source.all(cst.Assign) if isinstance(node.value, cst.Subscript)]
    pairs += [(a.value, b.value) for a, b in itertools.pairwise(made) if source.line(b) == source.line(a) + 1]
    for x, y in pairs:
        if isinstance(x, cst.Subscript) and isinstance(y, cst.Subscript) and source.loops(x):
            first, second = source.code(x.slice[0]), source.code(y.slice[0])
            if first != second and source.code(x.value) != source.code(y.value):
                text = "Take inputs and labels of a batch by one index."
                for cut, index in ((y, first), (x, second)):
                    edit = source.replace(cut.slice[0], index)
                    yield Change(name="align-labels", text=text, edits=(edit,))


def _turned(source: Training) -> Iterator[Change]:
    """``.flip(0)`` and ``.roll(1, 0)`` of one of the two."""
    for call in source.methods("flip", "roll"):
        if isinstance(call.func, cst.Attribute) and not source.loops(call):
            name = source.name(call)
            kept = call.args[0].value if name.startswith(("torch.", "numpy.")) else call.func.value
            text = "Leave the rows in their order."
            edit = source.replace(call, source.code(kept))
            yield Change(name="align-labels", text=text, edits=(edit,))


def _root(value: cst.CSTNode) -> str:
    """``frame`` in ``frame.drop(…).sample(…)`` and in ``frame["y"]``."""
    while isinstance(value, cst.Call | cst.Attribute | cst.Subscript):
        value = value.func if isinstance(value, cst.Call) else value.value
    return value.value if isinstance(value, cst.Name) else ""


def _left_alone(source: Training) -> Iterator[Change]:
    """``y = y[permutation]`` or ``y = sort(y)``, and nothing alike for the other: leave it out."""
    for node in source.all(cst.Assign):
        name = source.code(node.targets[0].target)
        called = {source.called(call) for call in source.inside(node.value, cst.Call)}
        called |= _order_of_its_own(source, node.value)
        inner = [n.value for n in source.inside(node.value, cst.Name)]
        statement = source.statement(node)
        is_of_itself = isinstance(node.targets[0].target, cst.Name) and name in inner
        if is_of_itself and called & set(REORDERS) and statement is not None and not source.loops(node):
            yield Change(
                name="align-labels",
                text=f"Leave {name} in the order of the rows it belongs to.",
                edits=(source.remove(statement),),
            )


def _order_of_its_own(source: Training, value: cst.BaseExpression) -> set[str]:
    """``x[order]`` where nothing else is taken by that order."""
    if not isinstance(value, cst.Subscript) or not isinstance(value.slice[0].slice, cst.Index):
        return set()
    by = source.code(value.slice[0])
    uses = [one for one in source.all(cst.Subscript) if by in source.code(one.slice[0])]
    made = source.assigned(by)
    if len(uses) != 1 or len(made) != 1:
        return set()
    return {source.called(c) for c in source.inside(made[0][1], cst.Call)}
