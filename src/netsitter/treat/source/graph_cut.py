"""Take detach(), .data, item() and no_grad() out of the way from the layers to the loss."""

from collections.abc import Iterator

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._reading import Edit
from netsitter.treat.source._training import Training

KNOB = Knob.WIRING
CURES = (
    "detached-graph",
    "underfitting",
    "vanishing-gradients",
    "frozen-params",
    "not-learning",
    "params-not-in-optimizer",
)
CUTS = ("detach", "item", "numpy", "tolist", "detach_")
READS = {"item", "numpy", "tolist", "cpu", "append", "print"}
"""What only looks at a number for a log: cut off on purpose."""

EXAMPLES = (
    (
        "detached-graph",
        "def f(x):\n    z = enc(x)\n    return head(z.detach())\n",
        "def f(x):\n    z = enc(x)\n    return head(z)\n",
    ),
    (
        "detached-graph",
        "class Net(M):\n    def forward(self, x):\n        h = self.a(x).data\n        return self.b(h)\n",
        "class Net(M):\n    def forward(self, x):\n        h = self.a(x)\n        return self.b(h)\n",
    ),
    (
        "detached-graph",
        "from torch.utils.data import Dataset\nfor x, y in data:\n    h = enc(x).data\n"
        "    f(head(h), y).backward()\n",
        "from torch.utils.data import Dataset\nfor x, y in data:\n    h = enc(x)\n"
        "    f(head(h), y).backward()\n",
    ),
    (
        "detached-graph",
        "import torch\nclass Net(M):\n    def forward(self, x):\n        with torch.no_grad():\n"
        "            h = self.a(x)\n        return self.b(h)\n",
        "import torch\nclass Net(M):\n    def forward(self, x):\n        h = self.a(x)\n"
        "        return self.b(h)\n",
    ),
    (
        "detached-graph",
        "import torch\nclass Net(M):\n    def forward(self, x):\n"
        "        h = torch.tensor(self.a(x).detach().numpy())\n        return self.b(h)\n",
        "import torch\nclass Net(M):\n    def forward(self, x):\n        h = self.a(x)\n"
        "        return self.b(h)\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    cuts = list(_cuts(source))
    text = "Take detach() and .data out of the way from the layers to the loss."
    if cuts:
        yield Change(name="keep-the-graph", text=text, edits=tuple(cuts))
    for block in source.all(cst.With):
        home = source.function(block)
        is_alone = len(block.items) == 1 and any(
            w in source.code(block.items[0].item) for w in ("no_grad", "inference_mode", "set_grad_enabled")
        )
        if is_alone and (home in source.forwards or source.in_training(block)):
            yield Change(
                name="keep-the-graph",
                text="Run this part of the network with gradients.",
                edits=(source.unwrap(block),),
            )
    for loss in source.methods("requires_grad_"):
        inner = loss.func.value if isinstance(loss.func, cst.Attribute) else None
        if inner is not None and source.in_training(loss):
            yield Change(
                name="keep-the-graph",
                text="A loss that needs requires_grad_() has lost its graph.",
                edits=(source.replace(loss, source.code(inner)),),
            )
    if len(cuts) > 1:
        for edit in cuts:
            yield Change(name="keep-the-graph", text=text, edits=(edit,))


def _cuts(source: Training) -> Iterator[Edit]:
    for call in source.methods(*CUTS):
        assert isinstance(call.func, cst.Attribute)
        if (
            not call.args
            and _matters(source, call)
            and not (call.func.attr.value in READS and not source.in_training(call))
        ) and call.func.attr.value in ("detach", "detach_"):
            yield source.replace(call, source.code(call.func.value))
    for read in source.all(cst.Attribute):
        above = source.parent(read)
        if (
            read.attr.value == "data"
            and not source.code(read).endswith("utils.data")
            and _matters(source, read)
            and not isinstance(above, cst.AssignTarget | cst.AugAssign)
        ):
            changes_it = isinstance(above, cst.Attribute) and above.attr.value.endswith("_")
            if not changes_it and (source.function(read) in source.forwards or source.in_training(read)):
                yield source.replace(read, source.code(read.value))
    for call in source.calls("torch.tensor", "torch.as_tensor", "torch.from_numpy"):
        if source.function(call) in source.forwards and call.args and _matters(source, call):
            yield source.replace(call, _whole(source, call.args[0].value))


def _whole(source: Training, value: cst.BaseExpression) -> str:
    """``z`` of ``z.detach().cpu().numpy()``: what went through numpy, with its graph."""
    while (
        isinstance(value, cst.Call)
        and not value.args
        and isinstance(value.func, cst.Attribute)
        and value.func.attr.value in (*CUTS, "cpu")
    ):
        value = value.func.value
    return source.code(value)


def _matters(source: Training, node: cst.CSTNode) -> bool:
    """Not in a print, a list of losses, or an expression that ends in ``item()``."""
    below = node
    for above in source.around(node, cst.BaseExpression):  # type: ignore[type-abstract]
        if isinstance(above, cst.Attribute) and above.attr.value in READS:
            return False
        if (
            isinstance(above, cst.Call)
            and source.code(above.func).rpartition(".")[2] in READS
            and above.func is not below
        ):
            return False
        below = above
    return not source.is_evaluation(node)
