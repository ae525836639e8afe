"""Bring inputs to mean 0 and standard deviation 1."""

from collections.abc import Iterator
from typing import Any

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._feeds import Feed, inputs, insertion, targets
from netsitter.treat.source._reading import Edit
from netsitter.treat.source._training import Training

KNOB = Knob.DATA_SCALE
CURES = (
    "unscaled-inputs",
    "bad-initial-loss",
    "saturated-units",
    "init-too-large",
    "exploding-gradients",
    "non-finite-loss",
    "dead-units",
    "constant-output",
    "not-learning",
    "worse-than-baseline",
    "plateau",
    "lr-too-high",
    "lr-too-low",
    "underfitting",
    "constant-input",
)

EXAMPLES = (
    (
        "unscaled-inputs",
        "import torch\nx = torch.linspace(-9, 9, 99)\ny = x**2\nnet = torch.nn.Sequential()\n"
        "loss = torch.nn.functional.mse_loss(net(x), y)\nloss.backward()\n",
        "import torch\nx = torch.linspace(-9, 9, 99)\ny = x**2\n"
        "input_mean, input_std = x.double().mean(0), x.double().std(0)\n"
        "input_std[input_std <= 1e-9 * input_mean.abs() + 1e-12] = 1.0\n"
        "x = ((x - input_mean) / input_std).float()\nnet = torch.nn.Sequential()\n"
        "loss = torch.nn.functional.mse_loss(net(x), y)\nloss.backward()\n",
    ),
    (
        "unscaled-inputs",
        "import torch\nX, T = split(rows)\nt = torch.utils.data.TensorDataset(torch.tensor(X))\n"
        "net = torch.nn.Sequential()\nv = torch.tensor(T)\nprint(net(v))\n",
        "import torch\nX, T = split(rows)\ninput_mean, input_std = X.mean(0), X.std(0)\n"
        "input_std[input_std <= 1e-9 * abs(input_mean) + 1e-12] = 1.0\n"
        'X = ((X - input_mean) / input_std).astype("float32")\n'
        "t = torch.utils.data.TensorDataset(torch.tensor(X))\nnet = torch.nn.Sequential()\n"
        "v = torch.tensor(T)\nv = ((v - input_mean) / input_std).float()\nprint(net(v))\n",
    ),
    (
        "unscaled-inputs",
        "import torch\nnet = torch.nn.Linear(2, 1)\nX = torch.tensor(rows)\n"
        "opt = torch.optim.SGD(net.parameters())\n"
        "for i in order:\n    f(net(X[i])).backward()\n",
        "import torch\nnet = torch.nn.Linear(2, 1)\nX = torch.tensor(rows)\n"
        "input_mean, input_std = X.double().mean(0), X.double().std(0)\n"
        "input_std[input_std <= 1e-9 * input_mean.abs() + 1e-12] = 1.0\n"
        "X = ((X - input_mean) / input_std).float()\n"
        "opt = torch.optim.SGD(net.parameters())\n"
        "for i in order:\n    f(net(X[i])).backward()\n",
    ),
    (
        "unscaled-inputs",
        "import torch\nX, y = load_wine(return_X_y=True)\n"
        "rows = torch.utils.data.TensorDataset(torch.tensor(X, dtype=torch.float32), torch.tensor(y))\n"
        "net = torch.nn.Linear(13, 3)\n",
        "import torch\nX, y = load_wine(return_X_y=True)\n"
        "input_mean, input_std = X.mean(0), X.std(0)\n"
        "input_std[input_std <= 1e-9 * abs(input_mean) + 1e-12] = 1.0\n"
        'X = ((X - input_mean) / input_std).astype("float32")\n'
        "rows = torch.utils.data.TensorDataset(torch.tensor(X, dtype=torch.float32), torch.tensor(y))\n"
        "net = torch.nn.Linear(13, 3)\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    feeds = inputs(source)
    if insertion(source, feeds) is None:
        # Rows that are made elsewhere are drawn from the data set, or a trial will tell.
        feeds = feeds[:1]
    is_image = len(case.facts.get("input_shape") or ()) > 2
    if insertion(source, feeds) is not None:
        text = f"Bring the inputs to mean 0 and standard deviation 1, as measured on {feeds[0].rows}."
        for axis in ("", "0") if is_image else ("0", ""):
            yield Change(name="standardise-inputs", text=text, edits=_scaled(source, feeds, axis))
    yield from _inside(source, case)


def _scaled(source: Training, feeds: list[Feed], axis: str) -> tuple[Edit, ...]:
    """Measured where the first is made, over all rows of each column or over everything; each then scaled
    where it is made, before it is used."""
    mean, std = source.fresh("input_mean"), source.fresh("input_std")
    is_array = feeds[0].is_array
    rows = feeds[0].rows if is_array else f"{feeds[0].rows}.double()"
    measured = [f"{mean}, {std} = {rows}.mean({axis}), {rows}.std({axis})"]
    if axis:
        size = f"abs({mean})" if is_array else f"{mean}.abs()"
        measured.append(f"{std}[{std} <= 1e-9 * {size} + 1e-12] = 1.0")
    first = _made(source, feeds[0])
    places: dict[int, tuple[Any, list[str]]] = {id(first): (first, measured)}
    for feed in feeds:
        at = max(_made(source, feed), first, key=source.line)
        cast = '.astype("float32")' if feed.is_array else ".float()"
        line = f"{feed.name} = (({feed.name} - {mean}) / {std}){cast}"
        places.setdefault(id(at), (at, []))[1].append(line)
    return tuple(source.after(statement, *lines) for statement, lines in places.values())


def _made(source: Training, feed: Feed) -> Any:
    """Where inputs are made, and with them what targets are computed from: ``y = x**2`` is of x as it was."""
    own = source.statement(feed.statement)
    names = {one.name for one in targets(source)} - {feed.name}
    for _ in range(4):
        names |= {
            inner.value
            for name in names
            for _, value in source.assigned(name)
            for inner in source.inside(value, cst.Name)
        } - {feed.name}
    computed = [
        source.statement(made)
        for name in names
        for made, value in source.assigned(name)
        if feed.name in {inner.value for inner in source.inside(value, cst.Name)}
        and source.parent(source.statement(made)) is source.parent(own)
    ]
    return max([own, *(one for one in computed if one is not None)], key=source.line)


def _takes(source: Training, layer: cst.Arg, width: int) -> bool:
    """Whether a layer takes so many columns or channels."""
    made = layer.value
    wide = source.figure(made.args[0]) if isinstance(made, cst.Call) and made.args else None
    return source.layer_name(made) in ("Linear", "Conv2d") and wide is not None and wide.value == width


def _inside(source: Training, case: Case) -> Iterator[Change]:
    """As the first layer of the network: a batch norm that learns nothing."""
    shape = list(case.facts.get("input_shape") or ())
    kind = {2: "BatchNorm1d", 4: "BatchNorm2d"}.get(len(shape))
    if kind is None:
        return
    layer = f"{source.spell('torch.nn')}.{kind}({shape[1]}, affine=False)"
    text = "Standardise inputs in the network's first layer."
    for sequential in source.sequentials:
        layers = source.layers(sequential)
        if layers and (source.target(sequential) in source.models or _takes(source, layers[0], shape[1])):
            start = source.span(layers[0])[0]
            yield Change(name="standardise-inputs", text=text, edits=(source.put(start, f"{layer}, "),))
    for forward in source.forwards:
        owner = next(source.around(forward, cst.ClassDef))
        made = [
            source.code(v.func)
            for m in source.models
            for _, v in source.assigned(m)
            if isinstance(v, cst.Call)
        ]
        starts = [c for c in source.methods("__init__") if source.is_inside(c, owner)]
        has_lines = isinstance(forward.body, cst.IndentedBlock)
        if owner.name.value not in made or not starts or len(forward.params.params) != 2 or not has_lines:
            continue
        given = forward.params.params[1].name.value
        edits = (
            source.after(source.statement(starts[0]), f"self.standardise = {layer}"),
            source.before(forward.body.body[0], f"{given} = self.standardise({given})"),
        )
        yield Change(name="standardise-inputs", text=text, edits=edits)
