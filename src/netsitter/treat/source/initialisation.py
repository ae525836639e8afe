"""Initialise weights for the activations behind them, and biases with zero."""

from collections.abc import Iterator

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._reading import Edit, written
from netsitter.treat.source._training import Training

KNOB = Knob.INIT
CURES = (
    "zero-init",
    "symmetric-init",
    "init-too-large",
    "init-too-small",
    "dead-units",
    "saturated-units",
    "bad-initial-loss",
    "vanishing-gradients",
    "exploding-gradients",
    "non-finite-loss",
    "lr-too-high",
    "plateau",
    "not-learning",
    "constant-output",
    "oscillation",
    "weight-growth",
)
FILLS = ("zeros_", "ones_", "constant_", "eye_", "dirac_")
DRAWS = (
    "normal_",
    "uniform_",
    "trunc_normal_",
    "xavier_normal_",
    "xavier_uniform_",
    "orthogonal_",
    "sparse_",
)
CONSTANTS = ("torch.zeros", "torch.ones", "torch.empty", "torch.full")
IN_PLACE = {"fill_", "zero_", "normal_", "uniform_", "mul_", "div_", "add_", "sub_", "copy_"}

EXAMPLES = (
    (
        "zero-init",
        "from torch import nn\nnn.init.zeros_(m.weight)\nnn.init.zeros_(m.bias)\n",
        "from torch import nn\nnn.init.kaiming_normal_(m.weight)\nnn.init.zeros_(m.bias)\n",
    ),
    (
        "dead-units",
        "from torch import nn\nnn.init.constant_(lin.bias, -4.0)\n",
        "from torch import nn\nnn.init.zeros_(lin.bias)\n",
    ),
    (
        "dead-units",
        "for name, p in net.named_parameters():\n    if 'bias' in name:\n        p.sub_(6.0)\n",
        "for name, p in net.named_parameters():\n    if 'bias' in name:\n        pass\n",
    ),
    (
        "dead-units",
        "net = make()\nnet.a.bias = torch.nn.Parameter(torch.full((9,), -10.0))\n",
        "net = make()\n",
    ),
    ("init-too-large", "net = make()\nnet.last.weight.data *= 40\n", "net = make()\n"),
    (
        "zero-init",
        "import torch\nfrom torch import nn\nw = nn.Parameter(torch.zeros(6, 9))\n"
        "b = nn.Parameter(torch.zeros(9))\n",
        "import torch\nfrom torch import nn\nw = nn.Parameter(nn.init.xavier_uniform_(torch.zeros(6, 9)))\n"
        "b = nn.Parameter(torch.zeros(9))\n",
    ),
    (
        "symmetric-init",
        "import torch\nw = torch.nn.Parameter(torch.full((6, 9), 0.5))\n",
        "import torch\nw = torch.nn.Parameter(torch.nn.init.xavier_uniform_(torch.full((6, 9), 0.5)))\n",
    ),
    (
        "init-too-large",
        "import torch\nw = torch.randn(9, 3).requires_grad_()\n",
        "import torch\nw = (0.1 * torch.randn(9, 3)).requires_grad_()\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    weights, biases, cuts = _calls(source)
    for scheme in ("kaiming_normal_", "xavier_uniform_"):
        how = source.spell(f"torch.nn.init.{scheme}")
        edits = [
            source.replace(call, f"{how}({source.code(call.args[0].value)})") for call in weights
        ] + biases
        if edits:
            named = "He" if scheme.startswith("kaiming") else "Glorot"
            yield Change(
                name="scaled-init",
                text=f"Use {named} initialisation for the weights and start biases at zero.",
                edits=tuple(edits),
            )
    if biases and weights:
        yield Change(name="zero-bias", text="Start biases at zero.", edits=tuple(biases))
    if cuts:
        yield Change(
            name="default-init", text="Leave the weights as torch initialises them.", edits=tuple(cuts)
        )
    yield from _drawn(source)
    yield from _smaller(source)


def _drawn(source: Training) -> Iterator[Change]:
    """Matrices of weights that start as ``nn.Parameter(torch.zeros(…))``: drawn for their size."""
    how = source.spell("torch.nn.init.xavier_uniform_")
    edits = []
    for call in source.calls("torch.nn.Parameter", "torch.nn.parameter.Parameter"):
        made = call.args[0].value if call.args else None
        if not isinstance(made, cst.Call) or source.name(made) not in CONSTANTS:
            continue
        sizes = [arg for arg in made.args if not arg.keyword][
            : 1 if source.name(made) == "torch.full" else None
        ]
        whole = sizes[0].value if len(sizes) == 1 else None
        if len(sizes) >= 2 or (isinstance(whole, cst.Tuple) and len(whole.elements) >= 2):
            edits.append(source.replace(made, f"{how}({source.code(made)})"))
    if edits:
        yield Change(
            name="random-init",
            text="Draw the weights at random, as wide as fits their size.",
            edits=tuple(edits),
        )


def _calls(source: Training) -> tuple[list[cst.Call], list[Edit], list[Edit]]:
    """Calls that initialise weights; edits that set biases to zero; edits that take all of it out."""
    weights: list[cst.Call] = []
    biases: list[Edit] = []
    cuts: list[cst.CSTNode] = []
    zeros = source.spell("torch.nn.init.zeros_")
    are_drawn = any(source.name(c).rpartition(".")[2] in DRAWS for c in source.calls("torch.nn.init."))
    for call in source.calls("torch.nn.init."):
        short = source.name(call).rpartition(".")[2]
        given = source.code(call.args[0].value) if call.args else ""
        statement = source.statement(call)
        if statement is None or not given or short not in FILLS + DRAWS:
            continue
        cuts.append(statement)
        if "bias" in given:
            if short != "zeros_":
                biases.append(source.replace(call, f"{zeros}({given})"))
        elif "norm" not in given.lower() and (short in DRAWS or "weight" in given or not are_drawn):
            weights.append(call)
    for call in source.all(cst.Call):
        if (
            isinstance(call.func, cst.Attribute)
            and call.func.attr.value in IN_PLACE
            and not source.name(call).startswith("torch.nn.init")
        ):
            on, statement = source.code(call.func.value), source.statement(call)
            if (
                statement is None
                or not ("weight" in on or "bias" in on or on.endswith(".data") or _is_parameter(source, call))
                or (source.loops(call) and source.in_training(call))
            ):
                continue
            cuts.append(statement)
            if "bias" in on and call.func.attr.value == "fill_":
                biases.append(source.replace(call, f"{on}.zero_()"))
    cuts += _overwritten(source)
    return weights, biases, [_cut(source, statement, cuts) for statement in dict.fromkeys(cuts)]


def _is_parameter(source: Training, call: cst.Call) -> bool:
    """Whether a method is called of what a loop over ``parameters()`` hands out."""
    on = source.code(call.func.value) if isinstance(call.func, cst.Attribute) else ""
    return any(
        "parameters(" in source.code(loop.iter)
        and on in {name.value for name in source.inside(loop.target, cst.Name)}
        for loop in source.around(call, cst.For)
    )


def _overwritten(source: Training) -> Iterator[cst.CSTNode]:
    """``layer.weight.data = …`` and ``parameter.data *= …``, before any training."""
    for node in (*source.all(cst.Assign), *source.all(cst.AugAssign)):
        target = node.targets[0].target if isinstance(node, cst.Assign) else node.target
        if isinstance(target, cst.Subscript):
            target = target.value
        statement = source.statement(node)
        is_set = isinstance(target, cst.Attribute) and (
            target.attr.value == "data"
            # ``net.first.bias = nn.Parameter(…)`` takes the place of what the layer has drawn.
            or (target.attr.value in ("weight", "bias") and source.code(target.value) != "self")
        )
        if is_set and statement is not None and not (source.loops(node) and source.in_training(node)):
            yield statement


def _cut(source: Training, statement: cst.CSTNode, cuts: list[cst.CSTNode]) -> Edit:
    """Taken out; where that would leave a block empty, its first statement becomes ``pass``."""
    block = source.parent(statement)
    left = [one for one in block.body if one not in cuts] if isinstance(block, cst.IndentedBlock) else [block]
    is_first = isinstance(block, cst.IndentedBlock) and block.body[0] is statement
    return source.replace(statement, "pass") if not left and is_first else source.remove(statement)


def _smaller(source: Training) -> Iterator[Change]:
    """Weights drawn by hand: ``torch.randn(…) * 1.0``, ``std=1.0``."""
    for factor in (0.1, 0.01, 10.0):
        edits = []
        for call in source.calls("torch.nn.init.normal_", "torch.nn.init.trunc_normal_"):
            figure = source.figure(source.argument(call, "std", 2))
            if figure is not None and figure.value:
                edits.append(source.replace(figure.node, written(figure.value * factor)))
        for call in source.calls("torch.nn.Parameter", "torch.nn.parameter.Parameter"):
            drawn = [
                c for c in source.inside(call, cst.Call) if source.name(c) in ("torch.randn", "torch.rand")
            ]
            if drawn:
                edits.append(
                    source.replace(call.args[0].value, f"{factor:g} * ({source.code(call.args[0].value)})")
                )
        for call in source.methods("requires_grad_"):
            drawn = call.func.value if isinstance(call.func, cst.Attribute) else call
            if isinstance(drawn, cst.Call) and source.name(drawn) in ("torch.randn", "torch.rand"):
                edits.append(source.replace(drawn, f"({factor:g} * {source.code(drawn)})"))
        if edits:
            yield Change(
                name="scaled-init",
                text=f"Draw the weights {factor:g} times as wide.",
                edits=tuple(dict.fromkeys(edits)),
            )
