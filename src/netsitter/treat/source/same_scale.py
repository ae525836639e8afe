"""Scale the rows that judge as the rows that teach, where only these are scaled, or by another function."""

from collections.abc import Iterator
from typing import Any

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._feeds import targets
from netsitter.treat.source._reading import Edit
from netsitter.treat.source._training import Training

KNOB = Knob.DATA
CURES = ("drift", "overfitting", "noisy-validation")
SPLITS = ("sklearn.model_selection.train_test_split", "sklearn.model_selection._split.train_test_split")
SCALES = (cst.Subtract, cst.Divide, cst.Multiply)
TEXT = "Scale the validation rows by the numbers of the training rows, as these are."

EXAMPLES = (
    (
        "drift",
        "from sklearn.model_selection import train_test_split\n"
        "a, b, c, d = train_test_split(x, y)\na = scaler.fit_transform(a)\nb = list(b)\n",
        "from sklearn.model_selection import train_test_split\n"
        "a, b, c, d = train_test_split(x, y)\na = scaler.fit_transform(a)\nb = scaler.transform(b)\n"
        "b = list(b)\n",
    ),
    (
        "drift",
        "a, b = x[:80], x[80:]\na, b = T(scaler.fit_transform(a)), T(b)\n",
        "a, b = x[:80], x[80:]\na, b = T(scaler.fit_transform(a)), T(scaler.transform(b))\n",
    ),
    (
        "drift",
        "a = x[rows]\nb = x[others]\na = (a - a.mean(0)) / a.std(0)\n",
        "a = x[rows]\nb = x[others]\nb = (b - a.mean(0)) / a.std(0)\na = (a - a.mean(0)) / a.std(0)\n",
    ),
    ("drift", "a, b = x[:9], x[9:]\na /= 255\n", "a, b = x[:9], x[9:]\nb /= 255\na /= 255\n"),
    (
        "drift",
        "class Rows(Dataset):\n    pass\ntrain = Rows('train', transform=scaled)\nval = Rows('val')\n",
        "class Rows(Dataset):\n    pass\ntrain = Rows('train', transform=scaled)\n"
        "val = Rows('val', transform=scaled)\n",
    ),
    (
        "drift",
        "class Rows(Dataset):\n    pass\ndef f(x):\n    return x / 16\ndef g(x):\n    return x / 255\n"
        "train, val = Rows(1, f), Rows(2, g)\n",
        "class Rows(Dataset):\n    pass\ndef f(x):\n    return x / 16\ndef g(x):\n    return x / 255\n"
        "train, val = Rows(1, f), Rows(2, f)\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    for edit in (*_by_scaler(source), *_by_arithmetic(source), *_by_data_set(source)):
        yield Change(name="same-preparation", text=TEXT, edits=(edit,))


def _by_scaler(source: Training) -> Iterator[Edit]:
    """``scaler.fit_transform(train)`` with no ``scaler.transform(…)`` of the others."""
    for call in source.methods("fit_transform"):
        scaler, statement = source.receiver(call), source.statement(call)
        used = any(source.receiver(other) == scaler for other in source.methods("transform"))
        if used or statement is None or not call.args:
            continue
        for other in _others(source, call.args[0].value, statement):
            scaled = f"{scaler}.transform({other})"
            beside = [n for n in source.inside(_value(statement), cst.Name) if n.value == other]
            if beside:
                yield source.replace(beside[0], scaled)
            else:
                yield source.after(statement, f"{other} = {scaled}")


def _by_arithmetic(source: Training) -> Iterator[Edit]:
    """``train = (train - mean) / std``, or ``train /= 255``, and nothing for the others."""
    for node in source.all(cst.Assign):
        first = node.value
        while isinstance(first, cst.BinaryOperation) and isinstance(first.operator, SCALES):
            first = first.left
        is_scaled = first is not node.value and isinstance(first, cst.Name)
        if is_scaled and len(node.targets) == 1 and source.code(node.targets[0].target) == source.code(first):
            begin, (start, end) = source.span(node.value)[0], source.span(first)
            whole = source.code(node.value)
            for other in _others(source, first, node):
                text = whole[: start - begin] + other + whole[end - begin :]
                yield source.before(source.statement(node), f"{other} = {text}")
    for node in source.all(cst.AugAssign):
        if isinstance(node.operator, cst.DivideAssign | cst.SubtractAssign | cst.MultiplyAssign):
            target = source.code(node.target)
            for other in _others(source, node.target, node):
                text = other + source.code(node)[len(target) :]
                yield source.before(source.statement(node), text)


def _by_data_set(source: Training) -> Iterator[Edit]:
    """Two data sets of one class that are given functions of their own for their rows."""
    classes = {made.name.value for made in source.all(cst.ClassDef)}
    calls = [c for c in source.all(cst.Call) if isinstance(c.func, cst.Name) and c.func.value in classes]
    for index, call in enumerate(calls):
        for place, given in enumerate(call.args):
            if not _is_function(source, given):
                continue
            keyword = given.keyword.value if given.keyword else ""
            for other in calls[index + 1 :]:
                theirs = source.argument(other, keyword, None if keyword else place)
                same_class = source.code(other.func) == source.code(call.func)
                if not same_class or (theirs is not None and source.code(theirs) == source.code(given)):
                    continue
                if theirs is not None:
                    yield source.replace(theirs.value, source.code(given.value))
                elif keyword or len(other.args) == place:
                    end = source.span(other)[1] - 1
                    yield source.put(end, (", " if other.args else "") + source.code(given))


def _is_function(source: Training, given: cst.Arg) -> bool:
    """Whether an argument is what is done to a row, never the rows themselves."""
    if isinstance(given.value, cst.Lambda) or (given.keyword and "transform" in given.keyword.value):
        return True
    return any(f.name.value == source.code(given.value) for f in source.all(cst.FunctionDef))


def _others(source: Training, rows: cst.CSTNode, user: cst.CSTNode) -> list[str]:
    """Variables with the other rows of the same inputs, which nothing scales."""
    name, line = source.code(rows), source.line(user)
    found: list[str] = []
    if name in [feed.name for feed in targets(source)]:
        return found
    for call in source.calls(*SPLITS):
        made = source.parent(call)
        if isinstance(made, cst.Assign) and isinstance(made.targets[0].target, cst.Tuple):
            names = [source.code(one.value) for one in made.targets[0].target.elements]
            if name in names[::2]:
                found += names[names.index(name) + 1 :][:1]
    mine = [value for _, value in source.assigned(name) if isinstance(value, cst.Subscript)]
    for other, pairs in source.assignments.items():
        cut: Any = pairs[0][1]
        if other != name and mine and isinstance(cut, cst.Subscript) and source.line(pairs[0][0]) < line:
            is_same = source.code(cut.value) == source.code(mine[0].value)
            if is_same and source.code(cut) != source.code(mine[0]):
                found.append(other)
    return [other for other in found if not _is_scaled(source, other)]


def _is_scaled(source: Training, name: str) -> bool:
    made = [value for _, value in source.assigned(name)]
    scaled = [one for one in made if isinstance(one, cst.BinaryOperation)]
    divided = [node for node in source.all(cst.AugAssign) if source.code(node.target) == name]
    return bool(scaled or divided)


def _value(statement: Any) -> Any:
    """The right side of an assignment."""
    inner = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else statement
    return inner.value if isinstance(inner, cst.Assign) else statement
