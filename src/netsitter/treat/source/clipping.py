"""Clip gradients at a size that leaves the usual ones alone, or clip at all."""

from collections.abc import Iterator

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._reading import number, written
from netsitter.treat.source._training import Training

KNOB = Knob.CLIP
CURES = ("clipping-always-on", "exploding-gradients", "loss-spike", "lr-too-high", "non-finite-loss", "oscillation", "lr-too-low")
CLIPS = ("torch.nn.utils.clip_grad_norm_", "torch.nn.utils.clip_grad_value_", "torch.nn.utils.clip_grad.clip_grad_norm_")

EXAMPLES = (
    (
        "clipping-always-on",
        "from torch import nn\nMAX = 1e-3\nnn.utils.clip_grad_norm_(net.parameters(), MAX)\n",
        "from torch import nn\nMAX = 5.0\nnn.utils.clip_grad_norm_(net.parameters(), MAX)\n",
    ),
    (
        "exploding-gradients",
        "import torch\nopt = torch.optim.SGD(net.parameters(), lr=1)\nfor x in data:\n    f(net(x)).backward()\n    opt.step()\n",
        "import torch\nopt = torch.optim.SGD(net.parameters(), lr=1)\nfor x in data:\n    f(net(x)).backward()\n"
        "    torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)\n    opt.step()\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    calls = source.calls(*CLIPS)
    if case.illness in ("clipping-always-on", "lr-too-low"):
        usual = case.evidence.get("raw")
        for limit in dict.fromkeys([5.0, *([usual * 2] if isinstance(usual, float) and usual > 0 else []), 100.0]):
            edits = []
            for call in calls:
                given = source.argument(call, "clip_value" if "value" in source.name(call) else "max_norm", 1)
                literal = source.literal(given.value) if given is not None else None
                value = number(source.code(literal)) if literal is not None else None
                if given is not None and (value is None or value < limit):
                    edits.append(source.replace(literal if literal is not None else given.value, f"{limit:.1f}" if limit >= 1 else written(limit)))
            if edits:
                yield Change(name="clip-higher", text=f"Clip gradients at {limit:.3g} instead.", edits=tuple(dict.fromkeys(edits)))
        return
    if calls:
        return
    for limit in (1.0, 0.1):
        edits = []
        for step in source.steps:
            statement = source.statement(step)
            model = next(iter(source.models), "")
            if statement is not None and model and source.in_training(step):
                line = f"{source.spell('torch.nn.utils.clip_grad_norm_')}({model}.parameters(), {limit})"
                edits.append(source.before(statement, line))
        if edits:
            yield Change(name="clip-gradients", text=f"Clip the gradient norm at {limit} before each step.", edits=tuple(edits[:1]))
