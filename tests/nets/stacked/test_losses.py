"""A loss of all members is each member's own loss, and its slope is autograd's."""

import pytest
import torch

from netsitter.errors import UsageError
from netsitter.nets.losses import LOSSES, make_loss
from netsitter.nets.stacked.losses import STACKED, StackedLoss

ROWS = 40
CPU = torch.device("cpu")
VARIED = {
    "rmse": [{"eps": 1e-8}, {"eps": 0.1}],
    "huber": [{"delta": 0.5}, {"delta": 2.0}],
    "quantile": [{"q": 0.1}, {"q": 0.9}],
    "tweedie": [{"power": 1.2}, {"power": 1.8}],
    "bce": [{"label_smoothing": 0.2}, {"pos_weight": 3.0}],
    "cross-entropy": [{"label_smoothing": 0.1}, {"class_weights": [0.5, 1.0, 2.0]}],
    "focal": [{"gamma": 1.0}, {"gamma": 2.0, "class_weights": [0.5, 1.0, 2.0]}],
    "hinge": [{}, {"class_weights": [0.5, 1.0, 2.0]}],
}
CASES = [(name, 3 if name in ("cross-entropy", "focal", "hinge") else 1) for name in LOSSES]
CASES += [("focal", 1), ("hinge", 1)]


def pair(name: str, outputs: int) -> list[torch.nn.Module]:
    settings = [dict(each) for each in VARIED.get(name, [{}, {}])]
    for each in settings:
        if outputs == 1 and "class_weights" in each:
            each["class_weights"] = each["class_weights"][:2]
    return [make_loss(name, **each) for each in settings]


def draw(name: str, outputs: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    raw = 2 * torch.randn(2, ROWS, outputs, generator=generator)
    if LOSSES[name].tasks == ("regression",):
        target = torch.randn(2, ROWS, generator=generator)
        return raw, target.abs() if LOSSES[name].positive_target else target
    return raw, torch.randint(0, max(outputs, 2), (2, ROWS), generator=generator)


def test_every_loss_has_its_stacked_form():
    assert set(STACKED) == set(LOSSES.values())


@pytest.mark.parametrize(("name", "outputs"), CASES)
def test_value_and_slope_are_those_of_each_member_alone(name, outputs):
    losses = pair(name, outputs)
    raw, target = draw(name, outputs)
    stacked = StackedLoss(losses, outputs, CPU)
    values, slopes = stacked.slopes(raw, target)
    torch.testing.assert_close(values, stacked.values(raw, target))
    for row, loss in enumerate(losses):
        leaf = raw[row].clone().requires_grad_()
        value = loss(leaf, target[row])
        value.backward()
        torch.testing.assert_close(values[row], value.detach(), atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(slopes[row], leaf.grad, atol=1e-6, rtol=1e-5)


def test_two_kinds_of_loss_are_refused():
    with pytest.raises(UsageError, match="MAE, MSE"):
        StackedLoss([make_loss("mse"), make_loss("mae")], 1, CPU)
