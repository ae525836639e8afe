"""Take detach(), .data, item(), no_grad() and rounding out of the way from the layers to the loss."""

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
STEPS = ("round", "floor", "ceil", "trunc", "sign")
"""Their slope is zero wherever they have one."""
READS = {"item", "numpy", "tolist", "cpu", "append", "print"}
"""What only looks at a number for a log: cut off on purpose."""

EXAMPLES = (
    (
        "detached-graph",
        "import torch\nclass Net(M):\n    @torch.no_grad()\n    def code(self, x):\n"
        "        return self.a(x)\n"
        "    def forward(self, x):\n        return self.b(self.code(x))\n",
        "import torch\nclass Net(M):\n    def code(self, x):\n        return self.a(x)\n"
        "    def forward(self, x):\n        return self.b(self.code(x))\n",
    ),
    (
        "detached-graph",
        "import torch\nfor x in data:\n    loss = f(net(x))\n"
        "    loss = torch.tensor(loss.item(), requires_grad=True)\n    loss.backward()\n",
        "import torch\nfor x in data:\n    loss = f(net(x))\n    loss.backward()\n",
    ),
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
    (
        "not-learning",
        "for x, y in data:\n    loss = f(net(x).round(), y)\n    loss.backward()\n",
        "for x, y in data:\n    loss = f(net(x), y)\n    loss.backward()\n",
    ),
    (
        "detached-graph",
        "import torch\nfor x, y in data:\n    p = (torch.sigmoid(net(x)) > 0.5).float()\n"
        "    loss = f(p, y)\n    loss.backward()\n",
        "import torch\nfor x, y in data:\n    p = torch.sigmoid(net(x))\n"
        "    loss = f(p, y)\n    loss.backward()\n",
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
    steps = tuple(_steps(source))
    if steps:
        text = "Leave rounding and thresholds to the evaluation: the loss has no slope behind them."
        yield Change(name="keep-the-graph", text=text, edits=steps)
    yield from _switches(source)
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


def _switches(source: Training) -> Iterator[Change]:
    """Decorators and switches that take gradients away within a network; a loss made anew from its number."""
    classes = [next(source.around(forward, cst.ClassDef), None) for forward in source.forwards]
    edits: list[Edit] = []
    for function in source.all(cst.FunctionDef):
        if next(source.around(function, cst.ClassDef), None) in classes:
            for decorator in function.decorators:
                if any(word in source.code(decorator) for word in ("no_grad", "inference_mode")):
                    start, end = source.span(decorator)
                    begin = source.text.rfind("\n", 0, start) + 1
                    edits.append(Edit(begin, source.text.index("\n", end) + 1, ""))
    for call in source.calls("torch.set_grad_enabled"):
        statement = source.statement(call)
        if statement is not None and source.function(call) in source.forwards:
            edits.append(source.remove(statement))
    for call in source.calls("torch.tensor"):
        statement, given = source.statement(call), source.code(call)
        if statement is not None and source.in_training(call) and "requires_grad=True" in given:
            edits.append(source.remove(statement))
    if edits:
        text = "Keep the gradients on, from the layers to the loss."
        yield Change(name="keep-the-graph", text=text, edits=tuple(edits))


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


def _steps(source: Training) -> Iterator[Edit]:
    """What is rounded, or turned into 0 and 1 by a threshold, on the way to the loss."""
    found = [
        (call, call.func.value) for call in source.methods(*STEPS) if isinstance(call.func, cst.Attribute)
    ]
    found += [(c, c.args[0].value) for name in STEPS for c in source.calls(f"torch.{name}") if c.args]
    for call in source.methods("float"):
        inner = call.func.value if isinstance(call.func, cst.Attribute) else None
        if (
            isinstance(inner, cst.Comparison)
            and len(inner.comparisons) == 1
            and isinstance(inner.comparisons[0].operator, cst.GreaterThan | cst.GreaterThanEqual)
            and isinstance(inner.comparisons[0].comparator, cst.Float | cst.Integer)
        ):
            found.append((call, inner.left))
    for call, inner in found:
        if _is_on_the_way(source, call) and _matters(source, call):
            yield source.replace(call, source.code(inner))


def _is_on_the_way(source: Training, call: cst.Call) -> bool:
    """In a forward, or in what a loss is made of in its step.

    Not beside a detach(): ``x + (x.round() - x).detach()`` leads the gradient past the step.
    """
    if any(source.called(above) == "detach" for above in source.around(call, cst.Call)):
        return False
    for backward in source.backwards:
        loss = source.loss_value(backward)
        if loss is not None:
            step = (source.function(backward), source.loops(backward)[:1])
            made = [v for name in source.inside(loss, cst.Name) for _, v in source.assigned(name.value)]
            made = [v for v in made if (source.function(v), source.loops(v)[:1]) == step]
            if any(source.is_inside(call, value) for value in [loss, *made]):
                return True
    return source.function(call) in source.forwards


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
        if isinstance(above, cst.Call) and source.called(above) in READS and above.func is not below:
            return False
        below = above
    return not source.is_evaluation(node)
