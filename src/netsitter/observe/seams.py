"""The places of torch that are listened to while a watch is open, and let go when the last one closes.

One set of replacements serves every open watch, so closing them in any order leaves torch exactly
as it was. A replacement changes nothing that it passes on, and steps aside while torch.compile traces.
Errors of a listener are given back to it. Calls cost: what each step runs through is written out.
"""

import functools
import time
from collections.abc import Callable
from typing import Any

import torch
import torch.optim.optimizer as optim
from torch import Tensor, nn

from netsitter.observe.listener import Listener

LOSSES = (
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "cosine_embedding_loss", "cross_entropy",
    "ctc_loss", "gaussian_nll_loss", "hinge_embedding_loss", "huber_loss", "kl_div", "l1_loss",
    "margin_ranking_loss", "mse_loss", "multi_margin_loss", "multilabel_margin_loss",
    "multilabel_soft_margin_loss", "nll_loss", "poisson_nll_loss", "smooth_l1_loss", "soft_margin_loss",
    "triplet_margin_loss", "triplet_margin_with_distance_loss",
)  # fmt: skip
"""Loss functions of torch.nn.functional; the modules of torch.nn call these."""

is_traced = torch.compiler.is_dynamo_compiling
"""Asked on every call; ``torch.compiler.is_compiling`` knows of exports too, and costs twice as much."""
_listeners: tuple[Listener, ...] = ()
_undo: list[Callable[[], None]] = []
_called: set[int] = set()
"""ids of the root modules whose calls are reported."""
_classes: set[type] = set()
_told = 0  # loss calls reported so far


def listen(listener: Listener) -> None:
    """Start reporting to ``listener``; the first one puts the replacements in place."""
    global _listeners
    _listeners = (*_listeners, listener)
    if len(_listeners) == 1:
        try:
            _install()
        except BaseException:
            leave(listener)
            raise


def leave(listener: Listener) -> None:
    """Stop reporting; the last one to leave restores torch."""
    global _listeners
    _listeners = tuple(other for other in _listeners if other is not listener)
    if not _listeners:
        while _undo:
            _undo.pop()()
        _called.clear()
        _classes.clear()


def hear_calls(model: nn.Module) -> None:
    """Report calls of this module; what is replaced is its class, so copies and pickles stay clean."""
    _called.add(id(model))
    cls = type(model)
    if cls not in _classes:
        _classes.add(cls)
        _replace(cls, "__call__", _hear_call)


def _install() -> None:
    functional = torch.nn.functional
    for name in LOSSES:
        _replace(functional, name, functools.partial(_hear_loss, name))
    _replace(functional, "dropout", _hear_dropout)
    _replace(torch, "compile", _hear_compile)
    _replace(nn.Module, "compile", _hear_compile)
    _replace(torch.autograd, "backward", _hear_backward)
    _replace(optim.Optimizer, "__init__", _hear_init)
    _replace(optim.Optimizer, "zero_grad", _hear_clearing)
    _replace(nn.Module, "zero_grad", _hear_zero_grad)
    _replace(nn.Module, "load_state_dict", _hear_load)
    _replace(nn.utils, "clip_grad_norm_", functools.partial(_hear_clip, "norm", "max_norm"))
    _replace(nn.utils, "clip_grad_value_", functools.partial(_hear_clip, "value", "clip_value"))
    _replace(torch.amp.GradScaler, "scale", _hear_scale)
    _replace(torch.autograd.graph.saved_tensors_hooks, "__init__", _hear_saved_hooks)
    _undo.append(optim.register_optimizer_step_pre_hook(_hear_before_step).remove)
    _undo.append(optim.register_optimizer_step_post_hook(_hear_after_step).remove)


def _replace(owner: Any, name: str, wrap: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    inherited = name not in vars(owner)
    original = getattr(owner, name)
    heard = functools.wraps(original)(wrap(original))
    vars(heard)["__prepare_scriptable__"] = lambda: original  # torch.jit.script compiles that one
    setattr(owner, name, heard)
    _undo.append(lambda: delattr(owner, name) if inherited else setattr(owner, name, original))


def _tell(event: str, *args: Any) -> None:
    for listener in _listeners:
        try:
            getattr(listener, event)(*args)
        except Exception as error:
            listener.excuse(event, error)


def _hear_loss(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    def loss(*args: Any, **kwargs: Any) -> Any:
        if is_traced():
            return original(*args, **kwargs)
        global _told
        told = _told
        try:
            result = original(*args, **kwargs)
        except Exception as error:
            _tell("on_loss_error", name, args, kwargs, error)
            raise
        for listener in _listeners:  # on other steps a training loss is read when backward begins
            if listener.is_looking or not getattr(result, "requires_grad", False):
                break
        else:
            return result
        # If the call came back to us with other arguments, those were the true ones.
        if _told == told and not torch.compiler.is_compiling():
            _told += 1
            _tell("on_loss", name, args, kwargs, result)
        return result

    return loss


def _hear_backward(original: Callable[..., Any]) -> Callable[..., Any]:
    def backward(tensors: Any, *args: Any, **kwargs: Any) -> Any:
        is_heard = False
        for listener in _listeners:
            try:
                if (stride := listener.stride) is None or not stride.before_backward(tensors):
                    is_heard = True
                    listener.before_backward(tensors)
            except Exception as error:
                listener.excuse("before_backward", error)
        result = original(tensors, *args, **kwargs)
        for listener in _listeners if is_heard else ():
            if listener.is_looking:
                try:
                    listener.after_backward(tensors)
                except Exception as error:
                    listener.excuse("after_backward", error)
        return result

    return backward


def _hear_call(original: Callable[..., Any]) -> Callable[..., Any]:
    def __call__(self: nn.Module, *args: Any, **kwargs: Any) -> Any:  # noqa: N807
        if is_traced() or (me := id(self)) not in _called:
            return original(self, *args, **kwargs)
        started = 0.0
        for listener in _listeners:
            if listener.is_looking:  # who does not look needs no time, and reading a clock costs
                started = time.perf_counter()
        try:
            output = original(self, *args, **kwargs)
        except Exception as error:
            _tell("on_forward_error", error)
            raise
        for listener in _listeners:
            if (
                not listener.is_looking
                and me in listener.familiar
                and type(output) is Tensor
                and output.requires_grad
                and self.training
            ):
                listener.latest = (self, args, kwargs)
            elif not torch.compiler.is_compiling():
                try:
                    listener.on_forward(self, args, kwargs, output, started)
                except Exception as error:
                    listener.excuse("on_forward", error)
        return output

    return __call__


def _hear_dropout(original: Callable[..., Any]) -> Callable[..., Any]:
    def dropout(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
        result = original(input, p, training, inplace)
        if training and p > 0 and not torch.is_grad_enabled() and not is_traced():
            _tell("on_dropout")
        return result

    return dropout


def _hear_init(original: Callable[..., Any]) -> Callable[..., Any]:
    def __init__(self: optim.Optimizer, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        original(self, *args, **kwargs)
        _tell("on_optimizer", self)

    return __init__


def _hear_clearing(original: Callable[..., Any]) -> Callable[..., Any]:
    def zero_grad(self: optim.Optimizer, *args: Any, **kwargs: Any) -> Any:
        result = original(self, *args, **kwargs)
        for listener in _listeners:
            if (stride := listener.stride) is not None:
                stride.cleared.add(id(self))
                continue
            try:
                listener.on_zero_grad(self)
            except Exception as error:
                listener.excuse("on_zero_grad", error)
        return result

    return zero_grad


def _hear_zero_grad(original: Callable[..., Any]) -> Callable[..., Any]:
    def zero_grad(self: nn.Module, *args: Any, **kwargs: Any) -> Any:
        result = original(self, *args, **kwargs)
        _tell("on_zero_grad", self)
        return result

    return zero_grad


def _hear_before_step(optimizer: optim.Optimizer, args: Any, kwargs: Any) -> None:
    for listener in _listeners:
        if listener.stride is None:
            try:
                listener.before_step(optimizer)
            except Exception as error:
                listener.excuse("before_step", error)


def _hear_after_step(optimizer: optim.Optimizer, args: Any, kwargs: Any) -> None:
    for listener in _listeners:
        try:
            if (stride := listener.stride) is None or not stride.after_step(optimizer):
                listener.after_step(optimizer)
            else:
                listener.latest = None
        except Exception as error:
            listener.excuse("after_step", error)


def _hear_compile(original: Callable[..., Any]) -> Callable[..., Any]:
    def compile(*args: Any, **kwargs: Any) -> Any:
        _tell("on_compile")
        return original(*args, **kwargs)

    return compile


def _hear_load(original: Callable[..., Any]) -> Callable[..., Any]:
    def load_state_dict(self: nn.Module, *args: Any, **kwargs: Any) -> Any:
        result = original(self, *args, **kwargs)
        _tell("on_load", self)
        return result

    return load_state_dict


def _hear_clip(kind: str, keyword: str, original: Callable[..., Any]) -> Callable[..., Any]:
    def clip(parameters: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(parameters, *args, **kwargs)
        _tell("on_clip", kind, args[0] if args else kwargs.get(keyword), result)
        return result

    return clip


def _hear_scale(original: Callable[..., Any]) -> Callable[..., Any]:
    def scale(self: Any, outputs: Any) -> Any:
        result = original(self, outputs)
        _tell("on_scale", self)
        return result

    return scale


def _hear_saved_hooks(original: Callable[..., Any]) -> Callable[..., Any]:
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        original(self, *args, **kwargs)
        _tell("on_saved_hooks")

    return __init__
