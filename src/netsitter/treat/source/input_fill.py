"""Fill missing inputs with the column's mean."""

from collections.abc import Iterator

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._feeds import inputs, insertion, targets
from netsitter.treat.source._training import Training

KNOB = Knob.DATA
CURES = ("non-finite-input", "non-finite-loss")

EXAMPLES = (
    (
        "non-finite-input",
        "x = (frame - 1).to_numpy(float)\n",
        "x = (frame - 1).fillna((frame - 1).mean()).to_numpy(float)\n",
    ),
    (
        "non-finite-input",
        "import torch\nX = torch.tensor(rows)\nnet = torch.nn.Linear(2, 1)\n"
        "opt = torch.optim.SGD(net.parameters())\nout = net(X)\n",
        "import torch\nX = torch.tensor(rows)\n"
        "X = torch.where(torch.isfinite(X), X, torch.nanmean(X, 0).nan_to_num(0, 0, 0))\n"
        "net = torch.nn.Linear(2, 1)\nopt = torch.optim.SGD(net.parameters())\nout = net(X)\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    where, finite, mean = (source.spell(f"torch.{name}") for name in ("where", "isfinite", "nanmean"))
    feeds = inputs(source)
    place = insertion(source, feeds)
    if place is not None:
        means = f"{mean}({feeds[0].rows}, 0).nan_to_num(0, 0, 0)"
        lines = [f"{f.name} = {where}({finite}({f.name}), {f.name}, {means})" for f in reversed(feeds)]
        text = "Fill missing inputs with the mean of their column."
        yield Change(name="fill-missing", text=text, edits=(source.after(place, *lines),))
    both = feeds[:1] + targets(source)[:1]
    place = insertion(source, both)
    if place is not None and len(both) == 2 and both[0].name != both[1].name:
        x, y = (feed.name for feed in both)
        kept = source.fresh("complete")
        lines = [
            f"{kept} = {finite}({x}.flatten(1)).all(1) & {finite}({y}.reshape(len({y}), -1)).all(1)",
            f"{x}, {y} = {x}[{kept}], {y}[{kept}]",
        ]
        text = "Drop rows with missing values."
        yield Change(name="fill-missing", text=text, edits=(source.after(place, *lines),))
    for frame in source.methods("to_numpy"):
        name = source.receiver(frame)
        if isinstance(frame.func, cst.Attribute) and isinstance(frame.func.value, cst.BinaryOperation):
            name = f"({name})"
        given = ", ".join(source.code(arg) for arg in frame.args)
        edit = source.replace(frame, f"{name}.fillna({name}.mean()).to_numpy({given})")
        text = "Fill missing cells with the mean of their column."
        yield Change(name="fill-missing", text=text, edits=(edit,))
