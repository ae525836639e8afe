"""Bring a regression target to mean 0 and standard deviation 1."""

from collections.abc import Iterator

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._feeds import insertion, targets
from netsitter.treat.source._training import Training

KNOB = Knob.DATA_SCALE
CURES = (
    "unscaled-target",
    "bad-initial-loss",
    "exploding-gradients",
    "non-finite-loss",
    "lr-too-low",
    "lr-too-high",
    "not-learning",
    "underfitting",
    "worse-than-baseline",
    "output-activation",
)
REGRESSIONS = {"mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"}

EXAMPLES = (
    (
        "unscaled-target",
        "import torch\ny = torch.tensor(rows)\nloss = torch.nn.functional.mse_loss(net(x), y)\n"
        "loss.backward()\n",
        "import torch\ny = torch.tensor(rows)\ntarget_mean, target_std = y.mean(), y.std()\n"
        "y = (y - target_mean) / target_std\n"
        "loss = torch.nn.functional.mse_loss(net(x), y)\nloss.backward()\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    kinds = {loss.get("name") for loss in case.facts.get("losses") or ()}
    if kinds and not kinds & (REGRESSIONS | {"custom"}):
        return
    feeds = targets(source)
    place = insertion(source, feeds)
    if place is not None:
        rows, mean, std = feeds[0].rows, source.fresh("target_mean"), source.fresh("target_std")
        lines = [f"{mean}, {std} = {rows}.mean(), {rows}.std()"]
        lines += [f"{feed.name} = ({feed.name} - {mean}) / {std}" for feed in feeds]
        text = "Bring the target to mean 0 and standard deviation 1, and undo that on predictions."
        yield Change(
            name="standardise-target",
            text=text,
            edits=(source.after(place, *lines),),
            distorts=("loss", "error"),
        )
