"""Give prediction and target one shape before their difference is taken."""

from collections.abc import Iterator

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._reading import Edit
from netsitter.treat.source._training import Training

KNOB = Knob.LOSS
CURES = ("loss-shape-broadcast",)
DIFFERENCES = {"mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"}

EXAMPLES = (
    (
        "loss-shape-broadcast",
        "def squared(p, t):\n    return ((p - t) ** 2).mean()\n",
        "def squared(p, t):\n    return ((p.reshape(t.shape) - t) ** 2).mean()\n",
    ),
    (
        "loss-shape-broadcast",
        "from torch.nn import MSELoss\nmse = MSELoss()\nloss = mse(net(x), y[i])\nloss.backward()\n",
        "from torch.nn import MSELoss\nmse = MSELoss()\nloss = mse(net(x).reshape(y[i].shape), y[i])\n"
        "loss.backward()\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    edits = [
        _alike(source, use.args[0].value, use.args[1].value)
        for loss in source.losses
        if loss.kind in DIFFERENCES
        for use in loss.uses
        if not source.is_evaluation(use)
    ]
    edits += [_alike(source, one.left, one.right) for one in _differences(source)]
    if edits:
        text = (
            "Give the prediction the target's shape: as it is, (N, 1) against (N,) makes N x N differences."
        )
        yield Change(name="same-shape", text=text, edits=tuple(edits), distorts=("loss",))


def _alike(source: Training, prediction: cst.BaseExpression, target: cst.BaseExpression) -> Edit:
    said = source.code(prediction)
    if not isinstance(prediction, cst.Name | cst.Attribute | cst.Call | cst.Subscript):
        said = f"({said})"
    return source.replace(prediction, f"{said}.reshape({source.code(target)}.shape)")


def _differences(source: Training) -> Iterator[cst.BinaryOperation]:
    """Differences that are squared or made absolute, outside evaluation and the networks."""
    for one in source.all(cst.BinaryOperation):
        if (
            not isinstance(one.operator, cst.Subtract)
            or source.is_evaluation(one)
            or source.function(one) in source.forwards
        ):
            continue
        if not isinstance(one.right, cst.Name | cst.Attribute | cst.Subscript):
            continue
        above = source.parent(one)
        squared = isinstance(above, cst.BinaryOperation) and isinstance(above.operator, cst.Power)
        method = isinstance(above, cst.Attribute) and above.attr.value in ("pow", "square", "abs")
        call = source.parent(above) if isinstance(above, cst.Arg) else None
        function = isinstance(call, cst.Call) and source.name(call) in (
            "torch.square",
            "torch.abs",
            "torch.pow",
        )
        home = source.function(one)
        if (squared or method or function) and (
            source.in_training(one) or (home is not None and home.body is not None)
        ):
            yield one
