"""Take the row that is asked for: a data set that leaves its index out gives the same one each time."""

from collections.abc import Iterator

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._reading import number
from netsitter.treat.source._training import Training

KNOB = Knob.DATA
CURES = ("constant-input", "labels-misaligned", "constant-target")

EXAMPLES = (
    (
        "labels-misaligned",
        "class Rows(Dataset):\n    def __getitem__(self, i):\n        return self.x[i], self.y[i + 1]\n",
        "class Rows(Dataset):\n    def __getitem__(self, i):\n        return self.x[i], self.y[i]\n",
    ),
    (
        "constant-input",
        "class Rows(Dataset):\n    def __getitem__(self, i):\n        return self.x[0], self.y[i]\n",
        "class Rows(Dataset):\n    def __getitem__(self, i):\n        return self.x[i], self.y[i]\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    for getter in source.all(cst.FunctionDef):
        names = [p.name.value for p in getter.params.params]
        if getter.name.value != "__getitem__" or len(names) != 2:
            continue
        beside = tuple(
            source.replace(one, names[1])
            for one in source.inside(getter, cst.BinaryOperation)
            if source.code(one.left) == names[1]
            and isinstance(one.operator, cst.Add | cst.Subtract)
            and number(source.code(one.right)) is not None
        )
        if beside:
            text = "Take the label of the row that is asked for, not that of its neighbour."
            yield Change(name="use-the-index", text=text, edits=beside)
        edits = tuple(
            source.replace(one.slice[0], names[1])
            for one in source.inside(getter, cst.Subscript)
            if source.code(one.value).startswith("self.")
            and len(one.slice) == 1
            and number(source.code(one.slice[0])) is not None
        )
        if edits:
            text = "Take the row that is asked for, not the same one each time."
            yield Change(name="use-the-index", text=text, edits=edits)
