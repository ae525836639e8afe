"""Use Adam with its usual settings, or put a strange setting of the optimiser back."""

from collections.abc import Iterator

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._training import Training

KNOB = Knob.OPTIMIZER
CURES = (
    "optimizer-eps",
    "vanishing-gradients",
    "init-too-small",
    "plateau",
    "not-learning",
    "underfitting",
    "oscillation",
    "lr-too-low",
    "saturated-units",
    "worse-than-baseline",
    "unscaled-inputs",
    "lr-too-high",
    "too-few-epochs",
)
MAX_EPS = 1e-3
"""Larger ones change the step of every parameter whose gradient is usual; torch's default is 1e-8."""
MAX_MOMENTUM = 0.95

EXAMPLES = (
    (
        "optimizer-eps",
        "from torch import optim\nopt = optim.Adam(net.parameters(), lr=2e-3, eps=10.0)\n",
        "from torch import optim\nopt = optim.Adam(net.parameters(), lr=2e-3, eps=1e-8)\n",
    ),
    (
        "plateau",
        "import torch\nopt = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)\n",
        "import torch\nopt = torch.optim.Adam(net.parameters(), lr=0.001)\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    for call in source.optimizers:
        kind = source.name(call).rpartition(".")[2]
        eps = source.figure(source.argument(call, "eps"))
        if eps is not None and (eps.value > MAX_EPS or eps.value == 0):
            text = f"Set eps back from {eps.value:g} to 1e-8."
            yield Change(name="default-eps", text=text, edits=(source.replace(eps.node, "1e-8"),))
        momentum = source.figure(source.argument(call, "momentum"))
        if momentum is not None and momentum.value > MAX_MOMENTUM:
            text = f"Lower the momentum from {momentum.value:g} to 0.9."
            yield Change(name="lower-momentum", text=text, edits=(source.replace(momentum.node, "0.9"),))
        if case.illness != "optimizer-eps" and call.args and kind not in ("LBFGS", "SparseAdam"):
            parameters = source.code(call.args[0].value)
            for rate in ("0.001", "0.01"):
                text = f"Use Adam at {rate} instead of {kind or source.code(call.func)}."
                adam = (
                    f"{source.code(call.func).rpartition('.')[0]}.Adam"
                    if source.name(call).startswith("torch.optim.") and "." in source.code(call.func)
                    else "torch.optim.Adam"
                )
                if kind == "Adam" and rate in source.code(call):
                    continue
                new = f"{adam}({parameters}, lr={rate})"
                yield Change(name="use-adam", text=text, edits=(source.replace(call, new),))
