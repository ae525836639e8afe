"""Calls of torch's functions and tensor methods, seen before they are made, and changed where asked.

One mode serves a whole program. It sees ``torch.softmax(x)``, ``F.softmax(x)``, ``x.softmax(1)`` and what
the modules of torch.nn call, whether imported by name or not, because torch itself hands them over. Price:
about a microsecond a call, and some more for calls that someone waits for.
"""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from netsitter.treat.places import is_own_call

PASS = object()
"""What a handler returns that does not answer the call itself."""


class Call:
    """One call; a handler may change ``args`` and ``kwargs``, or answer it by a value of its own."""

    __slots__ = ("args", "func", "kwargs", "name")

    def __init__(self, name: str, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]):
        self.name = name
        self.func = func
        self.args = args
        self.kwargs = kwargs

    def proceed(self) -> Any:
        return self.func(*self.args, **self.kwargs)

    def given(self, position: int, keyword: str, default: Any = None) -> Any:
        """An argument by position or keyword."""
        return self.args[position] if len(self.args) > position else self.kwargs.get(keyword, default)

    def give(self, position: int, keyword: str, value: Any) -> None:
        """Replace an argument, however it was given."""
        if len(self.args) > position:
            self.args = (*self.args[:position], value, *self.args[position + 1 :])
        else:
            self.kwargs = {**self.kwargs, keyword: value}


Handler = Callable[[Call], Any]
Witness = Callable[[Call, Any], None]


class Calls(TorchFunctionMode):
    """Active while it is entered. ``answer`` asks handlers first, ``witness`` is told of the result."""

    def __init__(self, excuse: Callable[[str, Exception], None]) -> None:
        super().__init__()
        self._excuse = excuse
        """Told of errors of ours: the program goes on."""
        self._handlers: dict[str, list[Handler]] = {}
        self._witnesses: dict[str, list[Witness]] = {}
        self._names: dict[Any, str] = {}
        self.is_in_backward = False
        """Checkpointed layers are being computed again: these calls are no new iteration."""
        self.overhear: Callable[[str, Any, Any], None] | None = None
        """Told of calls by name, arguments and result: of all without gradients, of others while
        `follows` says so."""
        self.follows: Callable[[], bool] = lambda: False

    def answer(self, names: Iterable[str], handler: Handler) -> Callable[[], None]:
        """Ask ``handler`` about calls of these names, the latest one first; returns how to end it."""
        return _enter(self._handlers, names, handler, first=True)

    def witness(self, names: Iterable[str], witness: Witness) -> Callable[[], None]:
        """Tell ``witness`` of calls of these names and their results; returns how to end it."""
        return _enter(self._witnesses, names, witness, first=False)

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        name = self._names.get(func)
        if name is None:
            name = self._names[func] = name_of(func)
        handlers, witnesses = self._handlers.get(name), self._witnesses.get(name)
        is_heard = self.overhear is not None and (not torch.is_grad_enabled() or self.follows())
        if (handlers is None and witnesses is None and not is_heard) or is_own_call():
            return func(*args, **(kwargs or {}))
        call = Call(name, func, args, kwargs or {})
        for handler in tuple(handlers or ()):
            result = handler(call)
            if result is not PASS:
                break
        else:
            result = self._backward(call) if name == "backward" else call.proceed()
        try:
            for witness in tuple(witnesses or ()):
                witness(call, result)
            if is_heard and self.overhear is not None:
                self.overhear(name, call.args, result)
        except Exception as error:
            self._excuse(f"calls of {name}", error)
        return result

    def _backward(self, call: Call) -> Any:
        """Checkpointed layers are computed again inside backward: there, too, calls are seen.

        Torch leaves a mode while it handles a call, so it is entered again where the engine starts.
        """
        owner: Any = torch.autograd
        engine = getattr(owner, "_engine_run_backward", None)
        if engine is None or self.is_in_backward:
            return call.proceed()

        def run(*args: Any, **kwargs: Any) -> Any:
            with self:
                return engine(*args, **kwargs)

        self.is_in_backward, owner._engine_run_backward = True, run
        try:
            return call.proceed()
        finally:
            self.is_in_backward, owner._engine_run_backward = False, engine


def name_of(func: Any) -> str:
    """``Tensor.softmax``, ``torch.softmax``, ``F.softmax`` → ``softmax``; reading ``.data`` → ``data``."""
    name = getattr(func, "__name__", "")
    if name == "__get__":
        return getattr(func.__self__, "__name__", "")
    return name.strip("_")


def tensors(values: Any) -> list[torch.Tensor]:
    """Tensors among arguments, one level deep."""
    return [value for value in values if isinstance(value, torch.Tensor)]


def _enter(
    table: dict[str, list[Any]], names: Iterable[str], entry: Any, *, first: bool
) -> Callable[[], None]:
    names = tuple(names)
    for name in names:
        table.setdefault(name, []).insert(0 if first else len(table[name]), entry)

    def leave() -> None:
        for name in names:
            entries = table.get(name, [])
            if entry in entries:
                entries.remove(entry)
            if not entries:
                table.pop(name, None)

    return leave
