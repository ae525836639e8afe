"""Clip gradients at a size that leaves the usual ones alone, or clip at all."""

from collections.abc import Iterator
from typing import Any

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._reading import written
from netsitter.treat.source._training import Figure, Training

KNOB = Knob.CLIP
CURES = (
    "clipping-always-on",
    "exploding-gradients",
    "loss-spike",
    "lr-too-high",
    "non-finite-loss",
    "oscillation",
    "lr-too-low",
)
CLIPS = (
    "torch.nn.utils.clip_grad_norm_",
    "torch.nn.utils.clip_grad_value_",
    "torch.nn.utils.clip_grad.clip_grad_norm_",
)

EXAMPLES = (
    (
        "clipping-always-on",
        "MOST = 1e-6\nfor p in net.parameters():\n    p.register_hook(lambda g: g.clamp(-MOST, MOST))\n",
        "MOST = 5\nfor p in net.parameters():\n    p.register_hook(lambda g: g.clamp(-MOST, MOST))\n",
    ),
    (
        "clipping-always-on",
        "from torch import nn\nMAX = 1e-3\nnn.utils.clip_grad_norm_(net.parameters(), MAX)\n",
        "from torch import nn\nMAX = 5.0\nnn.utils.clip_grad_norm_(net.parameters(), MAX)\n",
    ),
    (
        "clipping-always-on",
        "for p in net.parameters():\n    p.grad.clamp_(-1e-6, 1e-6)\n",
        "for p in net.parameters():\n    p.grad.clamp_(-5, 5)\n",
    ),
    (
        "exploding-gradients",
        "import torch\nopt = torch.optim.SGD(net.parameters(), lr=1)\nfor x in data:\n"
        "    f(net(x)).backward()\n    opt.step()\n",
        "import torch\nopt = torch.optim.SGD(net.parameters(), lr=1)\nfor x in data:\n"
        "    f(net(x)).backward()\n"
        "    torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)\n    opt.step()\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    calls = source.calls(*CLIPS)
    if case.illness in ("clipping-always-on", "lr-too-low"):
        yield from _higher(source, calls, case.evidence.get("raw"))
    elif not calls:
        yield from _clipped(source)


def _higher(source: Training, calls: list[cst.Call], usual: Any) -> Iterator[Change]:
    """At 5, at twice the usual norm where it is known, and where it no longer matters."""
    known = [2 * float(usual)] if isinstance(usual, int | float) and usual > 0 else []
    for limit in (5.0, *known, 100.0):
        edits = []
        for call in calls:
            given = source.argument(call, "clip_value" if "value" in source.name(call) else "max_norm", 1)
            figure = source.figure(given)
            if given is not None and (figure is None or figure.value < limit):
                text = f"{limit:.1f}" if limit >= 1 else written(limit)
                edits.append(source.replace(figure.node if figure else given.value, text))
        for figure in _in_hooks(source):
            if figure.value < limit:
                edits.append(source.replace(figure.node, written(limit)))
        if edits:
            text = f"Clip gradients at {limit:.3g} instead."
            yield Change(name="clip-higher", text=text, edits=tuple(dict.fromkeys(edits)))


def _in_hooks(source: Training) -> Iterator[Figure]:
    """Limits of ``register_hook(lambda g: g.clamp(-LIMIT, LIMIT))`` and ``p.grad.clamp_(-LIMIT, LIMIT)``."""
    for call in source.methods("clamp", "clamp_", "clip", "clip_"):
        is_of_hook = any("register_hook" in source.code(c.func) for c in source.around(call, cst.Call))
        if is_of_hook or ".grad" in source.code(call):
            for arg in call.args:
                value = arg.value
                figure = source.figure(value.expression if isinstance(value, cst.UnaryOperation) else value)
                if figure is not None:
                    yield figure


def _clipped(source: Training) -> Iterator[Change]:
    model = next(iter(source.models), "")
    steps = [source.statement(step) for step in source.steps if source.in_training(step)]
    at = next((statement for statement in steps if statement is not None), None)
    if not model or at is None:
        return
    for limit in (1.0, 0.1):
        line = f"{source.spell('torch.nn.utils.clip_grad_norm_')}({model}.parameters(), {limit})"
        text = f"Clip the gradient norm at {limit} before each step."
        yield Change(name="clip-gradients", text=text, edits=(source.before(at, line),))
