"""Put an activation between linear layers."""

from collections.abc import Iterator

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._head import activation
from netsitter.treat.source._reading import Edit
from netsitter.treat.source._training import Training

KNOB = Knob.ACTIVATION
CURES = ("no-nonlinearity", "underfitting", "plateau")
WEIGHTED = {"Linear", "Conv1d", "Conv2d", "Conv3d", "LazyLinear", "Bilinear"}
SOFT = {"BatchNorm1d", "BatchNorm2d", "LayerNorm"}

EXAMPLES = (
    ("no-nonlinearity", "import torch\nact = lambda x: x\n", "import torch\nact = torch.relu\n"),
    (
        "no-nonlinearity",
        "from torch import nn\ndef block(i, o):\n"
        "    return nn.Sequential(nn.Linear(i, o), nn.BatchNorm1d(o))\n"
        "net = nn.Sequential(block(2, 9), block(9, 9), nn.Linear(9, 2))\n",
        "from torch import nn\ndef block(i, o):\n"
        "    return nn.Sequential(nn.Linear(i, o), nn.BatchNorm1d(o), nn.ReLU())\n"
        "net = nn.Sequential(block(2, 9), block(9, 9), nn.Linear(9, 2))\n",
    ),
    (
        "no-nonlinearity",
        "from torch import nn\nact = nn.Identity()\n",
        "from torch import nn\nact = nn.ReLU()\n",
    ),
    (
        "no-nonlinearity",
        "from torch import nn\nnet = nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2))\n",
        "from torch import nn\nnet = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))\n",
    ),
    (
        "no-nonlinearity",
        "import torch\nfrom torch import nn\nclass Net(nn.Module):\n    def __init__(self):\n"
        "        self.a = nn.Linear(4, 3)\n"
        "        self.b = nn.Linear(3, 2)\n    def forward(self, x):\n        x = self.a(x)\n"
        "        return self.b(x)\n",
        "import torch\nfrom torch import nn\nclass Net(nn.Module):\n    def __init__(self):\n"
        "        self.a = nn.Linear(4, 3)\n"
        "        self.b = nn.Linear(3, 2)\n    def forward(self, x):\n"
        "        x = torch.relu(self.a(x))\n        return self.b(x)\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    for new in ("relu", "tanh"):
        places = (_in_sequentials, _in_forwards, _in_lists, _identities, _in_blocks)
        edits = [edit for place in places for edit in place(source, new)]
        if edits:
            yield Change(
                name="add-activation", text=f"Put a {new} after every hidden layer.", edits=tuple(edits)
            )


def _in_sequentials(source: Training, new: str) -> Iterator[Edit]:
    layer = source.spell({"relu": "torch.nn.ReLU", "tanh": "torch.nn.Tanh"}[new]) + "()"
    for sequential in source.sequentials:
        layers = source.layers(sequential)
        kinds = [source.layer_name(arg.value) for arg in layers]
        for place, kind in enumerate(kinds):
            after = next(
                (k for k in kinds[place + 1 :] if k not in SOFT and not k.startswith(("Dropout", "Flatten"))),
                None,
            )
            if kind in WEIGHTED and after in WEIGHTED:
                end = source.span(layers[place].value)[1]
                yield source.put(end, f", {layer}")


def _identities(source: Training, new: str) -> Iterator[Edit]:
    """Where an activation was left out by ``nn.Identity()``."""
    for call in source.calls("torch.nn.Identity"):
        yield source.replace(call.func, source.spell({"relu": "torch.nn.ReLU", "tanh": "torch.nn.Tanh"}[new]))
    for function in source.all(cst.Lambda):
        given = [p.name.value for p in function.params.params]
        if len(given) == 1 and source.code(function.body) == given[0]:
            yield source.replace(function, source.spell(f"torch.{new}"))


def _in_blocks(source: Training, new: str) -> Iterator[Edit]:
    """``return Sequential(Linear(…), BatchNorm1d(…))`` of a function that makes one block after another."""
    layer = source.spell({"relu": "torch.nn.ReLU", "tanh": "torch.nn.Tanh"}[new]) + "()"
    for sequential in source.sequentials:
        layers = source.layers(sequential)
        home = source.function(sequential)
        kinds = [source.layer_name(arg.value) for arg in layers]
        is_block = home is not None and len(source.callers(home)) + len(_mapped(source, home)) > 1
        if is_block and kinds[:1] and kinds[0] in WEIGHTED and set(kinds[1:]) <= SOFT:
            yield source.put(source.span(layers[-1])[1], f", {layer}")


def _mapped(source: Training, function: cst.FunctionDef) -> list[cst.Call]:
    """Calls in a comprehension stand for several."""
    return [c for c in source.callers(function) if any(True for _ in source.around(c, cst.BaseComp))]


def _in_lists(source: Training, new: str) -> Iterator[Edit]:
    """``layers.append(nn.Linear(a, b))`` in a loop, with no activation appended anywhere."""
    layer = source.spell({"relu": "torch.nn.ReLU", "tanh": "torch.nn.Tanh"}[new]) + "()"
    appends = [c for c in source.methods("append") if c.args and source.loops(c)]
    if any(activation(source, c.args[0].value) for c in appends):
        return
    for call in appends:
        statement = source.statement(call)
        if (
            source.layer_name(call.args[0].value) in WEIGHTED
            and statement is not None
            and "self" not in source.receiver(call)
        ):
            yield source.after(statement, f"{source.receiver(call)}.append({layer})")


def _in_forwards(source: Training, new: str) -> Iterator[Edit]:
    """Calls of ``self.layer`` whose result goes straight on, all but the last one of a forward."""
    function = source.spell(f"torch.{new}")
    for forward in source.forwards:
        calls = [c for c in source.inside(forward, cst.Call) if _is_layer(source, c)]
        calls.sort(key=lambda c: source.span(c)[1])
        for call in calls[:-1]:
            above = next((a for a in source.around(call, cst.Call) if source.is_inside(a, forward)), None)
            if above is None or above in calls:
                start, end = source.span(call)
                yield source.put(start, f"{function}(")
                yield source.put(end, ")")


def _is_layer(source: Training, call: cst.Call) -> bool:
    made = source.assigned(source.code(call.func))
    if len(made) == 1 and isinstance(made[0][1], cst.Call):
        return source.layer_name(made[0][1]) in WEIGHTED
    return len(made) > 1 and all(source.layer_name(value) in WEIGHTED for _, value in made)
