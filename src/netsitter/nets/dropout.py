"""Dropout at a third of its usual price on a CPU."""

import torch
from torch import Tensor, nn


class Dropout(nn.Dropout):
    """Zero each unit with probability p in training and scale the others by 1/(1 − p).

    All units are on at test time, where the output is what it is in training on average. On a CPU
    drawing one random number a unit is dearer than the matrix product of a small layer, so eight
    units share the bytes of one 64-bit draw: p is rounded to a multiple of 1/256.
    """

    def forward(self, input: Tensor) -> Tensor:
        if not self.training or self.p == 0 or input.device.type != "cpu":
            return super().forward(input)
        threshold = min(max(round(self.p * 256), 1), 255)
        draws = torch.empty((input.numel() + 7) // 8, dtype=torch.int64).random_(-(2**63), None)
        noise = draws.view(torch.uint8)[: input.numel()].view(input.shape)
        return input * ((noise >= threshold) * (256 / (256 - threshold))).to(input.dtype)
