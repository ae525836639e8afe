"""Which models are alive, and what their parameters and modules are called.

Nothing of the program is held: modules and parameters are remembered weakly, so a model that the
program drops is gone for us too.
"""

import gc
import sys
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

MAX_SCANS = 32
"""Looking through all objects costs some 50 ms; a program that makes models all the time gets no more."""
MAX_PARAMETERS = 256
"""Parameters measured one by one; of larger models, this many spread evenly over the depth."""


@dataclass(frozen=True, kw_only=True)
class _Part:
    """A parameter: what it is called, and the module that holds it (None for a free tensor)."""

    parameter: weakref.ref[torch.Tensor]
    name: str
    module: weakref.ref[nn.Module] | None


class Anatomy:
    """Names for the parts of every model that the watched training touches."""

    def __init__(self, model: nn.Module | None = None) -> None:
        self.given = model is not None
        self._parameters: dict[int, _Part] = {}
        self._modules: dict[int, tuple[weakref.ref[nn.Module], str]] = {}
        self.roots: list[weakref.ref[nn.Module]] = []
        self.unregistered: set[str] = set()
        """Modules that a model keeps in a plain list or dict, where PyTorch does not see them."""
        self.activations: dict[tuple[str, ...], dict[str, str | None]] = {}
        """What bends the output of each layer, by the layers of a graph: to find out costs milliseconds."""
        self._pretrained: set[int] = set()
        self._scans = 0
        if model is not None:
            self._name([(model, "")])

    def knows(self, parameter: torch.Tensor) -> bool:
        part = self._parameters.get(id(parameter))
        return part is not None and part.parameter() is parameter

    def owns(self, parameters: Iterable[torch.Tensor]) -> bool:
        """Whether any of these belongs to a known model."""
        return any(map(self.knows, parameters))

    def name(self, parameter: torch.Tensor) -> str:
        """The parameter's path, or its shape where no model owns it."""
        if self.knows(parameter):
            return self._parameters[id(parameter)].name
        return "tensor(" + "x".join(map(str, parameter.shape)) + ")"

    def holder(self, parameter: torch.Tensor) -> nn.Module | None:
        """The module that holds the parameter; None for a free one."""
        holder = self._parameters[id(parameter)].module if self.knows(parameter) else None
        return holder() if holder is not None else None

    def kind(self, parameter: torch.Tensor) -> str:
        """The type of the module that holds the parameter; ``Tensor`` for a free one."""
        module = self.holder(parameter)
        return type(module).__name__ if module is not None else "Tensor"

    def foreign(self, parameters: Iterable[torch.Tensor]) -> list[torch.Tensor]:
        """Those that were a model's that is gone, or have another in their place now."""
        now = dict(self.parameters())
        held = [(p, self._parameters[id(p)]) for p in parameters if self.knows(p)]
        return [p for p, part in held if part.module is not None and now.get(part.name) is not p]

    def is_pretrained(self, parameter: torch.Tensor) -> bool:
        """Whether its values were loaded, or trained by an optimiser before."""
        return id(parameter) in self._pretrained and self.knows(parameter)

    def note_pretrained(self, parameters: Iterable[torch.Tensor]) -> None:
        self._pretrained |= {id(parameter) for parameter in parameters}

    def module_name(self, module: nn.Module) -> str | None:
        entry = self._modules.get(id(module))
        return entry[1] if entry is not None and entry[0]() is module else None

    def modules(self) -> Iterator[tuple[str, nn.Module]]:
        """Every known module that is still alive, in the order of its model."""
        for reference, name in list(self._modules.values()):
            module = reference()
            if module is not None:
                yield name, module

    def parameters(self) -> Iterator[tuple[str, torch.Tensor]]:
        """Those of live models, and free tensors, in the order of their models."""
        for part in list(self._parameters.values()):
            parameter = part.parameter()
            if parameter is not None and (part.module is None or part.module() is not None):
                yield part.name, parameter

    def live_roots(self) -> list[nn.Module]:
        return [root for reference in self.roots if (root := reference()) is not None]

    def learn(self, parameters: Iterable[torch.Tensor]) -> bool:
        """Find the models of parameters not known yet; returns whether a model or layer was found."""
        unknown = {id(p) for p in parameters if not self.knows(p)}
        if not unknown or self._scans >= MAX_SCANS:
            return False
        self._scans += 1
        if self._renew(unknown) or self.given:
            return all(map(self.knows, parameters))
        known = {id(root) for root in self.live_roots()}
        variables = _variables()
        found = [
            root
            for root in _live_modules()
            if id(root) not in known and any(id(p) in unknown for p in root.parameters())
        ]
        alone = len(found) + len(known) == 1
        self._name([(root, "" if alone else variables.get(id(root), _plain_name(root))) for root in found])
        for parameter in parameters:
            if not self.knows(parameter) and id(parameter) in variables:
                self._remember(parameter, variables[id(parameter)], None)
        return bool(found)

    def _renew(self, unknown: set[int]) -> bool:
        """Layers that were put into a known model after it was named: name these."""
        found = False
        for root in self.live_roots():
            if any(id(p) in unknown for p in root.parameters()):
                self._describe(root, self.module_name(root) or "")
                found = True
        return found

    def _name(self, roots: list[tuple[nn.Module, str]]) -> None:
        homes = {id(module): path for root, prefix in roots for path, module in _hidden(root, prefix)}
        for root, prefix in roots:
            if id(root) in homes:
                prefix = homes[id(root)]
                self.unregistered.add(prefix)
            prefix = self._unused(prefix)
            self.roots.append(weakref.ref(root))
            self._describe(root, prefix)

    def _describe(self, root: nn.Module, prefix: str) -> None:
        """Name every module and parameter of a model."""
        for path, module in root.named_modules(prefix=prefix):
            self._modules[id(module)] = (weakref.ref(module), path)
            for name, parameter in module.named_parameters(recurse=False):
                if not self.knows(parameter):
                    self._remember(parameter, f"{path}.{name}" if path else name, module)

    def _remember(self, parameter: torch.Tensor, name: str, module: nn.Module | None) -> None:
        holder = weakref.ref(module) if module is not None else None
        self._parameters[id(parameter)] = _Part(parameter=weakref.ref(parameter), name=name, module=holder)

    def _unused(self, prefix: str) -> str:
        """A second model of the same name, a new fold of a cross-validation, gets a number."""
        taken = {name for name, _ in self.modules()}
        if prefix not in taken:
            return prefix
        return next(name for n in range(2, 10_000) if (name := f"{prefix or 'model'}#{n}") not in taken)


def _live_modules() -> list[nn.Module]:
    """Root modules among all live objects, oldest first. ``type`` is asked, never a proxy's ``__class__``."""
    modules = [m for m in gc.get_objects() if issubclass(type(m), nn.Module) and "_modules" in m.__dict__]
    inner = {id(child) for module in modules for child in module._modules.values()}
    return [module for module in modules if id(module) not in inner and module._modules is not None]


def _variables() -> dict[int, str]:
    """Names that the program's modules give to models and tensors.

    Local variables of functions are left alone: reading a frame's locals would keep them alive.
    """
    names: dict[int, str] = {}
    frame: Any = sys._getframe(1)
    while frame is not None:
        package = frame.f_globals.get("__name__", "").partition(".")[0]
        if package not in ("torch", "netsitter", "runpy"):
            for name, value in list(frame.f_globals.items()):
                if issubclass(type(value), nn.Module | torch.Tensor):
                    names.setdefault(id(value), name)
        frame = frame.f_back
    return names


def _hidden(root: nn.Module, prefix: str) -> Iterator[tuple[str, nn.Module]]:
    """Modules that a model keeps outside PyTorch's sight: in a list or dict attribute."""
    for path, module in root.named_modules(prefix=prefix):
        for attribute, value in vars(module).items():
            if attribute.startswith("_"):
                continue
            items = (
                value.items()
                if isinstance(value, dict)
                else enumerate(value)
                if isinstance(value, list | tuple)
                else ()
            )
            for key, item in items:
                if isinstance(item, nn.Module):
                    yield f"{path}.{attribute}.{key}".lstrip("."), item


def _plain_name(module: nn.Module) -> str:
    return type(module).__name__.lower()


def spread(items: list[Any], limit: int = MAX_PARAMETERS) -> list[Any]:
    """At most ``limit`` of the items, evenly over their order, first and last among them."""
    if len(items) <= limit:
        return items
    return [items[round(i * (len(items) - 1) / (limit - 1))] for i in range(limit)]
