"""Keep layers where PyTorch sees them: in nn.ModuleList, not in a list."""

from collections.abc import Iterator

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._reading import Edit
from netsitter.treat.source._training import Training

KNOB = Knob.WIRING
CURES = ("params-not-in-optimizer", "frozen-params", "underfitting")

DRAWN = ("torch.randn", "torch.rand", "torch.zeros", "torch.ones", "torch.empty", "torch.full")

EXAMPLES = (
    (
        "params-not-in-optimizer",
        "import torch\nclass Net(M):\n    def __init__(self):\n"
        "        self.w = torch.randn(3, 4, requires_grad=True)\n",
        "import torch\nclass Net(M):\n    def __init__(self):\n"
        "        self.w = torch.nn.Parameter(torch.randn(3, 4))\n",
    ),
    (
        "params-not-in-optimizer",
        "from torch import nn\nclass Net(nn.Module):\n    def __init__(self):\n        parts = []\n"
        "        parts.append(nn.Linear(2, 2))\n        self.parts = parts\n",
        "from torch import nn\nclass Net(nn.Module):\n    def __init__(self):\n        parts = []\n"
        "        parts.append(nn.Linear(2, 2))\n        self.parts = nn.ModuleList(parts)\n",
    ),
    (
        "params-not-in-optimizer",
        "from torch import nn\ndef part(n):\n    return nn.Sequential(nn.Linear(n, 2), nn.ReLU())\n"
        "class Net(nn.Module):\n    def __init__(self):\n"
        "        self.parts = tuple(part(n) for n in sizes)\n",
        "from torch import nn\ndef part(n):\n    return nn.Sequential(nn.Linear(n, 2), nn.ReLU())\n"
        "class Net(nn.Module):\n    def __init__(self):\n"
        "        self.parts = nn.ModuleList(tuple(part(n) for n in sizes))\n",
    ),
    (
        "params-not-in-optimizer",
        "from torch import nn\nclass Net(nn.Module):\n    def __init__(self):\n"
        "        self.hidden = []\n        self.hidden.append(nn.Linear(2, 2))\n",
        "from torch import nn\nclass Net(nn.Module):\n    def __init__(self):\n"
        "        self.hidden = nn.ModuleList()\n        self.hidden.append(nn.Linear(2, 2))\n",
    ),
    (
        "params-not-in-optimizer",
        "from torch import nn\nclass Net(nn.Module):\n    def __init__(self):\n"
        "        self.hidden = [nn.Linear(2, 2) for _ in range(3)]\n",
        "from torch import nn\nclass Net(nn.Module):\n    def __init__(self):\n"
        "        self.hidden = nn.ModuleList([nn.Linear(2, 2) for _ in range(3)])\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    edits = [*_parameters(source)]
    for name, pairs in source.assignments.items():
        if not name.startswith("self."):
            continue
        for _, value in pairs:
            made = source.assigned(value.value) if isinstance(value, cst.Name) else []
            is_one = len(made) == 1 and _is_collection(source, made[0][1])
            if isinstance(value, cst.Name) and is_one and _holds_layers(source, value.value, made[0][1]):
                edits.append(source.replace(value, f"{source.spell('torch.nn.ModuleList')}({value.value})"))
            is_dict = isinstance(value, cst.Dict | cst.DictComp) or source.code(value).startswith("dict(")
            kind = "ModuleDict" if is_dict else "ModuleList"
            if _is_collection(source, value) and _holds_layers(source, name, value):
                new = source.spell(f"torch.nn.{kind}")
                inner = source.code(value)
                edits.append(
                    source.replace(value, f"{new}()" if inner in ("[]", "{}") else f"{new}({inner})")
                )
    if edits:
        yield Change(
            name="use-module-list",
            text="Keep the layers in nn.ModuleList instead of a list.",
            edits=tuple(edits),
        )


def _parameters(source: Training) -> Iterator[Edit]:
    """``self.w = torch.randn(…, requires_grad=True)``: a tensor that the module does not know of."""
    for name, pairs in source.assignments.items():
        for _, value in pairs:
            if name.startswith("self.") and isinstance(value, cst.Call) and source.name(value) in DRAWN:
                given = source.argument(value, "requires_grad")
                if given is not None and source.code(given.value) == "True":
                    yield source.put(source.span(value)[0], f"{source.spell('torch.nn.Parameter')}(")
                    yield source.drop(list(value.args), given)
                    yield source.put(source.span(value)[1], ")")


def _is_collection(source: Training, value: cst.CSTNode) -> bool:
    is_made = isinstance(value, cst.Call) and source.code(value.func) in ("list", "tuple", "dict")
    return is_made or isinstance(value, cst.List | cst.ListComp | cst.Tuple | cst.Dict | cst.DictComp)


def _holds_layers(source: Training, name: str, value: cst.CSTNode) -> bool:
    added = [c for c in source.methods("append", "extend", "insert") if source.receiver(c) == name]
    stored = [v for key, pairs in source.assignments.items() if key.startswith(f"{name}[") for _, v in pairs]
    classes = {c.name.value for f in source.forwards for c in source.around(f, cst.ClassDef)}
    makers = {
        f.name.value
        for f in source.all(cst.FunctionDef)
        for r in source.inside(f, cst.Return)
        if r.value is not None and source.layer_name(r.value)[:1].isupper()
    }
    calls = [c for node in (value, *added, *stored) for c in source.inside(node, cst.Call)]
    return any(source.layer_name(c)[:1].isupper() or source.code(c.func) in classes | makers for c in calls)
