"""A denoiser of curves; loss and optimiser are looked up by name."""

import os

import torch
from torch import nn

LOSSES = {"mse": nn.MSELoss(reduction="mean"), "mae": nn.L1Loss(reduction="mean")}
OPTIMIZERS = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}
SETUP = dict(loss="mse", optimizer="sgd", optimizer_options=dict(lr=0.2, momentum=0.9), epochs=25, batch=100)


class Denoiser(nn.Module):
    def __init__(self, points=40, bottleneck=12):
        super().__init__()
        self.down = nn.Sequential(nn.Linear(points, 64), nn.ELU(), nn.Linear(64, bottleneck))
        self.up = nn.Sequential(nn.Linear(bottleneck, 64), nn.ELU(), nn.Linear(64, points))

    def forward(self, curves):
        return self.up(self.down(curves))


def curves(n, points=40):
    t = torch.linspace(0, 1, points)
    phase, speed = torch.rand(n, 1) * 6.28, 1 + 2 * torch.rand(n, 1)
    clean = torch.sin(6.28 * speed * t + phase)
    return clean + 0.3 * torch.randn(n, points), clean


def fit(model, setup):
    loss_fn = LOSSES[setup["loss"]]
    optimizer = OPTIMIZERS[setup["optimizer"]](model.parameters(), **setup["optimizer_options"])
    noisy, clean = curves(1500)
    noisy_val, clean_val = curves(300)
    for epoch in range(setup["epochs"]):
        for rows in torch.randperm(len(noisy)).split(setup["batch"]):
            optimizer.zero_grad()
            loss = loss_fn(model(noisy[rows]), clean[rows])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            val = ((model(noisy_val) - clean_val) ** 2).mean().item()
        if epoch % 5 == 0:
            print(f"{epoch:3d}  loss {loss.item():.4f}  val mse {val:.4f}")
    return val


if __name__ == "__main__":
    torch.manual_seed(int(os.environ.get("SEED", 0)))
    print(f"RESULT val_mse={fit(Denoiser(), SETUP):.4f}")
