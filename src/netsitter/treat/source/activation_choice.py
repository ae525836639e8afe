"""Use hidden activations that let gradients through."""

from collections.abc import Iterator

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._head import ACTIVATIONS, activation, places
from netsitter.treat.source._reading import Edit
from netsitter.treat.source._training import Training

KNOB = Knob.ACTIVATION
CURES = (
    "vanishing-gradients",
    "saturated-units",
    "dead-units",
    "underfitting",
    "plateau",
    "init-too-small",
    "init-too-large",
    "not-learning",
    "lr-too-low",
)
FLAT = ("sigmoid", "tanh")
EXAMPLES = (
    (
        "vanishing-gradients",
        "from torch import nn\ndef mlp(sizes, act=nn.Sigmoid):\n    return [act() for _ in sizes]\n",
        "from torch import nn\ndef mlp(sizes, act=nn.ReLU):\n    return [act() for _ in sizes]\n",
    ),
    (
        "vanishing-gradients",
        "from torch import nn\nACTS = {'sigmoid': nn.Sigmoid, 'relu': nn.ReLU}\nnet = make(act='sigmoid')\n",
        "from torch import nn\nACTS = {'sigmoid': nn.Sigmoid, 'relu': nn.ReLU}\nnet = make(act='relu')\n",
    ),
    (
        "vanishing-gradients",
        "from torch import nn\nfor _ in range(9):\n    layers += [nn.Linear(4, 4), nn.Sigmoid()]\n"
        "layers.append(nn.Linear(4, 1))\n",
        "from torch import nn\nfor _ in range(9):\n    layers += [nn.Linear(4, 4), nn.ReLU()]\n"
        "layers.append(nn.Linear(4, 1))\n",
    ),
    (
        "dead-units",
        "import torch.nn.functional as F\nclass Net(M):\n    def forward(self, x):\n"
        "        x = F.relu(self.a(x))\n        return self.b(x)\n",
        "import torch.nn.functional as F\nclass Net(M):\n    def forward(self, x):\n"
        "        x = F.leaky_relu(self.a(x))\n        return self.b(x)\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    of, into = (
        (("relu",), ("leaky_relu", "elu")) if case.illness == "dead-units" else (FLAT, ("relu", "leaky_relu"))
    )
    for new in into:
        edits = list(_swaps(source, of, new))
        if edits:
            text = f"Use {ACTIVATIONS[new]} in the hidden layers instead of {' and '.join(of)}."
            yield Change(name="swap-activation", text=text, edits=tuple(edits))


def _swaps(source: Training, of: tuple[str, ...], new: str) -> Iterator[Edit]:
    """Every hidden use, the network's last activation left as it is."""
    last = {edit.start for place in places(source) for edit in place.become("relu")}
    module = source.spell(f"torch.nn.{ACTIVATIONS[new]}")
    function = source.spell(f"torch.nn.functional.{new}")
    for call in source.all(cst.Call):
        kind = activation(source, call)
        if kind not in of or source.span(call)[0] in last or source.is_evaluation(call):
            continue
        name = source.name(call)
        short = name.rpartition(".")[2]
        home = source.function(call)
        if name.startswith("torch.nn.") and short[:1].isupper():
            yield source.replace(call, f"{module}()")
            continue
        is_hidden = home in source.forwards or (home is not None and not source.in_training(call))
        if is_hidden and name.startswith("torch") and call.args:
            yield source.replace(call.func, function)
    for name, pairs in source.assignments.items():
        for _, value in pairs:
            if (
                isinstance(value, cst.Attribute)
                and source.name(value) in {f"torch.nn.{ACTIVATIONS[kind]}" for kind in of}
                and name
            ):
                yield source.replace(value, module)
    yield from _referred(source, of, module, new)
    for rnn in source.calls("torch.nn.RNN"):
        given = source.argument(rnn, "nonlinearity")
        if given is not None and new == "relu" and "tanh" in source.code(given.value):
            yield source.replace(given.value, '"relu"')


def _referred(source: Training, of: tuple[str, ...], module: str, new: str) -> Iterator[Edit]:
    """An activation that is handed on uncalled: by a parameter, or by its key in a table of them."""
    classes = {f"torch.nn.{ACTIVATIONS[kind]}" for kind in of} | {
        f"torch.nn.functional.{kind}" for kind in of
    }
    wanted = {f"torch.nn.{ACTIVATIONS[new]}", f"torch.nn.functional.{new}", f"torch.{new}"}
    for node in source.all(cst.Attribute):
        if source.name(node) not in classes | {f"torch.{kind}" for kind in of}:
            continue
        above = source.parent(node)
        is_class = source.name(node).rpartition(".")[2][:1].isupper()
        if isinstance(above, cst.Param) or (isinstance(above, cst.Arg) and not _is_torch(source, above)):
            yield source.replace(node, module if is_class else source.spell(f"torch.nn.functional.{new}"))
        elif isinstance(above, cst.DictElement):
            yield from _by_key(source, above, wanted)


def _is_torch(source: Training, arg: cst.Arg) -> bool:
    call = source.parent(arg)
    return isinstance(call, cst.Call) and source.name(call).startswith("torch.")


def _by_key(source: Training, entry: cst.DictElement, wanted: set[str]) -> Iterator[Edit]:
    """The key of a better one in the same table, where the table is asked for this one."""
    table = source.parent(entry)
    others = (
        [e for e in table.elements if isinstance(e, cst.DictElement)] if isinstance(table, cst.Dict) else []
    )
    better = next((e for e in others if source.name(e.value) in wanted), None)
    asked = [
        s
        for s in source.all(cst.SimpleString)
        if s.value.strip("'\"") == source.code(entry.key).strip("'\"") and s is not entry.key
    ]
    if better is not None and len(asked) == 1:
        yield source.replace(asked[0], source.code(better.key))
