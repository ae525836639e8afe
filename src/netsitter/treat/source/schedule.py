"""Step the scheduler once an epoch, or do without it."""

from collections.abc import Iterator

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._settings import rates_set
from netsitter.treat.source._training import Training

KNOB = Knob.SCHEDULE
CURES = ("lr-vanished", "lr-too-low", "plateau", "underfitting", "too-few-epochs", "oscillation")
EXAMPLES = (
    (
        "lr-vanished",
        "import torch\ns = torch.optim.lr_scheduler.StepLR(opt, 5)\nfor e in range(9):\n"
        "    for x in data:\n        opt.step()\n        s.step()\n    print(e)\n",
        "import torch\ns = torch.optim.lr_scheduler.StepLR(opt, 5)\nfor e in range(9):\n"
        "    for x in data:\n        opt.step()\n    s.step()\n    print(e)\n",
    ),
    (
        "lr-vanished",
        "for e in range(9):\n    for g in opt.param_groups:\n        g['lr'] *= 0.1\n    train()\n",
        "for e in range(9):\n    for g in opt.param_groups:\n        pass\n    train()\n",
    ),
    (
        "lr-vanished",
        "class T:\n    def __init__(self, kind):\n        self.scheduler = kind(self.opt)\n"
        "    def batch(self, x):\n        self.opt.step()\n        self.scheduler.step()\n"
        "    def epoch(self):\n        total = sum(self.batch(x) for x in data)\n",
        "class T:\n    def __init__(self, kind):\n        self.scheduler = kind(self.opt)\n"
        "    def batch(self, x):\n        self.opt.step()\n"
        "    def epoch(self):\n        total = sum(self.batch(x) for x in data)\n"
        "        self.scheduler.step()\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    calls = [c for c in source.methods("step") if source.receiver(c) in source.schedulers]
    for call in calls:
        statement, loops = source.statement(call), source.loops(call)
        if statement is None:
            continue
        if len(loops) >= 2:
            edits = (source.remove(statement), source.after(loops[0], source.code(statement)))
            yield Change(
                name="schedule-per-epoch",
                text="Step the scheduler once an epoch, not with every batch.",
                edits=edits,
            )
        yield from _from_function(source, call, statement)
        edit = source.remove(statement)
        yield Change(name="no-schedule", text="Train without the schedule.", edits=(edit,))
    yield from _by_hand(source)
    if case.illness == "oscillation" and not source.schedulers:
        yield from _anneal(source)


def _by_hand(source: Training) -> Iterator[Change]:
    """``group["lr"] *= 0.1`` while training goes on."""
    statements = [source.statement(node) for node in rates_set(source)]
    edits = [source.remove(statement) for statement in statements if statement is not None]
    if edits:
        text = "Leave the rate as it is set: what is written into the groups lets it vanish."
        yield Change(name="no-schedule", text=text, edits=tuple(edits))


def _from_function(source: Training, call: cst.Call, statement: cst.CSTNode) -> Iterator[Change]:
    """A step in a function that trains one batch or epoch: step after the epoch's loop body instead."""
    home = source.function(call)
    if home is None or ("." in source.receiver(call) and not source.receiver(call).startswith("self.")):
        return
    for caller in source.callers(home)[:1]:
        at, loops = source.statement(caller), source.loops(caller)
        known = source.receiver(call) in {n for n in source.assignments if "." not in n}
        is_of_object = source.receiver(call).startswith("self.")
        is_repeated = any(True for _ in source.around(caller, (cst.GeneratorExp, cst.ListComp)))
        if at is not None and ((loops and known) or (is_repeated and is_of_object)):
            edits = (
                source.remove(statement),
                source.after(loops[0] if len(loops) > 1 else at, source.code(call)),
            )
            yield Change(name="schedule-per-epoch", text="Step the scheduler once an epoch.", edits=edits)


def _anneal(source: Training) -> Iterator[Change]:
    for backward in source.backwards[:1]:
        loop = source.epoch_loop(backward)
        made = [c for c in source.optimizers if source.target(c)]
        at = source.statement(made[0]) if made else None
        if loop is None or at is None or not isinstance(loop, cst.For) or source.statement(loop) is not loop:
            continue
        name = source.target(made[0])
        new = f"scheduler = {source.spell('torch.optim.lr_scheduler.ExponentialLR')}({name}, 0.95)"
        edits = (source.after(at, new), source.after(loop.body.body[-1], "scheduler.step()"))
        yield Change(name="anneal-rate", text="Lower the rate by 5 % an epoch.", edits=edits)
