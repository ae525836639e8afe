"""MSE, RMSE, MAE and Huber as more and more targets are thrown far off.

The square gives an outlier of size r the weight r; the absolute value and Huber's loss give every
outlier the same. MSE and RMSE have one minimiser. The error is that on clean rows.
"""

import torch
from torch import Tensor, nn

from netsitter.lab.chart import Chart
from netsitter.lab.data import Data, noisy_line
from netsitter.lab.result import Check, Result
from netsitter.lab.training import SEEDS, mean
from netsitter.nets.losses import make_loss

CLAIM = "Outliers pull MSE and RMSE; MAE and Huber hardly feel them."
NAMED: dict[str, tuple[str, ...]] = {}
SHARES = (0.0, 0.02, 0.05, 0.1, 0.2)
LOSSES = ("mse", "rmse", "mae", "huber")
NOISE = 0.5
STEPS = 300


def measure() -> Result:
    errors = {
        name: [
            mean([clean_error(name, noisy_line(seed, outliers=share)) for seed in SEEDS]) for share in SHARES
        ]
        for name in LOSSES
    }
    at = SHARES.index(0.1)
    return Result(
        seeds=SEEDS,
        columns=tuple(f"{share:.0%} outliers" for share in SHARES),
        rows=errors,
        checks=(
            Check(
                text="with a tenth of outliers MSE's error on clean rows is more than twice what it was",
                held=errors["mse"][at] > 2 * errors["mse"][0],
                measured=f"{errors['mse'][at]:.3f} against {errors['mse'][0]:.3f}",
            ),
            Check(
                text="MAE's and Huber's grow by less than a quarter",
                held=max(errors[name][at] / errors[name][0] for name in ("mae", "huber")) < 1.25,
                measured=f"MAE {errors['mae'][at]:.3f}, Huber {errors['huber'][at]:.3f}",
            ),
            Check(
                text="RMSE is pulled like MSE: the same minimiser",
                held=abs(errors["rmse"][at] / errors["mse"][at] - 1) < 0.1,
                measured=f"{errors['rmse'][at]:.3f} against {errors['mse'][at]:.3f}",
            ),
        ),
        charts=(
            Chart(
                title="Error on clean rows",
                x="share of outliers",
                y="root mean square error",
                lines={name: (SHARES, values) for name, values in errors.items()},
            ),
        ),
    )


def clean_error(loss_name: str, data: Data) -> float:
    """A linear model fitted by that loss on all rows at once; its error on the validation rows."""
    settings = {"delta": NOISE} if loss_name == "huber" else {}
    loss = make_loss(loss_name, **settings)
    model = nn.Linear(data.x.shape[1], 1)
    with torch.no_grad():
        model.weight.zero_()
        assert model.bias is not None
        model.bias.zero_()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    for _ in range(STEPS):
        optimizer.zero_grad()
        value: Tensor = loss(model(data.x), data.y)
        value.backward()
        optimizer.step()
        schedule.step()
    with torch.no_grad():
        return float((model(data.val_x)[:, 0] - data.val_y).square().mean().sqrt())
