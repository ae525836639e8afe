"""A running program under treatment: what is known of it, and the moments at which it can be changed."""

import functools
import os
import sys
import time
import weakref
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import nn
from torch.optim.lr_scheduler import LRScheduler
from torch.utils.data import DataLoader

from netsitter.observe import seams
from netsitter.observe.anatomy import Anatomy
from netsitter.observe.guard import Guarded, guarded
from netsitter.observe.look import first_tensor
from netsitter.observe.training import held
from netsitter.treat.act import Act, same_chance
from netsitter.treat.calls import PASS, Call, Calls, Handler
from netsitter.treat.examine import Exam
from netsitter.treat.examiner import Examiner
from netsitter.treat.memory import Memory
from netsitter.treat.places import Place, here
from netsitter.treat.yardstick import Yardstick

MOMENTS = (
    "made",
    "examined",
    "after_forward",
    "before_backward",
    "after_backward",
    "zero_grad",
    "before_step",
    "after_step",
)

MADE = {nn.Module: "layer", DataLoader: "loader", LRScheduler: "schedule"}
"""Classes of which it is noted where the program makes an object."""
MOST_PLACES = 1000
EAGER = "TORCH_COMPILE_DISABLE"
"""Read by torch when its compiler is first imported."""
WHILE = 64
"""Steps for which places are noted: a loop does the same on the same lines after that."""


class Patient(Guarded):
    """Enter it before the program starts; leaving it lets go of torch.

    Remedies enter themselves at a moment through `at`, or at calls of torch's functions through `on_call`.
    Moments, and what a handler is given:
    ``made`` an optimiser was constructed; ``examined`` the first iteration of a training is over and its
    `Exam` is there, before anything was stepped; ``after_forward`` a root module;
    ``before_backward`` and ``after_backward`` the loss; ``zero_grad`` its owner; ``before_step`` and
    ``after_step`` the optimiser.
    """

    def __init__(self) -> None:
        super().__init__()
        self.calls = Calls(self.excuse)
        self.anatomy = Anatomy()
        self.examiner = Examiner(self)
        self.yardstick = Yardstick(self.calls)
        self.made: weakref.WeakKeyDictionary[nn.Module, Place] = weakref.WeakKeyDictionary()
        """Lines of the program where modules are made."""
        self.places: dict[Place, None] = {}
        """Lines of the program where training is made."""
        self._moments: dict[str, list[Callable[[Any], None]]] = {moment: [] for moment in MOMENTS}
        self._optimizers: list[weakref.ref[torch.optim.Optimizer]] = []
        self._depth = 0
        self._let_go: list[Callable[[], None]] = []
        self.steps = 0

    def __enter__(self) -> "Patient":
        seams.listen(self)
        self._let_go += [self.calls.witness(["backward"], lambda call, _: self._note_place("backward"))]
        self._let_go += [self._hear_making(owner, what) for owner, what in MADE.items()]
        self._let_go += [_run_eagerly()]
        self.examiner.begin()
        self.calls.__enter__()
        return self

    def __exit__(self, *exc: Any) -> None:
        self.calls.__exit__(*exc)
        while self._let_go:
            self._let_go.pop()()
        seams.leave(self)

    def _hear_making(self, owner: type, what: str) -> Callable[[], None]:
        """Note where objects of a class are made; returns how to end it."""
        original: Any = owner.__init__

        def __init__(made: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
            original(made, *args, **kwargs)
            try:
                self._note_made(made, what)
            except Exception as error:
                self.excuse("making", error)

        owner.__init__ = functools.wraps(original)(__init__)
        return lambda: setattr(owner, "__init__", original)

    def _note_made(self, made: Any, what: str) -> None:
        kind = type(made).__name__
        if isinstance(made, nn.Module):
            place = here(what, kind) if len(self.made) < MOST_PLACES else None
            if place is not None:
                self.made[made] = place
        else:
            self._note_place(what, kind)

    # ---- for remedies

    def at(self, moment: str, act: Act, handler: Callable[[Any], None]) -> None:
        """Call ``handler`` at every such moment until the act is undone."""

        def tended(heard: Any) -> None:
            with act.guarded():
                handler(heard)

        handlers = self._moments[moment]
        handlers.append(tended)
        act.when_undone(lambda: handlers.remove(tended))

    def on_call(self, names: Iterable[str], act: Act, handler: Handler) -> None:
        """Let ``handler`` answer calls of these functions until the act is undone."""

        def tended(call: Call) -> Any:
            with act.guarded():
                return handler(call)
            return PASS

        act.when_undone(self.calls.answer(names, tended))

    def when_examined(self, act: Act, operate: Callable[[Exam], None]) -> None:
        """Operate on every training at its first step. The program's chance is kept.

        A training that has begun is left alone: an operation is for a network that has learnt nothing.
        """

        def operation(exam: Exam) -> None:
            with same_chance(), torch.enable_grad():
                operate(exam)

        if self.examiner.exams:
            act.refuse("The training has begun: this is done before its first step or not at all.")
        self.at("examined", act, operation)

    def optimizers(self) -> list[torch.optim.Optimizer]:
        return [optimizer for reference in self._optimizers if (optimizer := reference()) is not None]

    def remember(self) -> Memory:
        """Everything that training has changed so far."""
        return Memory(self.optimizers(), self.anatomy.live_roots())

    def learn(self, parameters: Iterable[torch.Tensor]) -> None:
        """Find the models behind parameters, and listen to their calls."""
        if self.anatomy.learn(parameters):
            for root in self.anatomy.live_roots():
                seams.hear_calls(root)

    # ---- what is heard

    def _tell(self, moment: str, heard: Any) -> None:
        for handler in tuple(self._moments[moment]):
            handler(heard)

    def _note_place(self, what: str, detail: str = "") -> None:
        if self.steps < WHILE and len(self.places) < MOST_PLACES:
            place = here(what, detail)
            if place is not None:
                self.places[place] = None

    @guarded
    def on_optimizer(self, optimizer: torch.optim.Optimizer) -> None:
        self._optimizers.append(weakref.ref(optimizer))
        self.learn(held(optimizer))
        self._note_place("optimizer", type(optimizer).__name__)
        self.examiner.expect(optimizer)
        self._tell("made", optimizer)

    @guarded
    def on_forward(
        self, model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any, started: float
    ) -> None:
        self.examiner.on_forward(model, args, kwargs, output)
        self._tell("after_forward", model)
        if self.anatomy.module_name(model) is not None:
            self.yardstick.on_forward(first_tensor(args or kwargs), output)

    def on_loss(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None: ...

    @guarded
    def before_backward(self, tensors: Any) -> None:
        self.examiner.before_backward(tensors)
        self._tell("before_backward", tensors)

    @guarded
    def after_backward(self, tensors: Any) -> None:
        self._tell("after_backward", tensors)

    @guarded
    def on_zero_grad(self, owner: torch.optim.Optimizer | nn.Module) -> None:
        self._note_place("zero_grad")
        self._tell("zero_grad", owner)

    @guarded
    def on_clip(self, kind: str, limit: float, norm: Any) -> None:
        self._note_place("clip")

    @guarded
    def before_step(self, optimizer: torch.optim.Optimizer) -> None:
        self._depth += 1
        if self._depth > 1:
            return
        self._note_place("step")
        exam = self.examiner.conclude(optimizer)
        if exam is not None:
            self._tell("examined", exam)
            exam.settle()
        self._tell("before_step", optimizer)

    @guarded
    def after_step(self, optimizer: torch.optim.Optimizer) -> None:
        self._depth = max(0, self._depth - 1)
        if self._depth == 0:
            self.steps += 1
            self.yardstick.step = self.steps
            self._tell("after_step", optimizer)

    def on_loss_error(
        self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], error: Exception
    ) -> None: ...
    def on_forward_error(self, error: Exception) -> None: ...
    def on_dropout(self) -> None: ...
    def on_scale(self, scaler: Any) -> None: ...
    def on_saved_hooks(self) -> None: ...
    def on_load(self, model: nn.Module) -> None: ...
    def on_compile(self) -> None: ...


def _run_eagerly() -> Callable[[], None]:
    """Let torch.compile hand back what it is given: calls inside a compiled model are not seen.

    Both arms of a trial run so, and results differ from the compiled ones by rounding alone. Returns how to
    end it.
    """
    before = os.environ.get(EAGER)
    config: Any = getattr(sys.modules.get("torch._dynamo"), "config", None)
    was_off = config is not None and config.disable
    os.environ[EAGER] = "1"
    if config is not None:
        config.disable = True

    def end() -> None:
        loaded: Any = getattr(sys.modules.get("torch._dynamo"), "config", None)
        if loaded is not None:
            loaded.disable = was_off
        if before is None:
            os.environ.pop(EAGER, None)
        else:
            os.environ[EAGER] = before

    return end


def clock() -> tuple[float, float]:
    """Seconds of wall and of processor time."""
    return time.perf_counter(), time.process_time()
