"""Call train() before training and eval() before validation."""

from collections.abc import Iterator
from typing import Any

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._reading import Edit
from netsitter.treat.source._training import Training

KNOB = Knob.MODE
CURES = ("eval-mode-during-training", "train-mode-during-eval", "batchnorm-small-batch", "noisy-validation")

EXAMPLES = (
    (
        "eval-mode-during-training",
        "import torch\nopt = torch.optim.SGD(net.parameters())\nfor epoch in range(9):\n    for x in data:\n"
        "        f(net(x)).backward()\n    net.eval()\n",
        "import torch\nopt = torch.optim.SGD(net.parameters())\nfor epoch in range(9):\n"
        "    net.train()\n    for x in data:\n"
        "        f(net(x)).backward()\n    net.eval()\n",
    ),
    (
        "train-mode-during-eval",
        "import torch.nn.functional as F\nclass Net(M):\n    def forward(self, x):\n"
        "        return self.b(F.dropout(self.a(x), 0.5))\n",
        "import torch.nn.functional as F\nclass Net(M):\n    def forward(self, x):\n"
        "        return self.b(F.dropout(self.a(x), 0.5, training=self.training))\n",
    ),
    (
        "train-mode-during-eval",
        "import torch\nopt = torch.optim.SGD(net.parameters())\nfor epoch in range(9):\n    for x in data:\n"
        "        f(net(x)).backward()\n    with torch.no_grad():\n        out = net(v)\n",
        "import torch\nopt = torch.optim.SGD(net.parameters())\nfor epoch in range(9):\n"
        "    net.train()\n    for x in data:\n"
        "        f(net(x)).backward()\n    net.eval()\n    with torch.no_grad():\n        out = net(v)\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    if case.illness == "eval-mode-during-training":
        for place in (_around_batches, _every_batch):
            edits = [edit for call in source.backwards[:1] for edit in place(source, call)]
            yield Change(
                name="call-train",
                text="Call train() before training: an earlier eval() was never undone.",
                edits=tuple(edits),
            )
        return
    functions = [*_dropouts(source)]
    if functions:
        text = "Let functional dropout act in training only: training=self.training."
        yield Change(name="call-eval", text=text, edits=tuple(functions), corrects=True)
    edits = list(_eval(source))
    if edits:
        for backward in source.backwards[:1]:
            edits += _around_batches(source, backward)
        text = "Call eval() before validation, and train() before training goes on."
        yield Change(name="call-eval", text=text, edits=tuple(edits), corrects=True)


def _dropouts(source: Training) -> Iterator[Edit]:
    """``F.dropout(h, 0.5)`` in a forward is always on."""
    for call in source.calls("torch.nn.functional.dropout", "torch.nn.functional.dropout2d"):
        if source.function(call) in source.forwards and source.argument(call, "training", 2) is None:
            yield source.set_argument(call, "training", "self.training")


def _called(source: Training, home: Any) -> list[str]:
    """Models called within a block, by the names they have there."""
    known = set(source.models) | {
        source.receiver(c) for c in source.methods("train", "eval", "parameters", "state_dict")
    }
    return list(
        dict.fromkeys(
            source.code(c.func) for c in source.inside(home, cst.Call) if source.code(c.func) in known
        )
    )


def _around_batches(source: Training, backward: cst.Call) -> list[Edit]:
    """``train()`` once before the innermost loop of a training step, where another loop is around it."""
    loops = source.loops(backward)
    home = source.function(backward)
    if len(loops) >= 2 or (loops and home is not None):
        return [
            source.before(
                loops[0], *(f"{m}.train()" for m in _models(source, backward) if not _has(source, loops, m))
            )
        ]
    return _every_batch(source, backward)


def _every_batch(source: Training, backward: cst.Call) -> list[Edit]:
    home = (source.loops(backward) or [source.function(backward) or source.module])[0]
    body = getattr(home.body, "body", None) if not isinstance(home, cst.Module) else home.body
    if not body:
        return []
    return [source.before(body[0], *(f"{m}.train()" for m in _models(source, backward)))]


def _models(source: Training, backward: cst.Call) -> list[str]:
    home = (source.loops(backward) or [source.function(backward) or source.module])[0]
    return _called(source, home) or source.models


def _has(source: Training, loops: list[Any], model: str) -> bool:
    return any(
        source.receiver(c) == model
        for c in source.methods("train")
        if any(source.is_inside(c, loop) for loop in loops)
    )


def _eval(source: Training) -> Iterator[Edit]:
    """``eval()`` before each block without gradients in which a model is called."""
    done: list[Any] = []
    for call in source.all(cst.Call):
        if not source.is_evaluation(call) or source.code(call.func) not in _called(source, call):
            continue
        block = next(
            (
                w
                for w in source.around(call, cst.With)
                if "no_grad" in source.code(w.items[0].item) or "inference" in source.code(w.items[0].item)
            ),
            None,
        )
        home = source.function(call)
        body = getattr(home.body, "body", ()) if home is not None else ()
        place: Any = block or (body[0] if body else None)
        if place is None or any(place is one for one in done) or source.statement(place) is not place:
            continue
        done.append(place)
        before = source.text[: source.span(place)[0]].rstrip()
        line = f"{source.code(call.func)}.eval()"
        if not before.endswith(line) and source.code(place).split("\n")[0].strip() != line:
            yield source.before(place, line)
