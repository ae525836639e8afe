"""Whatever the program does, and whatever goes wrong in us: the training goes on as it would alone."""

import subprocess
import sys

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.modules import module as modules

import netsitter
from netsitter import rules
from netsitter.observe import seams


def model() -> nn.Sequential:
    return nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 4))


def train(net: nn.Module, optimizer: torch.optim.Optimizer, steps: int = 12) -> list[float]:
    generator = torch.Generator().manual_seed(0)
    losses = []
    for _ in range(steps):
        x = torch.randn(32, 8, generator=generator)
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), (x[:, 0] > 0).long())
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def results(make, *, watched: bool) -> list[float]:
    torch.manual_seed(0)
    if not watched:
        return make()
    with netsitter.watch(quiet=True, every=1) as sitter:
        losses = make()
    assert sitter.diagnosis.broken == {}
    assert sitter.run.last_step >= 9
    assert (seams._listeners, seams._undo, len(modules._global_forward_hooks)) == ((), [], 0)
    return losses


def compiled(backend: str) -> list[float]:
    net = model()
    torch._dynamo.reset()
    return train(torch.compile(net, backend=backend), torch.optim.Adam(net.parameters()))


def replicated() -> list[float]:
    net = nn.DataParallel(model())
    return train(net, torch.optim.SGD(net.parameters(), 0.1))


def scaled() -> list[float]:
    net = model()
    optimizer, scaler = torch.optim.SGD(net.parameters(), 0.1), torch.amp.GradScaler("cpu")
    losses = []
    for _ in range(12):
        x = torch.randn(32, 8)
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16):
            loss = F.cross_entropy(net(x), (x[:, 0] > 0).long())
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        scaler.step(optimizer)
        scaler.update()
        losses.append(loss.item())
    return losses


def searched() -> list[float]:
    net = nn.Linear(8, 1)
    x = torch.randn(64, 8)
    search, losses = torch.optim.LBFGS(net.parameters(), max_iter=4), []

    def closure() -> torch.Tensor:
        search.zero_grad()
        loss = F.mse_loss(net(x), x[:, :1].sin())
        loss.backward()
        losses.append(loss.item())
        return loss

    for _ in range(10):
        search.step(closure)
    return losses


def sparse_and_tied() -> list[float]:
    table = nn.Embedding(20, 4, sparse=True)
    tied = nn.Linear(4, 20, bias=False)
    tied.weight = table.weight
    optimizer, losses = torch.optim.SGD(table.parameters(), 0.1), []
    for _ in range(10):
        ids = torch.randint(0, 20, (16,))
        optimizer.zero_grad()
        loss = table(ids).square().mean() + F.cross_entropy(tied(table(ids).detach()), ids) * 0
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def checkpointed() -> list[float]:
    from torch.utils.checkpoint import checkpoint

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body, self.head = (
                nn.Sequential(nn.Linear(8, 16), nn.Dropout(0.2), nn.ReLU()),
                nn.Linear(16, 4),
            )

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.head(checkpoint(self.body, x, use_reentrant=False))

    net = Net()
    return train(net, torch.optim.Adam(net.parameters()))


PROGRAMS = {
    "compiled eager": lambda: compiled("eager"),
    "compiled aot_eager": lambda: compiled("aot_eager"),
    "replicated": replicated,
    "scaled": scaled,
    "searched": searched,
    "sparse and tied": sparse_and_tied,
    "checkpointed": checkpointed,
}


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning", "ignore::FutureWarning")
@pytest.mark.parametrize("program", PROGRAMS)
def test_results_are_the_same_bit_for_bit_and_no_hook_is_left(program):
    make = PROGRAMS[program]
    assert results(make, watched=True) == results(make, watched=False)


def test_a_step_that_raised_is_no_step_under_way():
    net = model()
    search = torch.optim.LBFGS(net.parameters())

    def fail() -> torch.Tensor:
        raise RuntimeError("out of memory")

    with netsitter.watch(quiet=True) as sitter:
        with pytest.raises(RuntimeError, match="out of memory"):
            search.step(fail)  # pyright: ignore[reportArgumentType]
        train(net, torch.optim.SGD(net.parameters(), 0.1), steps=10)
    assert sitter.run.last_step == 9


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_models_are_scripted_and_differentiated_while_watched():
    class Scored(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer, self.loss = nn.Linear(4, 3), nn.CrossEntropyLoss()

        def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            return self.loss(self.layer(x), y) + F.mse_loss(x, x)

    with netsitter.watch(quiet=True) as sitter:
        assert torch.jit.script(Scored())(torch.randn(2, 4), torch.tensor([0, 1])) > 0
        pair = torch.randn(3, 4), torch.randn(3, 4)
        assert torch.func.vmap(lambda a, b: F.mse_loss(a, b))(*pair).shape == (3,)
    assert sitter.diagnosis.broken == {}


def test_a_loss_that_returns_no_tensor():
    class Parts(nn.Module):
        def forward(self, scores: torch.Tensor, y: torch.Tensor) -> dict[str, object]:
            return {"name": "parts", "total": F.cross_entropy(scores, y)}

    net, loss = model(), Parts()
    with netsitter.watch(net, loss=loss, quiet=True, every=1) as sitter:
        optimizer = torch.optim.SGD(net.parameters(), 0.1)
        for _ in range(10):
            optimizer.zero_grad()
            torch.autograd.backward([loss(net(torch.randn(8, 8)), torch.zeros(8).long())["total"]])
            optimizer.step()
    assert sitter.run["loss"].count == 10
    assert sitter.diagnosis.broken == {}


def break_check(monkeypatch, rule: type) -> None:
    monkeypatch.setattr(rule, "check", lambda self, run: 1 / 0)


def break_needs(monkeypatch, rule: type) -> None:
    monkeypatch.setattr(rule, "needs", None)


@pytest.mark.parametrize("break_it", [break_check, break_needs])
def test_a_rule_broken_on_purpose_is_only_its_own_loss(break_it, monkeypatch):
    broken = rules.find_rule("dead-units")
    break_it(monkeypatch, type(broken))
    net = nn.Sequential(*model(), nn.Softmax(1))
    with netsitter.watch(net, quiet=True) as sitter:
        train(net, torch.optim.SGD(net.parameters(), 0.1), steps=40)
    assert set(sitter.diagnosis.broken) == {"dead-units"}
    assert sitter.diagnosis.named("double-softmax") is not None


def test_a_callback_that_dies_is_told_of_the_next_finding():
    told = []

    def die(finding: netsitter.Finding) -> None:
        told.append(finding.name)
        raise ValueError("no")

    net = nn.Sequential(nn.Linear(8, 4), nn.Softmax(1))
    nn.init.zeros_(net[0].weight)
    with netsitter.watch(net, quiet=True, on_finding=die) as sitter:
        losses = train(net, torch.optim.SGD(net.parameters(), 0.0), steps=60)
    assert len(losses) == 60
    assert len(told) >= 1
    assert "on_finding" in sitter.diagnosis.broken


def test_a_callback_may_end_the_loop_and_the_next_one_is_seen_whole():
    def stop(finding: netsitter.Finding) -> None:
        raise KeyboardInterrupt

    net = model()
    with netsitter.watch(net, quiet=True, on_finding=stop) as sitter:
        optimizer = torch.optim.SGD(net.parameters(), 0.1)
        with torch.no_grad():
            net[0].weight[0, 0] = torch.nan
        with pytest.raises(KeyboardInterrupt):
            train(net, optimizer)
        with torch.no_grad():
            net[0].weight.normal_()
        train(net, optimizer, steps=5)
    assert sitter.run.last_step == 5


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /dev/full")
def test_a_full_disk_and_a_full_stderr(tmp_path):
    (tmp_path / "train.py").write_text(
        "import torch, torch.nn.functional as F\nfrom torch import nn\n"
        "net = nn.Sequential(nn.Linear(4, 3), nn.Softmax(1))\n"
        "o = torch.optim.SGD(net.parameters(), 0.1)\n"
        "for i in range(300):\n"
        "    o.zero_grad()\n"
        "    F.cross_entropy(net(torch.randn(8, 4)), torch.zeros(8).long()).backward()\n"
        "    o.step()\n"
        "print('end')\n"
    )
    # Files may hold 8 kB: writing more fails as it does on a full disk.
    run = f"ulimit -f 8; exec {sys.executable} -m netsitter run --run-dir runs train.py"
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = subprocess.run(
            ["bash", "-c", run],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=full,
            text=True,
            timeout=240,
            check=False,
        )
    assert (done.returncode, done.stdout) == (0, "end\n")
    assert (tmp_path / "runs" / "run.jsonl").stat().st_size == 8192
