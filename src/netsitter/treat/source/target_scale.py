"""Bring a regression target to mean 0 and standard deviation 1."""

from collections.abc import Iterator
from typing import Any

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._feeds import Feed, insertion, targets
from netsitter.treat.source._training import Training

KNOB = Knob.DATA_SCALE
CURES = (
    "unscaled-target",
    "bad-initial-loss",
    "exploding-gradients",
    "non-finite-loss",
    "lr-too-low",
    "lr-too-high",
    "not-learning",
    "underfitting",
    "worse-than-baseline",
    "output-activation",
)
REGRESSIONS = {"mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"}

EXAMPLES = (
    (
        "unscaled-target",
        "import torch\ny = torch.tensor(rows)\nloss = torch.nn.functional.mse_loss(net(x), y)\n"
        "loss.backward()\n",
        "import torch\ny = torch.tensor(rows)\ntarget_mean, target_std = y.mean(), y.std()\n"
        "y = (y - target_mean) / target_std\n"
        "loss = torch.nn.functional.mse_loss(net(x), y)\nloss.backward()\n",
    ),
    (
        "unscaled-target",
        "import torch\ny = torch.tensor(rows)\nnet = Net()\nopt = torch.optim.SGD(net.parameters())\n"
        "loss = torch.nn.functional.mse_loss(net(x), y)\nloss.backward()\n",
        "import torch\ny = torch.tensor(rows)\nnet = Net()\ntarget_mean, target_std = y.mean(), y.std()\n"
        "net.register_forward_hook(lambda module, given, output: output * target_std + target_mean)\n"
        "opt = torch.optim.SGD(net.parameters())\n"
        "loss = torch.nn.functional.mse_loss(net(x), y)\n(loss / target_std**2).backward()\n",
    ),
    (
        "unscaled-target",
        "import torch\nnet = Net()\nopt = torch.optim.SGD(net.parameters())\nfor e in range(9):\n"
        "    for x, y in loader:\n        loss = torch.nn.functional.mse_loss(net(x), y)\n"
        "        loss.backward()\n",
        "import torch\nnet = Net()\nopt = torch.optim.SGD(net.parameters())\n"
        "target_rows = torch.cat([target for _, target in loader]).float()\n"
        "target_mean, target_std = target_rows.mean(), target_rows.std()\n"
        "net.register_forward_hook(lambda module, given, output: output * target_std + target_mean)\n"
        "for e in range(9):\n    for x, y in loader:\n"
        "        loss = torch.nn.functional.mse_loss(net(x), y)\n        (loss / target_std**2).backward()\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    kinds = {loss.get("name") for loss in case.facts.get("losses") or ()}
    if kinds and not kinds & (REGRESSIONS | {"custom"}):
        return
    feeds = targets(source)
    place = insertion(source, feeds)
    if place is None:
        yield from _from_loader(source)
        return
    rows, mean, std = feeds[0].rows, source.fresh("target_mean"), source.fresh("target_std")
    measured = f"{mean}, {std} = {rows}.mean(), {rows}.std()"
    yield from _in_the_network(source, feeds, (measured, mean, std))
    lines = [measured, *(f"{feed.name} = ({feed.name} - {mean}) / {std}" for feed in feeds)]
    yield Change(
        name="standardise-target",
        text="Bring the target to mean 0 and standard deviation 1, and undo that on predictions.",
        edits=(source.after(place, *lines),),
        distorts=("loss", "error"),
    )


def _from_loader(source: Training) -> Iterator[Change]:
    """Targets that only the batches of ``for x, y in loader`` hold: measured over all of them."""
    if len(source.backwards) != 1 or len(source.models) != 1:
        return
    backward, loops = source.backwards[0], source.loops(source.backwards[0])
    batch: Any = loops[0] if loops else None
    if not isinstance(batch, cst.For) or not isinstance(batch.iter, cst.Name):
        return
    made = isinstance(batch.target, cst.Tuple) and len(batch.target.elements) == 2
    if (
        not made
        or not isinstance(backward.func, cst.Attribute)
        or source.statement(loops[-1]) is not loops[-1]
    ):
        return
    mean, std, all_of = (source.fresh(f"target_{word}") for word in ("mean", "std", "rows"))
    lines = (
        f"{all_of} = {source.spell('torch.cat')}([target for _, target in {batch.iter.value}]).float()",
        f"{mean}, {std} = {all_of}.mean(), {all_of}.std()",
        f"{source.models[0]}.register_forward_hook(lambda module, given, output: output * {std} + {mean})",
    )
    unit = f"{std}**2" if any(loss.kind == "mse_loss" for loss in source.losses) else std
    value = backward.func.value
    yield Change(
        name="standardise-target",
        text=f"Bring the network's output to the target's scale: times {std}, plus {mean}.",
        edits=(
            source.before(loops[-1], *lines),
            source.replace(value, f"({source.code(value)} / {unit})"),
        ),
    )


def _in_the_network(source: Training, feeds: list[Feed], scale: tuple[str, str, str]) -> Iterator[Change]:
    """The network's output is brought to the target's scale, so that every number keeps its unit.

    With ``backward`` from a squared error over the variance, or an absolute error over the deviation, it
    is the training on a standardised target, whatever the optimiser; Adam does not see the factor.
    """
    measured, mean, std = scale
    made = _made(source, source.models[0]) if len(source.models) == 1 else None
    if made is None or len(source.backwards) != 1:
        return
    name, statement = made
    place = max(statement, insertion(source, feeds), key=source.line)
    if source.parent(statement) is not source.parent(place):
        return
    hook = f"{name}.register_forward_hook(lambda module, given, output: output * {std} + {mean})"
    text = f"Bring the network's output to the target's scale: times {std}, plus {mean}."
    edits = (source.after(place, measured, hook),)
    backward = source.backwards[0]
    is_global = isinstance(source.parent(place), cst.Module)
    if isinstance(backward.func, cst.Attribute) and (
        is_global or source.function(place) is source.function(backward)
    ):
        unit = f"{std}**2" if any(loss.kind == "mse_loss" for loss in source.losses) else std
        scaled = f"({source.code(backward.func.value)} / {unit})"
        yield Change(
            name="standardise-target",
            text=text,
            edits=(*edits, source.replace(backward.func.value, scaled)),
        )
    yield Change(name="standardise-target", text=text, edits=edits)


def _made(source: Training, model: str) -> tuple[str, Any] | None:
    """Name and only statement that makes the network whose parameters the optimiser is given.

    Of a function's argument, it is what its only caller passes.
    """
    home = next((source.function(made) for made in source.optimizers), None)
    names = [p.name.value for p in home.params.params] if home is not None else []
    if home is not None and model in names:
        place = names.index(model) - (names[:1] == ["self"])
        calls = source.callers(home)
        if len(calls) != 1 or place >= len(calls[0].args) or calls[0].args[place].keyword:
            return None
        model = source.code(calls[0].args[place].value)
    makers = [source.statement(s) for s, _ in source.assigned(model)]
    return (model, makers[0]) if len(makers) == 1 and makers[0] is not None else None
