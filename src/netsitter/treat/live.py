"""Treatment of a training while it runs, on consent: leave a batch out, roll back, hold the rate, clip, stop.

A step whose loss is out of place (`policy.Judge`) is not taken. If the next loss is so too, weights,
buffers and the optimiser's averages go back to the last state that later losses have borne out. For some
steps after that the rate may not be above its last good value, and gradients are clipped to twice their
last good norm. If the losses stay where they are although the weights were put back, it is the data that
have changed: the treatment is undone, and what is new becomes usual. If they stay non-finite, the good
state is kept and no further step is taken. Every act is a line in the run. Price: a copy of the training's
state every few steps, as often as `BUDGET` pays for, and on a GPU a synchronisation a step.
"""

import math
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from netsitter.errors import UsageError, did_you_mean
from netsitter.observe import seams
from netsitter.observe.guard import Guarded, guarded
from netsitter.observe.look import first_tensor
from netsitter.run import Run
from netsitter.treat.gradients import clear, norm, scale
from netsitter.treat.memory import Memory
from netsitter.treat.policy import Allow, Judge

EVERY = 5
"""Steps between two copies of the state, if the budget allows."""
BUDGET = 0.02
"""Share of the training's time that copies may take."""
STALE = 50
"""However dear a copy is, one is made in every fiftieth part of the training: no more than that is lost."""
GUARDED = 50
"""Steps for which rate and gradients are held after an act."""
RELAPSE = 500
"""A training that is lost again within so many steps needs more than to be put back: it goes back to its best
state, for twice as long as before at half of the rate."""
MOST_RELAPSES = 8
ROOM = 2.0
"""Times the last good gradient norm that is let through while guarded."""


@dataclass(frozen=True, kw_only=True)
class State:
    """Where a training was, and how it stepped there."""

    memory: Memory
    rates: list[float]
    norm: float | None
    """Of the gradients."""


class Tended:
    """One optimiser under treatment."""

    def __init__(self, allow: Allow) -> None:
        self.judge = Judge(allow)
        self.trusted: State | None = None
        self.fresh: State | None = None
        """The latest one; trusted once the losses after it were as usual."""
        self.best: State | None = None
        """The trusted one whose usual loss was the lowest."""
        self.relapses = 0
        """How often the training was lost again soon after it had been brought back."""
        self.lost_at = -RELAPSE
        self.calls = 0
        """Steps that the program has asked for."""
        self.steps = 0
        """Those that were taken."""
        self.last_copy = 0
        self.every = EVERY
        self.guarded = 0
        self.is_stopped = False
        self.open_act: dict[str, Any] | None = None
        """The line that is written when the trouble is over."""


class Live(Guarded):
    """Listens to the same program as a watch, after it; ``close`` lets go."""

    def __init__(
        self,
        allow: Allow,
        roots: Callable[[], list[nn.Module]],
        run: Callable[[], Run],
        broken: dict[str, str],
    ) -> None:
        super().__init__()
        self.broken = broken
        self._allow = allow
        self._roots = roots
        self._run = run
        self._tended: weakref.WeakKeyDictionary[torch.optim.Optimizer, Tended] = weakref.WeakKeyDictionary()
        self._losses: list[float] = []
        self._has_stepped = False
        """Whether a step was taken from them: several optimisers may step from one loss."""
        self._scaler: Any = None
        self._depth = 0
        self._held: list[tuple[dict[str, Any], Any]] = []
        self._began = time.perf_counter()
        self._copying = 0.0
        seams.listen(self)

    def close(self) -> None:
        seams.leave(self)
        for tended in self._tended.values():
            self._finish(tended)
        self._tended.clear()

    # ---- what is heard

    @guarded
    def on_scale(self, scaler: Any) -> None:
        self._scaler = scaler if scaler.is_enabled() else None

    @guarded
    def before_backward(self, tensors: Any) -> None:
        loss = tensors if isinstance(tensors, torch.Tensor) else first_tensor(tensors)
        if loss is not None and loss.numel() == 1:
            if self._has_stepped:
                self._losses, self._has_stepped = [], False
            scale_now = self._scaler.get_scale() if self._scaler is not None else 1.0
            self._losses.append(float(loss.detach()) / scale_now)

    @guarded
    def before_step(self, optimizer: torch.optim.Optimizer) -> None:
        self._depth += 1
        if self._depth > 1 or not self._losses or isinstance(optimizer, torch.optim.LBFGS):
            return
        tended = self._tended.setdefault(optimizer, Tended(self._allow))
        loss = sum(self._losses) / len(self._losses)
        tended.calls += 1
        if tended.trusted is None:
            tended.best = tended.trusted = self._state(optimizer)
        if tended.is_stopped:
            clear(optimizer)
        elif not tended.judge.is_out_of_place(loss):
            tended.judge.take(loss)
            self._hold(optimizer, tended)
        elif tended.judge.has_changed(loss):
            self._undo(tended, loss)
        else:
            self._rescue(optimizer, tended, loss)

    @guarded
    def after_step(self, optimizer: torch.optim.Optimizer) -> None:
        self._depth = max(0, self._depth - 1)
        if self._depth:
            return
        self._has_stepped = True
        while self._held:
            group, rate = self._held.pop()
            group["lr"] = rate
        tended = self._tended.get(optimizer)
        if tended is not None and not tended.is_stopped:
            self._remember(optimizer, tended)

    # ---- acts

    def _rescue(self, optimizer: torch.optim.Optimizer, tended: Tended, loss: float) -> None:
        """Take no step, and go back to where the losses were good."""
        assert tended.trusted is not None
        clear(optimizer)
        in_a_row = tended.judge.leave()
        if in_a_row == 1:
            tended.trusted.memory.mend()
        else:
            self._roll_back(tended, is_first=in_a_row == 2)
        tended.fresh, tended.guarded = None, GUARDED * 2**tended.relapses
        if tended.open_act is None:
            tended.open_act = {
                "remedy": "skip-bad-batch",
                "step": tended.calls - 1,
                "loss": loss,
                "usual": tended.judge.level,
                "skipped": 0,
            }
        tended.open_act["skipped"] += 1
        if in_a_row == 2:
            tended.open_act["remedy"] = "roll-back"
        if tended.judge.is_beyond_help and not math.isfinite(loss):
            tended.is_stopped = True
            self._finish(tended, remedy="stop", kept=True, why="no batch gave a finite loss any more")

    @staticmethod
    def _roll_back(tended: Tended, *, is_first: bool) -> None:
        if is_first:
            is_relapse = tended.calls - tended.lost_at < RELAPSE
            tended.relapses = min(tended.relapses + 1, MOST_RELAPSES) if is_relapse else 0
            tended.lost_at = tended.calls
            if tended.relapses and tended.best is not None:
                tended.trusted = tended.best
        assert tended.trusted is not None
        tended.trusted.memory.recall()

    def _undo(self, tended: Tended, loss: float) -> None:
        why = f"the loss stayed near {loss:.4g} with the earlier weights too: the data have changed"
        self._finish(tended, kept=False, why=why)
        tended.judge.begin_again()
        tended.guarded = 0

    def _hold(self, optimizer: torch.optim.Optimizer, tended: Tended) -> None:
        """A step is taken; after an act it is a careful one."""
        if tended.open_act is not None and tended.guarded == 0:
            self._finish(tended, kept=True)
        if tended.guarded == 0:
            return
        assert tended.trusted is not None
        tended.guarded -= 1
        for group, good in zip(optimizer.param_groups, tended.trusted.rates, strict=False):
            limit = good * 0.5**tended.relapses
            if float(group["lr"]) > limit:
                self._held.append((group, group["lr"]))
                group["lr"] = limit
                self._mark(tended, "held_rate", limit)
        usual, size = tended.trusted.norm, norm(optimizer)
        if usual is not None and size is not None and float(size) > ROOM * usual:
            scale(optimizer, ROOM * usual / float(size))
            self._mark(tended, "clipped_to", ROOM * usual)

    @staticmethod
    def _mark(tended: Tended, name: str, value: float) -> None:
        if tended.open_act is not None:
            tended.open_act[name] = value

    def _finish(self, tended: Tended, **outcome: Any) -> None:
        """Write the line of an act that is over."""
        if tended.open_act is not None:
            self._run().treat({**tended.open_act, "kept": True, **outcome})
            tended.open_act = None

    # ---- memory

    def _remember(self, optimizer: torch.optim.Optimizer, tended: Tended) -> None:
        """Every few good steps, trust the state of the last time and keep the present one."""
        tended.steps += 1
        if tended.judge.is_waiting or tended.steps - tended.last_copy < tended.every:
            return
        tended.last_copy = tended.steps
        tended.trusted = tended.fresh or tended.trusted
        if tended.judge.is_at_its_best:
            tended.best = tended.trusted
        tended.fresh = self._state(optimizer)
        share = self._copying / max(time.perf_counter() - self._began, 1e-9)
        if share > BUDGET:
            tended.every = min(2 * tended.every, max(EVERY, tended.steps // STALE))

    def _state(self, optimizer: torch.optim.Optimizer) -> State:
        started = time.perf_counter()
        size = norm(optimizer)
        state = State(
            memory=Memory([optimizer], self._roots()),
            rates=[float(group["lr"]) for group in optimizer.param_groups],
            norm=float(size) if size is not None and math.isfinite(float(size)) else None,
        )
        self._copying += time.perf_counter() - started
        return state

    # ---- heard, and of no interest here

    def on_optimizer(self, optimizer: torch.optim.Optimizer) -> None: ...
    def on_forward(self, model: nn.Module, args: Any, kwargs: Any, output: Any, started: float) -> None: ...
    def on_loss(self, name: str, args: Any, kwargs: Any, result: Any) -> None: ...
    def on_loss_error(self, name: str, args: Any, kwargs: Any, error: Exception) -> None: ...
    def on_forward_error(self, error: Exception) -> None: ...
    def on_dropout(self) -> None: ...
    def after_backward(self, tensors: Any) -> None: ...
    def on_zero_grad(self, owner: Any) -> None: ...
    def on_clip(self, kind: str, limit: float, norm: Any) -> None: ...
    def on_saved_hooks(self) -> None: ...
    def on_load(self, model: nn.Module) -> None: ...
    def on_compile(self) -> None: ...


def tend(
    allow: str, roots: Callable[[], list[nn.Module]], run: Callable[[], Run], broken: dict[str, str]
) -> Live:
    """Start to treat; ``roots`` are the models to be kept, ``run`` takes the lines, ``broken`` our errors.

    Raises UsageError if ``allow`` is neither ``safe`` nor ``unsafe``.
    """
    if allow not in list(Allow):
        raise UsageError(f"There is no treatment {allow!r}.{did_you_mean(allow, list(Allow))}")
    return Live(Allow(allow), roots, run, broken)
