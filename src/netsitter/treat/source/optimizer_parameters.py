"""Give the optimiser every parameter of the model that is trained, once the model is final."""

from collections.abc import Iterator
from typing import Any

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._training import Training

KNOB = Knob.WIRING
CURES = ("stale-optimizer", "params-not-in-optimizer", "frozen-params", "not-learning")
EXAMPLES = (
    (
        "stale-optimizer",
        "import torch\ndef fit(net, opt):\n    for x in data:\n        f(net(x)).backward()\nnet = make()\n"
        "opt = torch.optim.SGD(net.parameters(), lr=1)\nsetattr(net, 'head', new())\nfit(net, opt)\n",
        "import torch\ndef fit(net, opt):\n    for x in data:\n        f(net(x)).backward()\nnet = make()\n"
        "setattr(net, 'head', new())\nopt = torch.optim.SGD(net.parameters(), lr=1)\nfit(net, opt)\n",
    ),
    (
        "stale-optimizer",
        "import torch\nclass T:\n    def __init__(self):\n        self.build()\n"
        "        self.opt = torch.optim.SGD(self.net.parameters(), lr=1)\n    def fit(self):\n"
        "        self.build()\n        for x in data:\n            f(self.net(x)).backward()\n",
        "import torch\nclass T:\n    def __init__(self):\n        self.build()\n"
        "        self.opt = torch.optim.SGD(self.net.parameters(), lr=1)\n    def fit(self):\n"
        "        self.build()\n        self.opt = torch.optim.SGD(self.net.parameters(), lr=1)\n"
        "        for x in data:\n            f(self.net(x)).backward()\n",
    ),
    (
        "stale-optimizer",
        "import torch\nnet = make(8)\nopt = torch.optim.SGD(net.parameters(), lr=1)\nnet = make(24)\n"
        "for x in data:\n    f(net(x)).backward()\n",
        "import torch\nnet = make(8)\nopt = torch.optim.SGD(net.parameters(), lr=1)\nnet = make(24)\n"
        "opt = torch.optim.SGD(net.parameters(), lr=1)\nfor x in data:\n    f(net(x)).backward()\n",
    ),
    (
        "params-not-in-optimizer",
        "import torch\nenc, head = torch.nn.Linear(9, 8), torch.nn.Linear(8, 10)\n"
        "opt = torch.optim.Adam(head.parameters())\nloss = f(head(enc(x)))\nloss.backward()\n",
        "import torch\nenc, head = torch.nn.Linear(9, 8), torch.nn.Linear(8, 10)\n"
        "opt = torch.optim.Adam([*head.parameters(), *enc.parameters()])\nloss = f(head(enc(x)))\n"
        "loss.backward()\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    for call in source.optimizers:
        yield from _made_again(source, call)
    if case.illness == "stale-optimizer":
        return
    for call in source.optimizers:
        if call.args:
            yield from _whole_model(source, call, call.args[0].value)
            yield from _other_models(source, call, call.args[0].value)


def _made_again(source: Training, call: cst.Call) -> Iterator[Change]:
    """Where the model, or a part of it, is assigned later: make the optimiser after that."""
    at, name = source.statement(call), source.target(call)
    if at is None or not name:
        return
    models = [
        source.receiver(c)
        for c in source.inside(call, cst.Call)
        if isinstance(c.func, cst.Attribute) and "parameters" in c.func.attr.value
    ]
    later: list[Any] = []
    for model in models:
        for target, pairs in source.assignments.items():
            if target == model or target.startswith((f"{model}.", f"{model}[")):
                later += [
                    source.statement(s)
                    for s, _ in pairs
                    if source.line(s) > source.line(call) and source.function(s) is source.function(call)
                ]
    later = [s for s in later if s is not None and not source.loops(s)]
    if later:
        last = max(later, key=source.line)
        text = "Make the optimiser after the model is final: now it steps parameters that are not used."
        yield Change(name="optimizer-after-model", text=text, edits=(source.after(last, source.code(at)),))
    if not later:
        yield from _at_the_beginning(source, call, at, models)
    loops = [source.epoch_loop(backward) for backward in source.backwards[:1]]
    if name.startswith("self.") and loops[:1] != [None] and not later:
        text = "Make the optimiser where training begins: the model was made anew since."
        yield Change(
            name="optimizer-after-model", text=text, edits=(source.before(loops[0], source.code(at)),)
        )


def _at_the_beginning(source: Training, call: cst.Call, at: Any, models: list[str]) -> Iterator[Change]:
    """Where the model is named between the optimiser and the training, it may have been changed there."""
    begin = _beginning(source, call)
    between = {
        node.value
        for node in source.all(cst.Name)
        if begin is not None and source.last_line(at) < source.line(node) < source.line(begin)
    }
    if begin is not None and {model.partition(".")[0] for model in models} & between:
        text = "Make the optimiser when training begins: the model is still changed after it was made."
        yield Change(
            name="optimizer-after-model",
            text=text,
            edits=(source.remove(at), source.before(begin, source.code(at))),
        )


def _beginning(source: Training, made: cst.Call) -> Any:
    """The statement, in the function that makes the optimiser, from which training goes on; or None."""
    home = source.function(made)
    for backward in source.backwards[:1]:
        node: cst.CSTNode = backward
        for _ in range(6):
            function = source.function(node)
            if function is home:
                return source.statement((source.loops(node) or [node])[-1])
            callers = source.callers(function) if function is not None else []
            if not callers:
                break
            node = callers[0]
    return None


def _whole_model(source: Training, call: cst.Call, given: cst.BaseExpression) -> Iterator[Change]:
    """``model.head.parameters()`` or a filtered list: give all parameters of the model."""
    said = source.code(given)
    for inner in source.inside(given, cst.Call):
        receiver = (
            source.receiver(inner)
            if isinstance(inner.func, cst.Attribute) and "parameters" in inner.func.attr.value
            else ""
        )
        root = ".".join(receiver.split(".")[: 2 if receiver.startswith("self.") else 1])
        whole = f"{root}.parameters()"
        if root and said != whole:
            text = f"Give the optimiser all parameters: {whole}."
            yield Change(name="give-all-parameters", text=text, edits=(source.replace(given, whole),))
            return


def _other_models(source: Training, call: cst.Call, given: cst.BaseExpression) -> Iterator[Change]:
    """Models that are called on the way to the loss and that the optimiser does not know."""
    said = source.code(given)
    classes = {c.name.value for f in source.forwards for c in source.around(f, cst.ClassDef)}
    models = [
        name
        for name, pairs in source.assignments.items()
        for _, value in pairs[-1:]
        if isinstance(value, cst.Call)
        and (source.code(value.func) in classes or source.layer_name(value)[:1].isupper())
        and not source.layer_name(value).endswith("Loss")
        and not any(True for _ in source.around(value, cst.ClassDef))
    ]
    missing = [
        m
        for m in models
        if f"{m}.parameters" not in said and any(source.code(c.func) == m for c in source.all(cst.Call))
    ]
    if missing and "parameters" in said:
        all_of = ", ".join([f"*{said}", *(f"*{m}.parameters()" for m in missing)])
        text = f"Give the optimiser the parameters of {' and '.join(missing)} too."
        yield Change(name="give-all-parameters", text=text, edits=(source.replace(given, f"[{all_of}]"),))
