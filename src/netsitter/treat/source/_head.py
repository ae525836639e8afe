"""The last thing that a network does to its output, and the places where a program writes it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import libcst as cst

from netsitter.treat.source._reading import Edit, number
from netsitter.treat.source._training import Training

ACTIVATIONS = {
    "softmax": "Softmax",
    "log_softmax": "LogSoftmax",
    "sigmoid": "Sigmoid",
    "logsigmoid": "LogSigmoid",
    "relu": "ReLU",
    "relu6": "ReLU6",
    "leaky_relu": "LeakyReLU",
    "elu": "ELU",
    "gelu": "GELU",
    "tanh": "Tanh",
    "softplus": "Softplus",
}
"""Functions, and the modules that call them."""
LIMITS = ("clamp", "clip", "clamp_", "clip_")
SHAPES = {
    "squeeze",
    "unsqueeze",
    "view",
    "reshape",
    "flatten",
    "float",
    "double",
    "view_as",
    "reshape_as",
    "contiguous",
}


@dataclass(frozen=True, kw_only=True)
class Place:
    """An activation at the end of a network: which, and how to edit it away or into another."""

    kind: str
    remove: tuple[Edit, ...]
    become: Callable[[str], tuple[Edit, ...]]
    """Given the name of a function of no further arguments (``sigmoid``)."""


def places(source: Training) -> Iterator[Place]:
    """Every activation that ends a network of the program."""
    yield from _in_sequentials(source)
    yield from _added_last(source)
    for forward in source.forwards:
        for returned in source.inside(forward, cst.Return):
            if returned.value is not None:
                yield from _of(source, forward, returned.value, returned)
    for loss in source.losses:
        for use in loss.uses:
            if not source.is_evaluation(use):
                yield from _of(source, source.function(use) or source.module, use.args[0].value, use)
    yield from _in_methods(source)


def _in_methods(source: Training) -> Iterator[Place]:
    """Functions other than ``forward`` that the loss is fed by: ``loss(net.predict(x), y)``."""
    fed = [_traced(source, use.args[0].value, use) for loss in source.losses for use in loss.uses]
    called = {source.called(call) for call in fed if isinstance(call, cst.Call)}
    for function in source.all(cst.FunctionDef):
        if function.name.value in called and function not in source.forwards:
            for returned in source.inside(function, cst.Return):
                if returned.value is not None:
                    yield from _of(source, function, returned.value, returned)


def _traced(source: Training, value: cst.BaseExpression, user: cst.CSTNode) -> cst.BaseExpression:
    """What a name was last given before it is used."""
    if not isinstance(value, cst.Name):
        return value
    known = [one for s, one in source.assigned(value.value) if source.line(s) <= source.line(user)]
    return known[-1] if known else value


def activation(source: Training, node: cst.CSTNode) -> str:
    """``relu`` for a call that applies one, or makes the module; empty for anything else."""
    if not isinstance(node, cst.Call):
        return ""
    name = source.name(node)
    short = name.rpartition(".")[2]
    if name.startswith("torch"):
        return short if short in ACTIVATIONS else next((f for f, m in ACTIVATIONS.items() if m == short), "")
    if isinstance(node.func, cst.Attribute):
        method = node.func.attr.value
        if method in ACTIVATIONS and not name.startswith("torch"):
            return method
        made = source.assigned(source.code(node.func))
        return activation(source, made[0][1]) if len(made) == 1 and node.args else ""
    made = source.assigned(source.code(node.func))
    if len(made) == 1 and node.args and isinstance(made[0][1], cst.Call):
        return activation(source, made[0][1])
    return "softmax" if len(node.args) == 1 and _divides_exponentials(source, node) else ""


def _divides_exponentials(source: Training, call: cst.Call) -> bool:
    """Whether a function of the program is a softmax written out: ``e = x.exp(); return e / e.sum(1)``."""
    for function in source.all(cst.FunctionDef):
        if function.name.value == source.code(call.func) and len(function.params.params) == 1:
            called = [source.called(c) for c in source.inside(function, cst.Call)]
            divides = any(
                isinstance(one.operator, cst.Divide) for one in source.inside(function, cst.BinaryOperation)
            )
            return "exp" in called and "sum" in called and divides
    return False


def _in_sequentials(source: Training) -> Iterator[Place]:
    yield from _in_dictionaries(source)
    inner = {id(c) for s in source.sequentials for c in source.inside(s, cst.Call) if c is not s}
    for sequential in source.sequentials:
        layers = source.layers(sequential)
        kind = activation(source, layers[-1].value) if layers else ""
        if not kind or id(sequential) in inner or len(layers) < 2 or not _has_weights(source, sequential):
            continue
        last = layers[-1]
        yield Place(
            kind=kind,
            remove=(source.drop(layers, last),),
            become=lambda f, last=last: (
                source.replace(last.value, f"{source.spell('torch.nn.' + ACTIVATIONS[f])}()"),
            ),
        )


def _in_dictionaries(source: Training) -> Iterator[Place]:
    """``Sequential(OrderedDict([…, ("end", nn.Sigmoid())]))``."""
    for table in source.all(cst.Call):
        given = table.args[0].value if table.args else None
        if source.called(table) != "OrderedDict" or not isinstance(given, cst.List):
            continue
        last = given.elements[-1] if len(given.elements) > 1 else None
        pair = [*last.value.elements] if last is not None and isinstance(last.value, cst.Tuple) else []
        made = pair[1].value if len(pair) == 2 else None
        kind = activation(source, made) if made is not None else ""
        if kind and made is not None:
            yield Place(
                kind=kind,
                remove=(source.drop(list(given.elements), last),),
                become=lambda f, made=made: (
                    source.replace(made, f"{source.spell('torch.nn.' + ACTIVATIONS[f])}()"),
                ),
            )


def _has_weights(source: Training, sequential: cst.Call) -> bool:
    return any(source.layer_name(c) in ("Linear", "LazyLinear") for c in source.inside(sequential, cst.Call))


def _added_last(source: Training) -> Iterator[Place]:
    """``model.add_module("out", nn.Softmax())`` and ``layers.append(nn.Softmax())``, the last ones."""
    last: dict[str, cst.Call] = {}
    for call in source.methods("add_module", "append"):
        last[source.receiver(call)] = call
    for call in last.values():
        value = call.args[-1].value if call.args else None
        at = source.statement(call)
        kind = activation(source, value) if value is not None else ""
        if value is not None and at is not None and kind and not source.loops(call):
            yield Place(
                kind=kind,
                remove=(source.remove(at),),
                become=lambda f, value=value: (
                    source.replace(value, f"{source.spell('torch.nn.' + ACTIVATIONS[f])}()"),
                ),
            )


def _of(source: Training, home: cst.CSTNode, value: cst.BaseExpression, user: cst.CSTNode) -> Iterator[Place]:
    """An activation that a value passes on its way, looked at through shapes and names."""
    for _ in range(6):
        kind = activation(source, value) or _limit(source, value)
        if kind and isinstance(value, cst.Call):
            yield from _call_place(source, home, value, kind)
            return
        if (
            isinstance(value, cst.Call)
            and isinstance(value.func, cst.Attribute)
            and value.func.attr.value in SHAPES
        ):
            value = value.func.value
        elif isinstance(value, cst.BinaryOperation) and number(source.code(value.right)) is not None:
            value = value.left
        elif isinstance(value, cst.Name):
            known = [
                one
                for statement, one in source.assigned(value.value)
                if source.is_inside(statement, home) and source.line(statement) < source.line(user)
            ]
            if not known:
                return
            value, user = known[-1], known[-1]
        else:
            return


def _limit(source: Training, value: cst.BaseExpression) -> str:
    """``clamp`` where an output is cut off at limits."""
    called = source.called(value) if isinstance(value, cst.Call) else ""
    return "clamp" if called in LIMITS else ""


def _call_place(source: Training, home: cst.CSTNode, call: cst.Call, kind: str) -> Iterator[Place]:
    is_method = (
        isinstance(call.func, cst.Attribute)
        and call.func.attr.value in (*ACTIVATIONS, *LIMITS)
        and not source.name(call).startswith("torch")
    )
    given = (
        call.func.value
        if is_method and isinstance(call.func, cst.Attribute)
        else call.args[0].value
        if call.args
        else None
    )
    if given is None:
        return
    inner = source.code(given)
    loop = next((one for one in source.around(call, cst.For) if source.is_inside(one, home)), None)
    remove: tuple[Edit, ...] = (source.replace(call, inner),)
    if loop is not None and not any(source.is_inside(b, loop) for b in source.backwards):
        remove = _but_last(source, loop, call, inner)
    yield Place(
        kind=kind,
        remove=remove,
        become=lambda f: (source.replace(call, f"{source.spell('torch.' + f)}({inner})"),),
    )


def _but_last(source: Training, loop: cst.For, call: cst.Call, inner: str) -> tuple[Edit, ...]:
    """``for layer in layers: x = relu(layer(x))`` bends the last layer too: take that one out of the loop."""
    statement = source.statement(call)
    name, layers = source.code(loop.target), source.code(loop.iter)
    if statement is None or not isinstance(loop.iter, cst.Name | cst.Attribute) or name not in inner:
        return ()
    line = source.code(statement).replace(source.code(call), inner).replace(f"{name}(", f"{layers}[-1](")
    return (source.replace(loop.iter, f"{layers}[:-1]"), source.after(loop, line))
