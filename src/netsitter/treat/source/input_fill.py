"""Fill missing inputs with the column's mean."""

from collections.abc import Iterator

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._feeds import inputs, insertion, targets
from netsitter.treat.source._training import Training

KNOB = Knob.DATA
CURES = ("non-finite-input", "non-finite-loss")

EXAMPLES = (
    (
        "non-finite-input",
        "import torch\nX = torch.tensor(rows)\nnet = torch.nn.Linear(2, 1)\nopt = torch.optim.SGD(net.parameters())\nout = net(X)\n",
        "import torch\nX = torch.tensor(rows)\nX = torch.where(torch.isfinite(X), X, torch.nanmean(X, 0).nan_to_num(0, 0, 0))\n"
        "net = torch.nn.Linear(2, 1)\nopt = torch.optim.SGD(net.parameters())\nout = net(X)\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    where = source.spell("torch.where"), source.spell("torch.isfinite"), source.spell("torch.nanmean")
    feeds = inputs(source)
    place = insertion(source, feeds)
    if place is not None:
        lines = [
            f"{feed.name} = {where[0]}({where[1]}({feed.name}), {feed.name}, {where[2]}({feeds[0].rows}, 0).nan_to_num(0, 0, 0))"
            for feed in reversed(feeds)
        ]
        yield Change(name="fill-missing", text="Fill missing inputs with the mean of their column.", edits=(source.after(place, *lines),))
    both = feeds[:1] + targets(source)[:1]
    place = insertion(source, both)
    if place is not None and len(both) == 2 and both[0].name != both[1].name:
        x, y = (feed.name for feed in both)
        lines = [
            f"complete = {where[1]}({x}.flatten(1)).all(1) & {where[1]}({y}.float().flatten(1) if {y}.dim() > 1 else {y}.float().unsqueeze(1)).all(1)",
            f"{x}, {y} = {x}[complete], {y}[complete]",
        ]
        yield Change(name="fill-missing", text="Drop rows with missing values.", edits=(source.after(place, *lines),))
    for frame in source.methods("to_numpy"):
        edit = source.replace(frame, f"{source.receiver(frame)}.fillna({source.receiver(frame)}.mean()).to_numpy()")
        yield Change(name="fill-missing", text="Fill missing cells with the mean of their column.", edits=(edit,))
