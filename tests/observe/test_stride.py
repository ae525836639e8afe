"""Most steps are taken down in strides: nothing that happens on the way is lost or put in a wrong place."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from netsitter.observe.book import MAX_DEFERRED, Book
from netsitter.observe.observer import Observer
from netsitter.observe.stride import Stride
from netsitter.run import Run
from tests.observe.loops import mlp, sit, task

NEVER = 1 << 40
"""As ``every``: one look, at the first step."""


@pytest.fixture
def asked(monkeypatch) -> list[int]:
    """One entry for each step that was no part of a stride."""
    steps: list[int] = []
    after_step = Observer.after_step

    def noted(self: Observer, optimizer: torch.optim.Optimizer) -> None:
        steps.append(1)
        after_step(self, optimizer)

    monkeypatch.setattr(Observer, "after_step", noted)
    return steps


def step(model: nn.Module, optimizer: torch.optim.Optimizer, factor: float = 1.0, times: int = 1) -> float:
    x, y = task(32)
    optimizer.zero_grad()
    losses = [factor * F.cross_entropy(model(x), y) for _ in range(times)]
    for loss in losses:
        loss.backward()
    optimizer.step()
    return sum(loss.item() for loss in losses) / times


def test_every_loss_is_kept_at_its_step_and_most_steps_are_taken_in_strides(asked):
    model = mlp()
    optimizer = torch.optim.Adam(model.parameters())
    with sit(optimizer=optimizer, every=NEVER) as sitter:
        losses = [step(model, optimizer) for _ in range(500)]
        assert sitter.run["loss"].count < 500, "and written many at a time"
    assert sitter.run["loss"].steps.tolist() == list(range(500))
    assert sitter.run["loss"].values.tolist() == pytest.approx(losses, rel=1e-6)
    assert sitter.run.facts["seen"]["steps"] == sitter.run.facts["seen"]["backwards"] == 500
    assert len(asked) < 100


def test_what_happens_on_the_way_is_seen_where_it_happens(asked):
    model = mlp()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    with sit(optimizer=optimizer, every=NEVER) as sitter:
        losses = []
        for index in range(400):
            if index == 101:
                optimizer.param_groups[0]["lr"] = 1e-4
            if index == 203:
                with torch.no_grad():
                    model.eval()
                    F.cross_entropy(model(x := torch.randn(40, 8)), torch.zeros(len(x), dtype=torch.long))
                    model.train()
            losses.append(step(model, optimizer, times=2 if index == 307 else 1))
    run = sitter.run
    assert run["loss"].values.tolist() == pytest.approx(losses, rel=1e-6)
    assert 101 in run["lr/0"].steps.tolist()
    assert run["val/loss"].steps.tolist() == [202]
    assert run.facts["seen"]["backwards"] == 401
    assert len(asked) < 100


def test_a_gradient_that_is_never_cleared_is_seen_in_a_stride(asked):
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-4)
    with sit(optimizer=optimizer, every=NEVER) as sitter:
        for index in range(300):
            x, y = task(32)
            if index < 200:
                optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
    assert sitter.run.facts["seen"]["stale_grad"] == 100
    assert sitter.run.facts["since"]["stale_grad"] == 200


def test_a_lost_loss_ends_a_stride_at_once():
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    with sit(optimizer=optimizer, every=NEVER) as sitter:
        for index in range(150):
            step(model, optimizer, factor=math.nan if index == 133 else 1.0)
            if index == 133:
                assert sitter.diagnosis.named("non-finite-loss")
    assert sitter.run.facts["nonfinite"]["step"] == 133


def test_another_optimiser_ends_a_stride(asked):
    first, second = mlp(), mlp()
    optimizer = torch.optim.SGD(first.parameters(), lr=1e-2)
    with sit(every=NEVER, optimizer=optimizer) as sitter:
        for _ in range(100):
            step(first, optimizer)
        other = torch.optim.SGD(second.parameters(), lr=1e-2)
        for _ in range(60):
            step(second, other)
    assert [run["loss"].count for run in sitter.runs] == [100, 60]


def test_a_step_inside_another_is_one_step():
    class Slow(torch.optim.Optimizer):
        """Steps by another optimiser, as Lookahead does."""

        def __init__(self, inner: torch.optim.Optimizer) -> None:
            super().__init__(inner.param_groups, {})
            self.inner = inner

        def step(self, closure=None):
            self.inner.step()

    model = mlp()
    with sit(every=NEVER) as sitter:
        optimizer = Slow(torch.optim.SGD(model.parameters(), lr=1e-2))
        for _ in range(100):
            step(model, optimizer)
    assert sitter.run["loss"].count == 100
    assert len(sitter.runs) == 1


def test_losses_may_stay_on_their_device(monkeypatch, asked):
    begin = Stride.begin

    def on_device(self: Stride, *args) -> bool:
        self.on_device = True
        return begin(self, *args)

    monkeypatch.setattr(Stride, "begin", on_device)
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    with sit(optimizer=optimizer, every=200) as sitter:
        losses = [step(model, optimizer) for _ in range(450)]
    found = dict(zip(sitter.run["loss"].steps.tolist(), sitter.run["loss"].values.tolist(), strict=True))
    assert [found[index] for index in range(450)] == pytest.approx(losses, rel=1e-6)
    assert len(asked) < 100


def test_too_many_losses_on_a_device_are_fetched_and_not_dropped():
    run = Run()
    book = Book(run)
    for index in range(MAX_DEFERRED + 100):
        book.record_plain(torch.tensor(float(index)))
    book.flush()
    assert run["loss"].count >= MAX_DEFERRED
    book.record_deferred()
    assert run["loss"].count == MAX_DEFERRED + 100
    assert run["loss"].values[-1] == MAX_DEFERRED + 99
