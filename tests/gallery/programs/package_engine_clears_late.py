"""Kinds of waves: the data, the network and the loop live in a package."""

import os

import torch
from cleared_kit.data import waves
from cleared_kit.engine import accuracy, train
from cleared_kit.nets import WaveNet


def main():
    torch.manual_seed(int(os.environ.get("SEED", 0)))
    x, y = waves(1200)
    vx, vy = waves(400)
    net = WaveNet()
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    train(net, optimizer, x, y, epochs=8, batch=40, log=lambda e, loss: print(f"epoch {e}: loss {loss:.4f}"))
    print(f"RESULT val_acc={accuracy(net, vx, vy):.4f}")


if __name__ == "__main__":
    main()
