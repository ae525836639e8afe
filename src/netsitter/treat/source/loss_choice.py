"""Use the loss function that fits the outputs and the target."""

from collections.abc import Iterator

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._head import places
from netsitter.treat.source._reading import Edit
from netsitter.treat.source._training import LOSS_FUNCTIONS, Loss, Training

KNOB = Knob.LOSS
CURES = (
    "missing-log-softmax",
    "wrong-loss",
    "wrong-output-size",
    "double-softmax",
    "target-out-of-range",
    "output-activation",
    "non-finite-loss",
    "saturated-units",
    "vanishing-gradients",
    "plateau",
    "underfitting",
    "not-learning",
    "lr-too-low",
    "worse-than-baseline",
)
INSTEAD = {
    "nll_loss": ("cross_entropy",),
    "binary_cross_entropy": ("binary_cross_entropy_with_logits",),
    "binary_cross_entropy_with_logits": ("binary_cross_entropy",),
    "cross_entropy": ("binary_cross_entropy_with_logits",),
    "mse_loss": ("cross_entropy", "binary_cross_entropy", "binary_cross_entropy_with_logits", "l1_loss"),
    "l1_loss": ("binary_cross_entropy", "cross_entropy", "mse_loss", "binary_cross_entropy_with_logits"),
}
"""What a loss is often meant to be; trials tell which."""
ERRORS = ("mse_loss", "l1_loss")
FIRST = {"missing-log-softmax": {"nll_loss"}, "double-softmax": {"binary_cross_entropy_with_logits"}}

EXAMPLES = (
    (
        "missing-log-softmax",
        "import torch.nn.functional as F\nloss = F.nll_loss(net(x), y)\n",
        "import torch.nn.functional as F\nloss = F.cross_entropy(net(x), y)\n",
    ),
    (
        "missing-log-softmax",
        "import torch.nn.functional as F\nloss = F.kl_div(F.softmax(net(x), 1), y)\n",
        "import torch.nn.functional as F\nloss = F.kl_div(F.log_softmax(net(x), 1), y)\n",
    ),
    (
        "wrong-loss",
        "from torch import nn\nf = nn.MSELoss()\nloss = f(net(x), one_hot)\nloss.backward()\n",
        "from torch import nn\nf = nn.CrossEntropyLoss()\nloss = f(net(x), one_hot)\nloss.backward()\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    if case.illness == "wrong-loss" and _has_classes(case) is False:
        yield from _of_amounts(source)
    only = FIRST.get(case.illness)
    kinds = dict.fromkeys(loss.kind for loss in source.losses if only is None or loss.kind in only)
    classes = _has_classes(case)
    for kind in kinds:
        for new in INSTEAD.get(kind, ()):
            if ("cross_entropy" in new and classes is False) or (
                new == "cross_entropy" and _is_one_column(case)
            ):
                continue
            if kind == "cross_entropy" and not _is_one_column(case):
                continue
            swapped = [loss for loss in source.losses if loss.kind == kind and not _only_tells(source, loss)]
            edits = [edit for loss in swapped for edit in use(source, loss, new)]
            # An error that is printed by a swapped loss is none any more.
            distorts = ("loss", "error") if kind in ERRORS else ("loss",)
            yield Change(
                name="swap-loss", text=f"Use {new} instead of {kind}.", edits=tuple(edits), distorts=distorts
            )
            if new.endswith(("with_logits",)) or new == "cross_entropy":
                for place in places(source):
                    if place.kind in ("softmax", "sigmoid", "relu", "log_softmax"):
                        text = f"Use {new} instead of {kind}, without the network's {place.kind}."
                        yield Change(
                            name="swap-loss", text=text, edits=(*edits, *place.remove), distorts=distorts
                        )
    yield from _of_logarithms(source)
    if case.illness in ("non-finite-loss", "wrong-loss", "output-activation"):
        yield from _by_hand(source)


def _of_amounts(source: Training) -> Iterator[Change]:
    """Cross-entropy asks for classes or shares; amounts are fitted by their squared error."""
    edits = [
        e for loss in source.losses if loss.kind == "cross_entropy" for e in use(source, loss, "mse_loss")
    ]
    if edits:
        text = "Use mse_loss instead of cross_entropy: the targets are amounts."
        yield Change(name="swap-loss", text=text, edits=tuple(edits), distorts=("loss",))


def _of_logarithms(source: Training) -> Iterator[Change]:
    """``kl_div`` takes logarithms of probabilities."""
    edits = []
    for given in (u.args[0].value for loss in source.losses if loss.kind == "kl_div" for u in loss.uses):
        if not isinstance(given, cst.Call) or source.called(given) != "softmax":
            continue
        if isinstance(given.func, cst.Attribute):
            edits.append(source.replace(given.func.attr, "log_softmax"))
        else:
            edits.append(source.replace(given.func, source.spell("torch.nn.functional.log_softmax")))
    if edits:
        text = "Give kl_div the logarithms of the probabilities: log_softmax."
        yield Change(name="add-log-softmax", text=text, edits=tuple(edits), distorts=("loss",))


def _only_tells(source: Training, loss: Loss) -> bool:
    """Whether an error is computed to be looked at, not to be trained on: that keeps its meaning."""
    return loss.kind in ERRORS and all(source.is_evaluation(call) for call in (loss.maker, *loss.uses))


def use(source: Training, loss: Loss, new: str) -> Iterator[Edit]:
    """The edits that put another loss function in the place of one."""
    module = loss.is_module
    name = source.spell(f"torch.nn.{LOSS_FUNCTIONS[new]}" if module else f"torch.nn.functional.{new}")
    yield source.replace(loss.maker.func, name)


def _has_classes(case: Case) -> bool | None:
    losses = case.facts.get("losses") or ()
    if not losses:
        return None
    dtype = str(losses[0].get("target_dtype"))
    distinct = case.facts.get("distinct_targets")
    return None if distinct is None else "int" in dtype or distinct <= 20


def _is_one_column(case: Case) -> bool:
    """Whether there is one output a row: a softmax over it, or over the rows of the batch, means nothing."""
    shape = next((loss.get("prediction_shape") for loss in case.facts.get("losses") or ()), None)
    return bool(shape) and (len(shape) == 1 or shape[-1] == 1)


def _by_hand(source: Training) -> Iterator[Change]:
    """A loss written out in a function of two arguments: torch's own is exact where logarithms overflow."""
    own = {f.name.value for f in source.all(cst.FunctionDef) if len(f.params.params) == 2}
    for backward in source.backwards:
        value = source.loss_value(backward)
        calls = (
            [c for c in source.inside(value, cst.Call) if source.code(c.func) in own and len(c.args) == 2]
            if value is not None
            else []
        )
        for call in calls:
            name = source.code(call.func)
            uses = [c for c in source.all(cst.Call) if source.code(c.func) == name and len(c.args) == 2]
            for new in ("cross_entropy", "binary_cross_entropy_with_logits"):
                edits = tuple(
                    source.replace(c.func, source.spell(f"torch.nn.functional.{new}")) for c in uses
                )
                yield Change(
                    name="swap-loss",
                    text=f"Use torch's {new} instead of {name}().",
                    edits=edits,
                    distorts=("loss",),
                )
    for call in [*source.calls("torch.log"), *source.methods("log")]:
        inner = (
            call.args[0].value
            if call.args
            else call.func.value
            if isinstance(call.func, cst.Attribute)
            else None
        )
        if inner is not None and "clamp" not in source.code(inner):
            said = (
                source.code(inner)
                if isinstance(inner, cst.Name | cst.Call | cst.Attribute | cst.Subscript)
                else f"({source.code(inner)})"
            )
            yield Change(
                name="safe-log",
                text="Keep the logarithm away from 0.",
                edits=(source.replace(inner, f"{said}.clamp_min(1e-8)"),),
            )
