"""Where a setting is written: through names, parameters, dictionaries, fields and ``add_argument``."""

from typing import TYPE_CHECKING

import libcst as cst

from netsitter.treat.source._reading import number

if TYPE_CHECKING:
    from netsitter.treat.source._training import Training


def stands_for(source: "Training", value: cst.BaseExpression) -> list[cst.BaseExpression]:
    """What an expression may stand for, one step on; of several one cannot be certain."""
    if isinstance(value, cst.Name):
        home = source.function(value)
        if home is not None and value.value in (p.name.value for p in _parameters(home)):
            return passed(source, home, value.value)
        return [one for _, one in source.assigned(value.value)]
    if isinstance(value, cst.Subscript) and len(value.slice) == 1:
        return entries(source, source.code(value.slice[0]).strip("'\""))
    if isinstance(value, cst.Attribute):
        return [one for _, one in source.assigned(source.code(value))] or entries(source, value.attr.value)
    return []


def _parameters(function: cst.FunctionDef) -> list[cst.Param]:
    return [*function.params.params, *function.params.kwonly_params]


def passed(source: "Training", function: cst.FunctionDef, name: str) -> list[cst.BaseExpression]:
    """What a function is called with for a parameter; its default where no call says."""
    owner = next(source.around(function, cst.ClassDef), None)
    if function.name.value == "__init__" and owner is not None:
        calls = [c for c in source.all(cst.Call) if source.code(c.func) == owner.name.value]
    else:
        calls = source.callers(function)
    names = [p.name.value for p in function.params.params]
    place = names.index(name) - (names[:1] == ["self"]) if name in names else None
    given = [arg.value for call in calls if (arg := source.argument(call, name, place)) is not None]
    if given:
        return given
    return [p.default for p in _parameters(function) if p.name.value == name and p.default]


def entries(source: "Training", key: str) -> list[cst.BaseExpression]:
    """Values under a key: in dictionaries, keywords of one's own classes, class fields, arguments."""
    found: list[cst.BaseExpression] = []
    for node in source.all(cst.DictElement):
        if source.code(node.key).strip("'\"") == key:
            found.append(node.value)
    for node in source.all(cst.Arg):
        if node.keyword and node.keyword.value == key:
            call = source.parent(node)
            if (
                isinstance(call, cst.Call)
                and not source.name(call).startswith("torch.")
                and number(source.code(node.value)) is not None
            ):
                found.append(node.value)
    for call in source.methods("add_argument"):
        flags = [source.code(arg.value).strip("'\"") for arg in call.args if not arg.keyword]
        default = source.argument(call, "default")
        if default is not None and any(flag.lstrip("-").replace("-", "_") == key for flag in flags):
            found.append(default.value)
    if not found:
        found = [
            v
            for statement, v in source.assigned(key)
            if any(True for _ in source.around(statement, cst.ClassDef))
            and source.function(statement) is None
        ]
    return found


def of_groups(source: "Training", keyword: str) -> list[cst.BaseExpression]:
    """Values of a setting in parameter groups: ``{"params": …, "weight_decay": …}``."""
    found = []
    for group in source.all(cst.Dict):
        keys = {
            source.code(element.key).strip("'\""): element.value
            for element in group.elements
            if isinstance(element, cst.DictElement)
        }
        if "params" in keys and keyword in keys:
            found.append(keys[keyword])
    return found


def rates_set(source: "Training") -> list[cst.Assign | cst.AugAssign]:
    """``group["lr"] = …`` and ``group["lr"] *= …`` in a loop over an optimiser's ``param_groups``."""
    found = []
    for node in (*source.all(cst.Assign), *source.all(cst.AugAssign)):
        target = node.targets[0].target if isinstance(node, cst.Assign) else node.target
        said = source.code(target)
        if not isinstance(target, cst.Subscript) or not said.endswith(("['lr']", '["lr"]')):
            continue
        group = source.code(target.value)
        loops = [loop for loop in source.around(node, cst.For) if source.code(loop.target) == group]
        if "param_groups" in said or any("param_groups" in source.code(loop.iter) for loop in loops):
            found.append(node)
    return found
