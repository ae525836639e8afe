"""Weigh the classes in the loss by how rare they are."""

from collections.abc import Iterator

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._feeds import targets
from netsitter.treat.source._training import Loss, Training

KNOB = Knob.LOSS
USUAL = 9.0
"""Times that a class is rarer, where the diagnosis does not tell."""
CURES = ("class-imbalance-collapse", "class-imbalance", "constant-output")

EXAMPLES = (
    (
        "class-imbalance-collapse",
        "import torch.nn.functional as F\nfor x, y in data:\n    loss = F.binary_cross_entropy(net(x), y)\n"
        "    loss.backward()\n",
        "import torch.nn.functional as F\nfor x, y in data:\n"
        "    loss = F.binary_cross_entropy(net(x), y, weight=1 + 8.0 * y)\n    loss.backward()\n",
    ),
    (
        "class-imbalance-collapse",
        "import torch\ny = torch.tensor(rows)\nf = torch.nn.BCEWithLogitsLoss()\n"
        "loss = f(net(x), y[i])\nloss.backward()\n",
        "import torch\ny = torch.tensor(rows)\n"
        "f = torch.nn.BCEWithLogitsLoss(pos_weight=(y == 0).sum() / (y == 1).sum())\n"
        "loss = f(net(x), y[i])\nloss.backward()\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    feeds = targets(source)
    for loss in source.losses:
        binary = loss.kind == "binary_cross_entropy_with_logits"
        keyword = "pos_weight" if binary else "weight"
        if loss.kind == "binary_cross_entropy":
            yield from _by_row(source, loss, case)
        if loss.kind not in ("binary_cross_entropy_with_logits", "cross_entropy", "nll_loss") or not any(
            source.in_training(u) for u in loss.uses
        ):
            continue
        given = source.argument(loss.maker, keyword)
        known = next((f for f in feeds if source.line(f.statement) < source.line(loss.maker)), None)
        is_two = binary or case.facts.get("distinct_targets") == 2
        if known is None and not is_two:
            continue
        for power in ("", " ** 0.5"):
            if known is None:
                ratio = f"{_ratio(case):.1f}{power}"
                text = f"{source.spell('torch.tensor')}({ratio if binary else f'[1.0, {ratio}]'})"
            elif binary:
                ratio = f"({known.rows} == 0).sum() / ({known.rows} == 1).sum()"
                text = f"({ratio}){power}" if power else ratio
            else:
                counts = f"{source.spell('torch.bincount')}({known.rows}.flatten())"
                text = f"({counts}.sum() / {counts}){power}" if power else f"{counts}.sum() / {counts}"
            edit = (
                source.replace(given.value, text)
                if given is not None
                else source.set_argument(loss.maker, keyword, text)
            )
            how = "by how rare they are" if not power else "by the root of how rare they are"
            yield Change(
                name="weight-classes",
                text=f"Weigh the classes in the loss {how}.",
                edits=(edit,),
                distorts=("loss",),
            )


def _ratio(case: Case) -> float:
    """How many rows of the larger class there are for one of the smaller."""
    majority = case.evidence.get("majority")
    return majority / (1 - majority) if majority and 0.5 < majority < 1 else USUAL


def _by_row(source: Training, loss: Loss, case: Case) -> Iterator[Change]:
    """The loss of probabilities has no weight for a class: rows of the rare one count more."""
    function = source.spell("torch.nn.functional.binary_cross_entropy")
    edits = []
    for call in loss.uses:
        if source.in_training(call) and not source.is_evaluation(call) and len(call.args) == 2:
            given, target = (source.code(arg.value) for arg in call.args)
            more = f"weight=1 + {_ratio(case) - 1:.1f} * {target}"
            edits.append(source.replace(call, f"{function}({given}, {target}, {more})"))
    if edits:
        text = "Weigh the rows of the rare class by how rare it is."
        yield Change(name="weight-classes", text=text, edits=tuple(edits), distorts=("training-loss",))
