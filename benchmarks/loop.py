"""The recipe's training loop against a bare torch loop on the same network, interleaved in one run.

    python -m benchmarks.loop [--rows 100000] [--pairs 15]

Both train an MLP 30-256-256-1 on the same rows in memory, batch 256, one thread, the same fused AdamW.
The bare loop does nothing else. Ours also schedules the rate, keeps every loss, checks for NaN, scores
validation rows each epoch, keeps the best weights and writes the run. Target: at most 1.15 times bare.
Seconds are of processor time: on one thread that is the loop's own cost, whoever else uses the machine.
"""

import argparse
import statistics
import tempfile
import time

import torch
from torch import Tensor, nn

from benchmarks.machine import describe
from netsitter.nets.losses import make_loss
from netsitter.recipe.config import FitConfig
from netsitter.recipe.fit import fit
from netsitter.recipe.objective import Objective
from netsitter.recipe.rows import Rows
from netsitter.run import Run
from netsitter.tables.schema import Task

TARGET = 1.15
BATCH = 256
EPOCHS = 1
FEATURES, WIDTH, VALIDATION_ROWS = 30, 256, 2000


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(FEATURES, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 1)
        )

    def forward(self, numeric: Tensor, codes: Tensor) -> Tensor:
        return self.layers(numeric)


def make_rows(n: int) -> Rows:
    """Rows with something to learn: a nonlinear target with noise."""
    numeric = torch.randn(n, FEATURES)
    target = numeric[:, 0] * numeric[:, 1] + numeric[:, 2].sin() + 0.3 * torch.randn(n)
    return Rows(numeric=numeric, codes=torch.zeros(n, 0, dtype=torch.int64), target=target)


def bare(rows: Rows) -> float:
    """Processor seconds that the bare loop takes."""
    torch.manual_seed(0)
    net = Network()
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3, fused=True)
    x, y = rows.numeric, rows.target
    started = time.process_time()
    net.train()
    for _ in range(EPOCHS):
        for index in torch.randperm(len(y)).split(BATCH):
            loss = nn.functional.mse_loss(net.layers(x[index]).squeeze(1), y[index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return time.process_time() - started


def ours(rows: Rows, validation: Rows) -> float:
    """Processor seconds that the recipe's loop takes, its log on disk included."""
    torch.manual_seed(0)
    net = Network()
    objective = Objective(task=Task.REGRESSION, loss=make_loss("mse"), decode=lambda values: values)
    config = FitConfig(epochs=EPOCHS, patience=0, batch_size=BATCH)
    with tempfile.TemporaryDirectory() as folder, Run.create(folder) as run:
        started = time.process_time()
        done = fit(net, objective, rows, validation, config, seed=0, run=run)
        seconds = time.process_time() - started
    assert done.epochs == EPOCHS
    assert done.failed is None
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.loop")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--pairs", type=int, default=15)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    rows, validation = make_rows(args.rows), make_rows(VALIDATION_ROWS)
    warm_up = rows.head(20 * BATCH)
    bare(warm_up)
    ours(warm_up, validation)
    print(describe())
    print(f"MLP {FEATURES}-{WIDTH}-{WIDTH}-1, batch {BATCH}, {args.rows} rows, {EPOCHS} epoch, one thread")
    steps = EPOCHS * (args.rows // BATCH)
    ratios = []
    for pair in range(args.pairs):
        # The order alternates, so that a machine that slows down favours neither.
        if pair % 2:
            mine, plain = ours(rows, validation), bare(rows)
        else:
            plain, mine = bare(rows), ours(rows, validation)
        ratios.append(mine / plain)
        print(
            f"pair {pair}: bare {1e6 * plain / steps:6.0f} us a step, "
            f"ours {1e6 * mine / steps:6.0f} us a step, ratio {ratios[-1]:.3f}"
        )
    median = statistics.median(ratios)
    print(f"median ratio {median:.3f}; target <= {TARGET}: {'met' if median <= TARGET else 'MISSED'}")


if __name__ == "__main__":
    main()
