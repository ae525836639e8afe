"""On a CUDA device: the same results, and nothing waits for the device outside a sampled step."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import netsitter

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]


def train(steps: int, *, watched: bool, **options) -> list[float]:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10)).cuda()
    optimizer = torch.optim.Adam(net.parameters())
    x, y = torch.randn(256, 64, device="cuda"), torch.randint(0, 10, (256,), device="cuda")
    sitter = netsitter.watch(net, optimizer=optimizer, quiet=True, **options) if watched else None
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.detach())
    values = torch.stack(losses).tolist()
    if sitter is not None:
        sitter.close()
        assert sitter.diagnosis.broken == {}
        assert sitter.run["loss"].count == steps
        assert sitter.run["loss"].values.tolist() == pytest.approx(values, rel=1e-6)
    return values


def test_results_are_the_same_and_every_loss_is_kept():
    assert train(60, watched=True) == train(60, watched=False)


def test_nothing_waits_on_steps_that_are_not_looked_at():
    torch.manual_seed(0)
    net = nn.Linear(64, 10).cuda()
    optimizer = torch.optim.Adam(net.parameters())
    x, y = torch.randn(256, 64, device="cuda"), torch.randint(0, 10, (256,), device="cuda")

    def step() -> None:
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()

    with netsitter.watch(net, optimizer=optimizer, quiet=True, every=1 << 40) as sitter:
        for _ in range(5):
            step()
        torch.cuda.set_sync_debug_mode("error")
        try:
            for _ in range(50):
                step()
        finally:
            torch.cuda.set_sync_debug_mode("default")
    assert sitter.diagnosis.broken == {}
