"""Watching small loops: what is found, what is left behind (nothing), what is changed (nothing)."""

import copy
import io
import pickle
import sys

import pytest
import torch
import torch.nn.functional as F
import torch.optim.optimizer as optim
from torch import nn
from torch.nn.modules import module as modules

import netsitter
from netsitter.diagnosis import diagnose
from netsitter.errors import UsageError
from netsitter.observe import seams
from netsitter.observe.watch import Sitter


def sit(model: nn.Module | None = None, **options) -> Sitter:
    return netsitter.watch(model, quiet=True, **options)


def mlp(out: int = 4, *tail: nn.Module) -> nn.Sequential:
    return nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, out), *tail)


def task(n: int = 256) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.randn(n, 8)
    return x, (x[:, 0] > 0).long() + 2 * (x[:, 1] > 0).long()


def train(model: nn.Module, steps: int = 40, lr: float = 1e-2, loss=F.cross_entropy) -> list[float]:
    x, y = task()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(steps):
        rows = torch.randint(0, len(x), (32,))
        optimizer.zero_grad()
        value = loss(model(x[rows]), y[rows])
        value.backward()
        optimizer.step()
        losses.append(value.item())
    return losses


def traces() -> tuple[object, ...]:
    """Everything in torch that a watch touches."""
    return (
        [getattr(F, name) for name in seams.LOSSES],
        torch.autograd.backward,
        torch.compile,
        vars(nn.Module)["zero_grad"],
        vars(nn.Module)["load_state_dict"],
        vars(optim.Optimizer)["__init__"],
        vars(optim.Optimizer)["zero_grad"],
        vars(nn.Sequential).get("__call__"),
        nn.utils.clip_grad_norm_,
        torch.amp.GradScaler.scale,
        len(optim._global_optimizer_pre_hooks),
        len(optim._global_optimizer_post_hooks),
        len(modules._global_forward_hooks),
    )


# ---- nothing is changed, nothing is left


def test_results_are_those_of_the_unwatched_run_bit_for_bit():
    def result() -> tuple[list[float], torch.Tensor]:
        torch.manual_seed(0)
        return train(mlp()), torch.get_rng_state()

    losses, state = result()
    with sit(every=1):
        watched, watched_state = result()
    assert watched == losses
    assert torch.equal(watched_state, state)


def test_every_trace_is_gone_after_the_end():
    before = traces()
    with sit() as sitter:
        assert traces() != before
        train(mlp())
    assert traces() == before
    sitter.close()
    assert traces() == before


def test_every_trace_is_gone_after_an_exception():
    def interrupted() -> None:
        with sit():
            train(mlp(), steps=3)
            raise KeyboardInterrupt

    before = traces()
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert traces() == before


def test_watches_may_overlap_and_close_in_any_order():
    before = traces()
    model, other = mlp(), mlp()
    first, second = sit(model), sit(other)
    train(model, steps=10)
    first.close()
    train(other, steps=20)
    second.close()
    assert traces() == before
    assert first.run.last_step == 9
    assert second.run.last_step == 19


def test_a_watched_model_is_copied_and_pickled_without_us():
    model = mlp()
    with sit(model):
        train(model, steps=3)
        twin = pickle.loads(pickle.dumps(copy.deepcopy(model)))
        assert not any(m._forward_hooks or m._forward_pre_hooks for m in twin.modules())
    assert b"netsitter" not in pickle.dumps(model)


def test_modes_are_as_they_were():
    model = mlp()
    with sit(model, every=1):
        train(model, steps=3)
        assert model.training
        model.eval()
        train(model, steps=3)
        assert not model.training


# ---- what is seen


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


# ---- faults of ours, and of the world, do not reach the training


def test_a_model_whose_repr_raises_is_watched():
    class Shy(nn.Linear):
        def __repr__(self) -> str:
            raise RuntimeError("no")

    with sit() as sitter:
        assert len(train(Shy(8, 4), steps=5)) == 5
    assert sitter.run.last_step == 4
    assert "<Sitter" in repr(sitter)


def test_an_error_of_ours_is_noted_and_the_training_goes_on(monkeypatch):
    monkeypatch.setattr("netsitter.observe.graph.read", lambda loss: 1 / 0)
    with sit() as sitter:
        assert len(train(mlp(), steps=5)) == 5
    assert sitter.diagnosis.broken["before_backward"].startswith("ZeroDivisionError")


def test_a_full_disk_ends_the_file_only(tmp_path, monkeypatch):
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    model = mlp()
    with sit(run_dir=tmp_path) as sitter:
        train(model, steps=5)
        monkeypatch.setattr("netsitter.run.Run._put", full)
        train(model, steps=195)
    assert sitter.run.last_step == 199
    assert sitter.run["loss"].count == 200


def test_a_folder_that_cannot_be_made_is_no_reason_to_stop(tmp_path):
    (tmp_path / "file").write_text("")
    with sit(run_dir=tmp_path / "file" / "run") as sitter:
        train(mlp(), steps=5)
    assert sitter.run.last_step == 4
    assert "run_dir" in sitter.diagnosis.broken


@pytest.mark.parametrize("stream", [None, io.StringIO()], ids=["none", "closed"])
def test_a_closed_stderr_is_no_reason_to_stop(stream, monkeypatch):
    if stream is not None:
        stream.close()
    with netsitter.watch() as sitter:
        monkeypatch.setattr(sys, "stderr", stream)
        train(mlp(4, nn.Softmax(1)), steps=20)
    assert sitter.diagnosis.named("double-softmax") is not None


def test_findings_are_told_once_each(capsys):
    told = []
    with netsitter.watch(on_finding=told.append):
        train(mlp(4, nn.Softmax(1)), steps=20)
    assert [finding.name for finding in told].count("double-softmax") == 1
    assert capsys.readouterr().err.count("[O002]") == 1


def test_a_callback_that_fails_is_our_trouble_only():
    def fail(finding: object) -> None:
        raise ValueError("no")

    with sit(on_finding=fail) as sitter:
        train(mlp(4, nn.Softmax(1)), steps=20)
    assert "ValueError" in str(sitter.diagnosis.broken)


# ---- the interface


def test_rules_are_chosen_by_name_code_and_family():
    with sit(select=["O"], ignore=["double-softmax"]) as sitter:
        train(mlp(4, nn.Softmax(1)), steps=20)
    assert not {finding.code[0] for finding in sitter.findings} - {"O"}
    assert sitter.diagnosis.named("double-softmax") is None
    with pytest.raises(UsageError, match="double-softmax"):
        sit(select=["dubble-softmax"])


def test_numbers_of_ones_own_are_recorded():
    with sit() as sitter:
        train(mlp(), steps=5)
        sitter.log(val_loss=0.5, bleu=31)
    assert sitter.run["val/loss"].last == 0.5
    assert sitter.run["metric/bleu"].last == 31


def test_a_run_read_back_gets_the_same_verdict(tmp_path):
    with sit(run_dir=tmp_path) as sitter:
        train(mlp(4, nn.Softmax(1)), steps=60)
    offline = diagnose(netsitter.Run.open(tmp_path))
    assert [f.to_json() for f in offline.findings] == [f.to_json() for f in sitter.findings]


def test_it_shows_itself_in_a_notebook():
    with sit() as sitter:
        train(mlp(4, nn.Softmax(1)), steps=20)
    assert "double-softmax" in sitter._repr_html_()
