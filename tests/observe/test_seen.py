"""What a watch sees of a training, by itself."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.observe.loops import mlp, sit, task, train


def test_it_finds_loss_optimiser_and_validation_by_itself():
    torch.manual_seed(0)
    with sit() as sitter:
        model = mlp()
        x, y = task(300)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(5):
            for rows in torch.randperm(200).split(20):
                optimizer.zero_grad()
                F.cross_entropy(model(x[rows]), y[rows]).backward()
                optimizer.step()
            model.eval()
            with torch.no_grad():
                F.cross_entropy(model(x[200:]), y[200:])
                F.cross_entropy(model(x[:200]), y[:200])
            model.train()
    run = sitter.run
    assert run["loss"].count == 50
    assert run["val/loss"].count == 5
    assert run["val/rows"].last == 100
    assert run["val/overlap"].last == 0
    assert run["train_eval/rows"].last == 200
    assert run.facts["losses"][0]["name"] == "cross_entropy"
    assert run.facts["optimizers"][0]["type"] == "SGD"
    assert run["lr/0"].last == pytest.approx(0.1)
    assert all(about["reached"] for about in run.facts["model"]["parameters"].values())


def test_no_batch_is_kept_alive():
    import gc
    import weakref

    model = mlp()
    with sit(every=1):
        x, y = task()
        batch = weakref.ref(x)
        optimizer = torch.optim.SGD(model.parameters(), 0.1)
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
        del x
        gc.collect()
        assert batch() is None


def test_raw_gradients_are_seen_before_clipping():
    model = mlp()
    x, y = task()
    with sit(every=1) as sitter:
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        for _ in range(4):
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            norm = nn.utils.clip_grad_norm_(model.parameters(), 1e-3)
            optimizer.step()
    assert sitter.run["grad_norm"].last == pytest.approx(float(norm), rel=1e-4)
    assert sitter.run["clip/raw"].last == pytest.approx(float(norm), rel=1e-4)
    assert sitter.run["grad_norm_stepped"].last == pytest.approx(1e-3, rel=1e-2)


def test_accumulation_is_one_step():
    model = mlp()
    x, y = task()
    with sit() as sitter:
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        for _ in range(10):
            optimizer.zero_grad()
            for rows in torch.arange(256).split(64):
                F.cross_entropy(model(x[rows]), y[rows]).backward()
            optimizer.step()
    assert sitter.run.facts["seen"]["steps"] == 10
    assert sitter.run.facts["seen"]["backwards"] == 40
    assert sitter.diagnosis.named("missing-zero-grad") is None


def test_optimisers_that_take_turns_are_trainings_of_their_own():
    generator, critic = nn.Linear(2, 2), nn.Linear(2, 1)
    with sit() as sitter:
        first = torch.optim.Adam(generator.parameters())
        second = torch.optim.Adam(critic.parameters())
        for _ in range(12):
            fake = generator(torch.randn(16, 2))
            second.zero_grad()
            critic(fake.detach()).mean().backward()
            second.step()
            first.zero_grad()
            (-critic(fake).mean()).backward()
            first.step()
    assert [run.last_step for run in sitter.runs] == [11, 11]
    assert all(run.facts["alternating"] for run in sitter.runs)
    assert not sitter.diagnosis.is_sick


def test_two_optimisers_on_one_backward_are_one_training():
    body, head = nn.Linear(8, 8), nn.Linear(8, 4)
    x, y = task()
    with sit() as sitter:
        optimizers = [torch.optim.SGD(body.parameters(), 0.1), torch.optim.SGD(head.parameters(), 0.1)]
        for _ in range(6):
            for optimizer in optimizers:
                optimizer.zero_grad()
            F.cross_entropy(head(body(x)), y).backward()
            for optimizer in optimizers:
                optimizer.step()
    assert [run.last_step for run in sitter.runs] == [5]
    assert sitter.diagnosis.named("params-not-in-optimizer") is None


def test_lbfgs_closures_sparse_gradients_and_tied_weights_are_normal_life():
    linear, table = nn.Linear(8, 1), nn.Embedding(20, 4, sparse=True)
    decoder = nn.Linear(4, 20, bias=False)
    with sit() as sitter:
        search = torch.optim.LBFGS(linear.parameters(), max_iter=5)
        x, y = torch.randn(32, 8), torch.randn(32, 1)

        def closure() -> torch.Tensor:
            search.zero_grad()
            loss = F.mse_loss(linear(x), y)
            loss.backward()
            return loss

        for _ in range(6):
            search.step(closure)
        sparse = torch.optim.SparseAdam(table.parameters())
        for _ in range(6):
            sparse.zero_grad()
            table(torch.randint(0, 20, (16,))).square().mean().backward()
            sparse.step()
        tied = nn.Embedding(20, 4)
        decoder.weight = tied.weight
        adam = torch.optim.Adam({id(p): p for m in (tied, decoder) for p in m.parameters()}.values())
        for _ in range(6):
            ids = torch.randint(0, 20, (16,))
            adam.zero_grad()
            F.cross_entropy(decoder(tied(ids)), ids).backward()
            adam.step()
    assert not sitter.diagnosis.broken
    assert [run.last_step for run in sitter.runs] == [5, 5, 5]


def test_checkpointing_is_not_computed_again_for_us():
    from torch.utils.checkpoint import checkpoint

    calls = 0

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = nn.Linear(8, 8)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            nonlocal calls
            calls += 1
            return torch.relu(self.inner(x))

    block, head = Block(), nn.Linear(8, 4)
    x, y = task()
    with sit(every=1) as sitter:
        optimizer = torch.optim.SGD([*block.parameters(), *head.parameters()], 0.1)
        for _ in range(5):
            optimizer.zero_grad()
            F.cross_entropy(head(checkpoint(block, x, use_reentrant=False)), y).backward()
            optimizer.step()
    assert calls == 10
    assert sitter.run.facts["checkpointed"]
    assert not sitter.diagnosis.broken


def test_amp_scale_is_taken_out_of_loss_and_gradient():
    model = nn.Linear(8, 4)
    x, y = task()
    with sit(every=1) as sitter:
        optimizer = torch.optim.SGD(model.parameters(), 0.0)
        scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
        loss = F.cross_entropy(model(x), y)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
    assert sitter.run["loss"].last == pytest.approx(loss.item(), rel=1e-5)
    model.zero_grad()
    F.cross_entropy(model(x), y).backward()
    norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm().item()
    assert sitter.run["grad_norm"].last == pytest.approx(norm, rel=1e-4)


def test_lost_loss_is_found_on_its_step_with_its_first_layer():
    class Roots(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Linear(8, 8)
            self.second = nn.Linear(8, 4)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.second(torch.sqrt(self.first(x) - 100))

    model = Roots()
    found = []
    with sit(on_finding=found.append) as sitter:
        train(model, steps=3)
    finding = sitter.diagnosis.named("non-finite-loss")
    assert finding is not None
    assert finding.since == 0
    assert finding.evidence["operation"] == "sqrt"
    assert finding.where == ("first",)
    assert any(f.name == "non-finite-loss" for f in found)
