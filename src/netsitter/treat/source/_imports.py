"""What a file imports, under which names; and torch, where an edit brings its name in."""

import ast
from collections.abc import Iterator
from typing import Any

import libcst as cst


def imported(node: cst.CSTNode) -> Iterator[tuple[str, str]]:
    """``(what, what it is called here)`` for each name that an import statement binds."""
    if isinstance(node, cst.Import):
        for alias in node.names:
            whole = _dotted(alias.name)
            top = whole.partition(".")[0]
            name = alias.evaluated_alias
            yield (whole, name) if name else (top, top)
    elif isinstance(node, cst.ImportFrom) and node.module is not None and not node.relative:
        for alias in () if isinstance(node.names, cst.ImportStar) else node.names:
            name = alias.evaluated_name
            yield f"{_dotted(node.module)}.{name}", alias.evaluated_alias or name


def _dotted(node: Any) -> str:
    return node.value if isinstance(node, cst.Name) else f"{_dotted(node.value)}.{node.attr.value}"


def with_torch(text: str, before: str) -> str:
    """Import torch where an edit brought its name in and no import had."""
    if "torch." not in text or any(
        line.split("#")[0].strip() in ("import torch",) or line.strip().startswith("import torch,")
        for line in before.splitlines()
    ):
        return text
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return text
    used = any(isinstance(n, ast.Name) and n.id == "torch" for n in ast.walk(tree))
    bound = any(
        alias.asname is None and alias.name.partition(".")[0] == "torch"
        for n in ast.walk(tree)
        if isinstance(n, ast.Import)
        for alias in n.names
    )
    if not used or bound:
        return text
    imports = (
        n.lineno
        for n in tree.body
        if isinstance(n, ast.Import | ast.ImportFrom) and getattr(n, "module", "") != "__future__"
    )
    first = next(imports, 1)
    lines = text.splitlines(keepends=True)
    return "".join([*lines[: first - 1], "import torch\n", *lines[first - 1 :]])
