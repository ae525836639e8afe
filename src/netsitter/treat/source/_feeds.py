"""Which variables hold the rows that a network is given, and where the last of them is made."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import libcst as cst

from netsitter.treat.source._training import Training

FROM_ARRAYS = ("torch.tensor", "torch.as_tensor", "torch.from_numpy", "torch.FloatTensor", "torch.Tensor")


@dataclass(frozen=True, kw_only=True)
class Feed:
    """A variable with rows."""

    name: str
    rows: str
    """The training rows of it, as the program writes them where that is certain: ``X[:800]``."""
    statement: Any
    """The last assignment before it is used."""
    is_array: bool = False
    """Of numpy or pandas: the program makes a tensor of it at its use."""


def inputs(source: Training) -> list[Feed]:
    """Variables that networks are called with, or data sets made of; those of the training first."""
    return _feeds(source, _inputs(source))


def targets(source: Training) -> list[Feed]:
    """Variables that the outputs are compared with."""
    return _feeds(source, _targets(source))


def insertion(source: Training, feeds: list[Feed]) -> Any:
    """The statement after which all of them exist and none is used yet; None if they are made apart."""
    if not feeds:
        return None
    statements = [source.statement(feed.statement) for feed in feeds]
    blocks = {id(source.parent(statement)) for statement in statements if statement is not None}
    if len(blocks) != 1 or any(statement is None for statement in statements):
        return None
    return max(statements, key=source.line)


def _feeds(source: Training, given: Iterator[tuple[Any, cst.CSTNode]]) -> list[Feed]:
    found: dict[str, Feed] = {}
    for value, user in given:
        for root, user_of_root in _roots(source, value, user, 0):
            name = source.code(root)
            values = [p for p in source.assigned(name) if source.line(p[0]) < source.line(user_of_root)]
            made = [statement for statement, _ in values]
            if name not in found and made and not _is_handed_out(source, values[-1][1]):
                found[name] = Feed(
                    name=name,
                    rows=_rows(source, value, root, made[-1]),
                    statement=made[-1],
                    is_array=_is_array(source, root),
                )
    return list(found.values())


def _inputs(source: Training) -> Iterator[tuple[Any, cst.CSTNode]]:
    for call in source.calls("torch.utils.data.TensorDataset", "torch.utils.data.dataset.TensorDataset"):
        if call.args:
            yield call.args[0].value, call
    loaders = source.calls("torch.utils.data.DataLoader", "torch.utils.data.dataloader.DataLoader")
    if loaders and loaders[0].args and not isinstance(loaders[0].args[0].value, cst.Call):
        yield loaders[0].args[0].value, loaders[0]
    models = model_names(source)
    calls = [c for c in source.all(cst.Call) if source.code(c.func) in models and c.args]
    for call in sorted(calls, key=lambda c: not source.in_training(c)):
        yield call.args[0].value, call


def _targets(source: Training) -> Iterator[tuple[Any, cst.CSTNode]]:
    for call in source.calls("torch.utils.data.TensorDataset", "torch.utils.data.dataset.TensorDataset"):
        if len(call.args) >= 2:
            yield call.args[-1].value, call
    uses = [use for loss in source.losses for use in loss.uses]
    for backward in source.backwards:
        value = source.loss_value(backward)
        if value is not None:
            uses += [
                c for c in source.inside(value, cst.Call) if isinstance(c.func, cst.Name) and len(c.args) == 2
            ]
            for one in source.inside(value, cst.BinaryOperation):
                if isinstance(one.operator, cst.Subtract):
                    yield one.right, backward
    for use in uses:
        yield use.args[1].value, use


def model_names(source: Training) -> set[str]:
    """Variables that hold a network."""
    names = set(source.models)
    classes = {c.name.value for f in source.forwards for c in source.around(f, cst.ClassDef)}
    for name, pairs in source.assignments.items():
        for _, value in pairs:
            if isinstance(value, cst.Call) and (
                source.code(value.func) in classes or value in source.sequentials
            ):
                names.add(name)
    return names | {source.receiver(c) for c in source.methods("train", "eval", "parameters")}


def _roots(source: Training, value: Any, user: cst.CSTNode, depth: int) -> Iterator[tuple[Any, cst.CSTNode]]:
    """The variable that a value is taken from: ``X`` of ``X[idx].float()``, through parameters to callers."""
    value = _unwrapped(source, value)
    if isinstance(value, cst.Attribute) and source.code(value.value) == "self":
        yield value, user
    if not isinstance(value, cst.Name) or depth > 3:
        return
    home = source.function(user)
    names = [p.name.value for p in home.params.params] if home is not None else []
    if home is not None and value.value in names:
        place = names.index(value.value) - (names[:1] == ["self"])
        for call in source.callers(home):
            if 0 <= place < len(call.args) and not call.args[place].keyword:
                yield from _roots(source, call.args[place].value, call, depth + 1)
    elif not _is_loop_target(source, value):
        yield value, user


def _unwrapped(source: Training, value: Any) -> Any:
    """What a value is made from by choosing rows or changing its type: ``X`` of ``tensor(X.values[idx])``."""
    while True:
        if isinstance(value, cst.Subscript | cst.Await):
            value = value.value if isinstance(value, cst.Subscript) else value.expression
        elif isinstance(value, cst.Attribute) and value.attr.value == "values":
            value = value.value
        elif isinstance(value, cst.BinaryOperation):
            value = value.left
        elif (
            isinstance(value, cst.Call)
            and isinstance(value.func, cst.Attribute)
            and not source.name(value).startswith("torch")
        ):
            value = value.func.value
        elif isinstance(value, cst.Call) and value.args and source.name(value).startswith("torch"):
            value = value.args[0].value
        else:
            return value


def _is_loop_target(source: Training, name: cst.Name) -> bool:
    loops = list(source.around(name, cst.For))
    targets = [n for loop in loops for n in source.inside(loop.target, cst.Name)]
    comprehensions = [
        c for c in source.all(cst.CompFor) for n in source.inside(c.target, cst.Name) if n.value == name.value
    ]
    return any(n.value == name.value for n in targets) or bool(comprehensions)


def _is_handed_out(source: Training, value: Any) -> bool:
    """Whether a value comes out of a data set or loader, or is one: its rows are made elsewhere."""
    return isinstance(value, cst.Call) and (
        source.code(value.func) == "next" or source.name(value).startswith("torch.utils.data.")
    )


def _is_array(source: Training, root: cst.CSTNode) -> bool:
    """Whether a variable is turned into a tensor where it is used: ``torch.tensor(X[:800])``."""
    return any(source.name(call) in FROM_ARRAYS for call in source.around(root, cst.Call))


def _rows(source: Training, value: Any, root: cst.CSTNode, made: cst.CSTNode) -> str:
    """``X[:800]`` where the rows are cut by a plain slice that is known where the variable is made."""
    name = source.code(root)
    for cut in source.inside(value, cst.Subscript):
        if cut.value is root and isinstance(cut.slice[0].slice, cst.Slice):
            used = [n.value for n in source.inside(cut.slice[0].slice, cst.Name)]
            known = all(
                any(source.line(s) < source.line(made) for s, _ in source.assigned(n))
                for n in used
                if n != "len"
            )
            if known:
                return f"{name}[{source.code(cut.slice[0].slice)}]"
    return name
