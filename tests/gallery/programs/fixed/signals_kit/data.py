"""Waves of three kinds."""

import torch


def waves(n, length=48):
    kinds = torch.randint(0, 3, (n,))
    t = torch.linspace(0, 1, length)
    speed = 2 + 3 * torch.rand(n, 1)
    phase = torch.rand(n, 1)
    turn = (speed * t + phase) % 1
    shapes = torch.stack([torch.sin(6.2832 * turn), torch.sign(turn - 0.5), 2 * turn - 1], 1)
    return shapes[torch.arange(n), kinds].unsqueeze(1) + 0.2 * torch.randn(n, 1, length), kinds
