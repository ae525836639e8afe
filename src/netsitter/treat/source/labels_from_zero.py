"""Count classes from 0, as the loss functions do."""

from collections.abc import Iterator

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._feeds import insertion, targets
from netsitter.treat.source._reading import number
from netsitter.treat.source._training import Training

KNOB = Knob.DATA
CURES = ("target-out-of-range", "wrong-output-size")

EXAMPLES = (
    ("target-out-of-range", "y = load()\ny = y + 1\n", "y = load()\n"),
    (
        "target-out-of-range",
        "import torch\ny = torch.tensor(rows)\nf = torch.nn.BCEWithLogitsLoss()\nf(net(x), y).backward()\n",
        "import torch\ny = torch.tensor(rows)\ny = y - y.min()\nf = torch.nn.BCEWithLogitsLoss()\n"
        "f(net(x), y).backward()\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    for node in source.all(cst.Assign):
        value, name = node.value, source.code(node.targets[0].target)
        is_moved = (
            isinstance(value, cst.BinaryOperation)
            and isinstance(value.operator, cst.Add)
            and source.code(value.left) == name
            and number(source.code(value.right)) == 1
        )
        statement = source.statement(node)
        if is_moved and statement is not None and not source.loops(node):
            text = f"Leave {name} counted from 0."
            yield Change(name="labels-from-zero", text=text, edits=(source.remove(statement),))
    feeds = targets(source)
    place = insertion(source, feeds)
    if place is not None:
        lines = [f"{feed.name} = {feed.name} - {feed.name}.min()" for feed in feeds]
        text = "Count the classes from 0, as the loss function does."
        yield Change(name="labels-from-zero", text=text, edits=(source.after(place, *lines),))
