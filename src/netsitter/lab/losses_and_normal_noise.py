"""MSE, RMSE, MAE and Huber under normal noise: here MSE is the right one.

Under normal noise the mean square is the likelihood, so nothing estimates with less variance; the
median needs π/2 times as many rows for the same precision.
"""

from netsitter.lab.chart import Chart
from netsitter.lab.data import noisy_line
from netsitter.lab.losses_and_outliers import LOSSES, NOISE, clean_error
from netsitter.lab.result import Check, Result
from netsitter.lab.training import mean

CLAIM = "Without outliers MSE is the most precise, and Huber loses little."
NAMED: dict[str, tuple[str, ...]] = {}
ROWS = (40, 160)
SEEDS = tuple(range(16))


def measure() -> Result:
    excess = {
        name: [
            mean([clean_error(name, noisy_line(seed, rows=rows)) ** 2 - NOISE**2 for seed in SEEDS])
            for rows in ROWS
        ]
        for name in LOSSES
    }
    total = {name: sum(values) for name, values in excess.items()}
    return Result(
        seeds=SEEDS,
        columns=tuple(f"{rows} rows" for rows in ROWS),
        rows=excess,
        checks=(
            Check(
                text="MAE's squared error above the noise is larger than MSE's",
                held=total["mae"] > 1.1 * total["mse"],
                measured=f"{total['mae'] / total['mse']:.2f} times; theory for many rows: π/2 = 1.57",
            ),
            Check(
                text="Huber's is between the two",
                held=0.98 * total["mse"] < total["huber"] < total["mae"],
                measured=f"{total['huber'] / total['mse']:.2f} times",
            ),
        ),
        charts=(
            Chart(
                title="Squared error above the noise, on new rows",
                x="training rows",
                y="excess error",
                lines={name: (ROWS, values) for name, values in excess.items()},
                log_x=True,
                log_y=True,
            ),
        ),
    )
