"""Bring a regression target to mean 0 and standard deviation 1."""

from collections.abc import Iterator

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._feeds import insertion, targets
from netsitter.treat.source._training import Training

KNOB = Knob.DATA_SCALE
CURES = ("unscaled-target", "bad-initial-loss", "exploding-gradients", "non-finite-loss", "lr-too-low", "lr-too-high", "not-learning", "underfitting", "worse-than-baseline", "output-activation")
REGRESSIONS = {"mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"}

EXAMPLES = (
    (
        "unscaled-target",
        "import torch\ny = torch.tensor(rows)\nloss = torch.nn.functional.mse_loss(net(x), y)\nloss.backward()\n",
        "import torch\ny = torch.tensor(rows)\ntarget_mean, target_std = y.mean(), y.std()\ny = (y - target_mean) / target_std\n"
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
        rows = feeds[0].rows
        lines = [f"target_mean, target_std = {rows}.mean(), {rows}.std()"]
        lines += [f"{feed.name} = ({feed.name} - target_mean) / target_std" for feed in feeds]
        text = "Bring the target to mean 0 and standard deviation 1; undo it on predictions: p * target_std + target_mean."
        yield Change(name="standardise-target", text=text, edits=(source.after(place, *lines),), distorts=("loss", "error"))
