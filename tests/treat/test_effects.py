"""What a remedy does is what a person would have written: treated programs against mended ones."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from netsitter.treat.act import Act
from netsitter.treat.apply import apply
from netsitter.treat.patient import Patient
from netsitter.treat.prescription import Dose

X = torch.randn(64, 3, generator=torch.Generator().manual_seed(5))
Y = X @ torch.tensor([1.0, -2.0, 0.5]) + 0.3


def net() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 1))


def train(
    model: nn.Module,
    loss: Callable[[torch.Tensor], torch.Tensor],
    *,
    steps: int = 30,
    make: Callable[..., torch.optim.Optimizer] = torch.optim.SGD,
    **settings: Any,
) -> nn.Module:
    """Full batches, so that a first step that is left out is one step less."""
    optimizer = make(model.parameters(), **settings)
    for _ in range(steps):
        optimizer.zero_grad()
        loss(model(X)).backward()
        optimizer.step()
    return model


def treated(name: str, program: Callable[[], nn.Module], **settings: Any) -> tuple[nn.Module, Act]:
    with Patient() as patient:
        act = apply(patient, Dose(name=name, settings=settings))
        model = program()
    assert patient.broken == {}
    return model, act


def assert_alike(first: nn.Module, second: nn.Module, **tolerance: float) -> None:
    for a, b in zip(first.parameters(), second.parameters(), strict=True):
        torch.testing.assert_close(a, b, **({"rtol": 1e-4, "atol": 1e-6} | tolerance))


def mse(output: torch.Tensor) -> torch.Tensor:
    return nn.functional.mse_loss(output.squeeze(1), Y)


def test_use_adam_steps_as_adamw_does():
    model, act = treated("use-adam", lambda: train(net(), mse, lr=5.0, weight_decay=0.1), lr=0.01)
    assert act.is_applied
    assert_alike(model, train(net(), mse, make=torch.optim.AdamW, lr=0.01, weight_decay=0.1))


def test_lower_rate_and_raise_rate_are_other_rates():
    for name, factor in (("lower-rate", 0.1), ("raise-rate", 10.0)):
        model, _ = treated(name, lambda: train(net(), mse, lr=0.01), factor=factor)
        assert_alike(model, train(net(), mse, lr=0.01 * factor))


def test_average_loss_is_the_mean():
    def summed(output: torch.Tensor) -> torch.Tensor:
        return ((output.squeeze(1) - Y) ** 2).sum()

    model, _ = treated("average-loss", lambda: train(net(), summed, lr=0.05), factor=1 / 64)
    assert_alike(model, train(net(), mse, lr=0.05))
    found, act = treated("average-loss", lambda: train(net(), summed, lr=0.05))
    assert act.settled == {"factor": 1 / 64}
    assert_alike(found, train(net(), mse, lr=0.05, steps=29))


@pytest.mark.parametrize(
    "crossed",
    [lambda output: ((output - Y) ** 2).mean(), lambda output: ((Y - output) ** 2).mean()],
    ids=["prediction first", "target first"],
)
def test_same_shape_is_a_squeeze(crossed):
    model, act = treated("same-shape", lambda: train(net(), crossed, lr=0.05))
    assert_alike(model, train(net(), mse, lr=0.05))
    assert [place.what for place in act.places] == ["sub"]


def test_turn_the_sign_descends():
    model, _ = treated("turn-the-sign", lambda: train(net(), lambda output: -mse(output), lr=0.05))
    assert_alike(model, train(net(), mse, lr=0.05))


def test_standardise_target_is_training_on_a_standardised_target():
    far = 5000 * Y + 70_000
    standard = (far - far.mean()) / far.std()

    def far_loss(output: torch.Tensor) -> torch.Tensor:
        return nn.functional.mse_loss(output.squeeze(1), far)

    def near_loss(output: torch.Tensor) -> torch.Tensor:
        return nn.functional.mse_loss(output.squeeze(1), standard)

    model, act = treated("standardise-target", lambda: train(net(), far_loss, lr=0.05))
    mended = train(net(), near_loss, lr=0.05, steps=29)
    assert act.settled["mean"] == pytest.approx(float(far.mean()), rel=1e-6)
    with torch.no_grad():
        torch.testing.assert_close(model(X), mended(X) * far.std() + far.mean(), rtol=1e-3, atol=1.0)


def test_standardise_inputs_is_training_on_standardised_inputs():
    wide = X * torch.tensor([1.0, 1000.0, 0.01]) + 7

    def program(rows: torch.Tensor, steps: int) -> nn.Module:
        model = net()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
        for _ in range(steps):
            optimizer.zero_grad()
            mse(model(rows)).backward()
            optimizer.step()
        return model

    model, _ = treated("standardise-inputs", lambda: program(wide, 30))
    mended = program((wide - wide.mean(0)) / wide.std(0, unbiased=False), 29)
    assert_alike(model, mended, rtol=1e-3, atol=1e-4)


def test_a_line_in_a_loop_is_changed_only_on_its_last_turn():
    class Loop(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            torch.manual_seed(0)
            self.layers = nn.ModuleList([nn.Linear(3, 8), nn.Linear(8, 8), nn.Linear(8, 1)])
            self.is_mended = False

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            for layer in self.layers[:-1] if self.is_mended else self.layers:
                x = torch.relu(layer(x))
            return self.layers[-1](x) if self.is_mended else x

    mended = Loop()
    mended.is_mended = True
    model, act = treated("linear-output", lambda: train(Loop(), mse, lr=0.05))
    assert len(act.where) == 1
    assert_alike(model, train(mended, mse, lr=0.05, steps=29))


def test_a_layer_is_named_by_the_line_that_makes_it():
    def program() -> nn.Module:
        model = nn.Sequential(
            nn.Linear(3, 2),
            nn.Softmax(1),
        )
        return train(
            model, lambda output: nn.functional.cross_entropy(output, (Y > 0).long()), lr=0.1, steps=2
        )

    _, act = treated("drop-softmax", program)
    (place,) = act.places
    lines = Path(__file__).read_text().splitlines()
    assert lines[place.line - 1].strip() == "nn.Softmax(1),"
    assert (place.what, place.detail, place.function) == ("layer", "Softmax", "program")


def test_a_scheme_that_meets_a_dead_layer_makes_no_weight_nan():
    def program() -> nn.Module:
        model = net()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(2):
            model(torch.zeros(8, 3)).sum().backward()
            optimizer.step()
        return model

    for scheme in ("lsuv", "data-dependent"):
        model, act = treated("scaled-init", program, init=scheme)
        assert all(torch.isfinite(p).all() for p in model.parameters())
        assert "as" in act.settled["notes"][0]


def test_find_rate_goes_back_to_the_start_and_takes_a_rate_that_learns():
    model, act = treated("find-rate", lambda: train(net(), mse, lr=1e-6, steps=120), steps=40)
    assert 1e-3 < act.settled["lr"] <= 0.1
    with torch.no_grad():
        assert float(mse(model(X))) < 0.3 * float(mse(net()(X)))


def test_skip_bad_batch_leaves_the_weights_whole():
    def program() -> nn.Module:
        model = nn.Sequential(nn.BatchNorm1d(3), net())
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        for step in range(20):
            rows = X * math.nan if step == 10 else X
            optimizer.zero_grad()
            mse(model(rows)).backward()
            optimizer.step()
        return model

    model, act = treated("skip-bad-batch", program)
    assert act.settled == {"skipped": 1}
    assert all(torch.isfinite(t).all() for t in (*model.parameters(), *model.buffers()))


def test_stop_early_ends_with_the_weights_of_the_best_pass():
    passes: list[tuple[float, torch.Tensor]] = []

    def program() -> nn.Module:
        model = net()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
        for step in range(60):
            target = Y if step < 20 else -Y
            optimizer.zero_grad()
            nn.functional.mse_loss(model(X[:32]).squeeze(1), target[:32]).backward()
            optimizer.step()
            if step % 5 == 4:
                with torch.no_grad():
                    loss = nn.functional.mse_loss(model(X[32:]).squeeze(1), Y[32:])
                passes.append((loss.item(), model[0].weight.detach().clone()))
        return model

    model, act = treated("stop-early", program)
    assert act.settled["best_step"] == 20
    best = min(passes, key=lambda entry: entry[0])
    torch.testing.assert_close(model[0].weight, best[1])


def test_what_finds_no_place_says_so():
    for name in ("drop-softmax", "add-residual", "less-dropout", "shuffle", "clip-higher", "keep-the-graph"):
        _, act = treated(name, lambda: train(net(), mse, lr=0.05, steps=3))
        assert not act.is_applied
        assert act.why_not is not None


def deep() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 16), nn.Sigmoid(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1))


def test_layers_that_are_computed_again_are_treated_both_times():
    class Saving(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = deep()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            result: Any = checkpoint(self.inner, x, use_reentrant=False)
            return result

    first, act = treated("use-relu", lambda: train(Saving(), mse, lr=0.01), init=None)
    second, _ = treated("use-relu", lambda: train(deep(), mse, lr=0.01), init=None)
    assert act.where.keys() == {"inner.1", "inner.3"}
    assert_alike(first, second)


@pytest.mark.slow
def test_a_compiled_model_is_treated_like_any_other():
    def program() -> nn.Module:
        model = deep()
        compiled: Any = torch.compile(model, backend="eager")
        train(compiled, mse, lr=0.01)
        return model

    first, act = treated("use-relu", program, init=None)
    second, _ = treated("use-relu", lambda: train(deep(), mse, lr=0.01), init=None)
    assert act.is_applied
    assert_alike(first, second)
