"""A program's source as a tree with places and names, and the edits that can be made to it.

Edits are replacements of stretches of the text, found by the positions of the tree's nodes: what is
not edited keeps its every space and comment, so a diff shows what changed and nothing else.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import libcst as cst
from libcst.metadata import (
    CodeRange,
    MetadataWrapper,
    ParentNodeProvider,
    PositionProvider,
    QualifiedNameProvider,
)

from netsitter.treat.source._imports import imported, with_torch

Node = TypeVar("Node", bound=cst.CSTNode)
STATEMENTS = (cst.SimpleStatementLine, cst.BaseCompoundStatement)
LOOPS = (cst.For, cst.While)


@dataclass(frozen=True, order=True)
class Edit:
    """Put ``text`` in the place of ``source[start:end]``."""

    start: int
    end: int
    text: str


class Source:
    """One file of the user's program. Raises ``libcst.ParserSyntaxError`` for what is not Python."""

    def __init__(self, text: str) -> None:
        self.text = text
        wrapper = MetadataWrapper(cst.parse_module(text))
        self.module = wrapper.module
        self._positions: Any = wrapper.resolve(PositionProvider)
        self._parents: Any = wrapper.resolve(ParentNodeProvider)
        self._names: Any = wrapper.resolve(QualifiedNameProvider)
        self._known: dict[int, str] = {}
        self._nodes: list[cst.CSTNode] = list(_walk(self.module))
        self._line_starts = [0]
        self._line_starts += [ending.end() for ending in re.finditer(r"\r\n|\n|\r", text)]

    # ---- looking

    def all(self, kind: type[Node]) -> list[Node]:
        """Every node of a kind, in the order of the text."""
        return [node for node in self._nodes if isinstance(node, kind)]

    def code(self, node: cst.CSTNode) -> str:
        start, end = self.span(node)
        return self.text[start:end]

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        """Where a node's text begins and ends; parentheses around it are not in it."""
        place: CodeRange = self._positions[node]
        return self._offset(place.start), self._offset(place.end)

    def line(self, node: cst.CSTNode) -> int:
        """From 1."""
        return self._positions[node].start.line

    def last_line(self, node: cst.CSTNode) -> int:
        place: CodeRange = self._positions[node]
        return (
            place.end.line if place.end.column or place.end.line == place.start.line else place.end.line - 1
        )

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        return self._parents.get(node)

    def around(self, node: cst.CSTNode, kind: type[Node] | tuple[type[Node], ...]) -> Iterator[Node]:
        """Nodes of a kind that hold this one, innermost first."""
        above = self.parent(node)
        while above is not None:
            if isinstance(above, kind):
                yield above
            above = self.parent(above)

    def function(self, node: cst.CSTNode) -> cst.FunctionDef | None:
        return next(self.around(node, cst.FunctionDef), None)

    def loops(self, node: cst.CSTNode) -> list[cst.For | cst.While]:
        """Loops around a node within its function, innermost first."""
        home = self.function(node)
        return [loop for loop in self.around(node, LOOPS) if self.function(loop) is home]

    def inside(self, node: cst.CSTNode, kind: type[Node]) -> list[Node]:
        """Nodes of a kind within this one, itself included."""
        return [n for n in _walk(node) if isinstance(n, kind)]

    def statement(self, node: cst.CSTNode) -> Any:
        """The statement that a node is part of, on lines of its own; None if there is none such."""
        below: cst.CSTNode | None = node
        while below is not None:
            above = self.parent(below)
            if isinstance(below, STATEMENTS) and isinstance(above, cst.IndentedBlock | cst.Module):
                return below
            if isinstance(below, cst.SimpleStatementSuite):
                return None
            below = above
        return None

    def name(self, node: cst.CSTNode) -> str:
        """What a name or call means: ``torch.nn.functional.relu``; empty where it is not known."""
        asked = node.func if isinstance(node, cst.Call) else node
        if id(asked) not in self._known:
            found: Any = self._names.get(asked) or ()
            found = found() if callable(found) else found
            self._known[id(asked)] = min((one.name for one in found), default="")
        return self._known[id(asked)]

    def calls(self, *names: str) -> list[cst.Call]:
        """Calls of what is named in full, or begins so where a name ends in ``.``."""
        exact, begins = {n for n in names if n[-1] != "."}, tuple(n for n in names if n[-1] == ".")
        return [c for c in self.all(cst.Call) if (said := self.name(c)) in exact or said.startswith(begins)]

    def methods(self, *attributes: str) -> list[cst.Call]:
        """Calls ``anything.attribute(…)``."""
        return [
            call
            for call in self.all(cst.Call)
            if isinstance(call.func, cst.Attribute) and call.func.attr.value in attributes
        ]

    def assigned(self, name: str) -> list[tuple[cst.CSTNode, cst.BaseExpression]]:
        """``(statement, value)`` for each plain assignment to a name or attribute, tuples taken apart."""
        return self.assignments.get(name, [])

    @cached_property
    def assignments(self) -> dict[str, list[tuple[cst.CSTNode, cst.BaseExpression]]]:
        """All of them, by the name or attribute as it is written."""
        found: dict[str, list[tuple[cst.CSTNode, cst.BaseExpression]]] = {}
        for node in self._nodes:
            if isinstance(node, cst.Assign):
                for target in node.targets:
                    for one, value in _pairs(target.target, node.value):
                        found.setdefault(self.code(one), []).append((node, value))
            elif isinstance(node, cst.AnnAssign) and node.value is not None:
                found.setdefault(self.code(node.target), []).append((node, node.value))
        return found

    def spell(self, dotted: str) -> str:
        """How this file writes ``torch.nn.ReLU``, by what it imports."""
        best, local = "", ""
        for node in self._nodes:
            for whole, alias in imported(node):
                if (dotted == whole or dotted.startswith(whole + ".")) and len(whole) > len(best):
                    best, local = whole, alias
        return local + dotted[len(best) :] if best else dotted

    def fresh(self, name: str) -> str:
        """A variable's name that this file does not use yet."""
        taken = {node.value for node in self._nodes if isinstance(node, cst.Name)}
        return next(
            n for n in (name, f"new_{name}", *(f"{name}{i}" for i in range(2, 1000))) if n not in taken
        )

    # ---- changing

    def replace(self, node: cst.CSTNode, text: str) -> Edit:
        return Edit(*self.span(node), text)

    def put(self, place: int, text: str) -> Edit:
        """Text between what is there."""
        return Edit(place, place, text)

    def before(self, statement: cst.CSTNode, *lines: str) -> Edit:
        """Lines above a statement, indented as it is."""
        start = self.span(statement)[0]
        indent = self._indent(start)
        begin = start - len(indent)
        return Edit(begin, begin, "".join(f"{indent}{line}\n" for line in lines))

    def after(self, statement: cst.CSTNode, *lines: str) -> Edit:
        """Lines below a statement, indented as it is."""
        indent = self._indent(self.span(statement)[0])
        end = self._line_end(statement)
        text = "".join(f"{indent}{line}\n" for line in lines)
        return Edit(end, end, text if self.text[:end].endswith("\n") else "\n" + text)

    def remove(self, statement: cst.CSTNode) -> Edit:
        """Take a statement out, its lines too; ``pass`` stays where a block would be empty."""
        start = self.span(statement)[0]
        indent = self._indent(start)
        block = self.parent(statement)
        alone = isinstance(block, cst.IndentedBlock) and len(block.body) == 1
        return Edit(start - len(indent), self._line_end(statement), f"{indent}pass\n" if alone else "")

    def unwrap(self, block: Any) -> Edit:
        """Take away a ``with`` or an ``if`` around its body; the body moves out by one level."""
        start = self.span(block)[0]
        indent = self._indent(start)
        first = self.span(block.body.body[0])[0]
        deeper = self._indent(first)
        begin, end = first - len(deeper), self._line_end(block)
        lines = self.text[begin:end].splitlines(keepends=True)
        text = "".join(indent + line[len(deeper) :] if line.startswith(deeper) else line for line in lines)
        return Edit(start - len(indent), end, text)

    def drop(self, items: list[Any], item: Any) -> Edit:
        """Take one of the arguments of a call, or of the elements of a list, out."""
        place = next(i for i, one in enumerate(items) if one is item)
        start, end = self.span(item)
        if place + 1 < len(items):
            return Edit(start, self.span(items[place + 1])[0], "")
        before = self.span(items[place - 1])[1] if place else start
        return Edit(before, end, "")

    def set_argument(self, call: cst.Call, keyword: str, text: str, position: int | None = None) -> Edit:
        """Give an argument a value, by keyword unless it is there at ``position``."""
        given = self.argument(call, keyword, position)
        if given is not None:
            return self.replace(given.value, text)
        if not call.args:
            end = self.span(call)[1] - 1
            return Edit(end, end, f"{keyword}={text}")
        end = self.span(call.args[-1].value)[1]
        end += len(call.args[-1].value.rpar) if hasattr(call.args[-1].value, "rpar") else 0
        return Edit(end, end, f", {keyword}={text}")

    def argument(self, call: cst.Call, keyword: str, position: int | None = None) -> cst.Arg | None:
        for index, arg in enumerate(call.args):
            named = arg.keyword.value if arg.keyword else None
            if named == keyword or (named is None and not arg.star and index == position):
                return arg
        return None

    def apply(self, edits: Iterable[Edit]) -> str | None:
        """The changed text; None if edits overlap or the result is not Python."""
        text, last = self.text, len(self.text) + 1
        for edit in sorted(edits, reverse=True):
            if edit.end > last:
                return None
            put = edit.text.replace("\r\n", "\n").replace("\n", "\r\n") if "\r\n" in self.text else edit.text
            text, last = text[: edit.start] + put + text[edit.end :], edit.start
        text = with_torch(text, self.text)
        try:
            compile(text, "<changed>", "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            return None
        return text

    def _offset(self, place: Any) -> int:
        return self._line_starts[min(place.line - 1, len(self._line_starts) - 1)] + place.column

    def _indent(self, start: int) -> str:
        begin = self.text.rfind("\n", 0, start) + 1
        return self.text[begin:start] if not self.text[begin:start].strip() else ""

    def _line_end(self, statement: cst.CSTNode) -> int:
        start, end = self.span(statement)
        end = start + len(self.text[start:end].rstrip())
        newline = self.text.find("\n", end)
        return len(self.text) if newline < 0 else newline + 1


def number(text: str) -> float | None:
    """The number that a piece of source is; None if it is none."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def written(value: float) -> str:
    """A number as a person would write it: ``0.001``, ``1e-05``, ``40``."""
    return str(int(value)) if value == int(value) and 1 <= abs(value) < 1e6 else f"{value:.3g}"


def _walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    stack = [node]
    while stack:
        top = stack.pop()
        yield top
        stack.extend(reversed(top.children))


def _pairs(target: Any, value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(target, cst.Tuple | cst.List):
        if isinstance(value, cst.Tuple | cst.List) and len(value.elements) == len(target.elements):
            for one, part in zip(target.elements, value.elements, strict=True):
                yield from _pairs(one.value, part.value)
        else:
            for one in target.elements:
                yield one.value, value
    else:
        yield target, value
