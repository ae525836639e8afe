"""Weigh the classes in the loss by how rare they are."""

from collections.abc import Iterator

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._feeds import targets
from netsitter.treat.source._training import Training

KNOB = Knob.LOSS
CURES = ("class-imbalance-collapse", "class-imbalance", "constant-output")

EXAMPLES = (
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
        if loss.kind not in ("binary_cross_entropy_with_logits", "cross_entropy", "nll_loss") or not any(
            source.in_training(u) for u in loss.uses
        ):
            continue
        given = source.argument(loss.maker, keyword)
        known = next((f for f in feeds if source.line(f.statement) < source.line(loss.maker)), None)
        if known is None and not binary:
            continue
        for power in ("", " ** 0.5"):
            if known is None:
                majority = case.evidence.get("majority") or 0.5
                text = f"{source.spell('torch.tensor')}({majority / (1 - majority):.1f}{power})"
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
