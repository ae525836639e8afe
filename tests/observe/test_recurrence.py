"""How much of the gradient reaches the beginning of a sequence."""

import pytest
import torch
from torch import nn

from netsitter.observe.graph import read
from netsitter.observe.recurrence import MIN_USES, measure_fading

STEPS = 20


def fading(layer: nn.RNN, steps: int = STEPS) -> list[float]:
    x = torch.randn(6, steps, 3)
    loss = layer(x)[0][:, -1].square().mean()
    kept = [float(ratio) for _, ratio in measure_fading(loss, read(loss), [layer])]
    loss.backward()  # the graph is still whole
    return kept


@pytest.mark.parametrize("gain", [0.25, 1.0, 2.0])
def test_an_orthogonal_recurrence_scales_the_gradient_by_its_gain_at_every_step(gain: float) -> None:
    torch.manual_seed(0)
    layer = nn.RNN(3, 16, nonlinearity="relu", batch_first=True)
    with torch.no_grad():  # every unit stays above zero: the recurrence is linear
        nn.init.eye_(layer.weight_hh_l0).mul_(gain)
        layer.bias_ih_l0.fill_(20.0)
    assert fading(layer) == [pytest.approx(gain ** (STEPS - 1), rel=0.1)]


def test_a_short_sequence_has_no_depth_in_time() -> None:
    assert fading(nn.RNN(3, 4, batch_first=True), MIN_USES - 1) == []


def test_a_loop_by_hand_with_the_loss_at_every_step_does_not_fade() -> None:
    torch.manual_seed(0)
    cell, x = nn.Linear(3 + 8, 8), torch.randn(6, STEPS, 3)
    hidden, outputs = torch.zeros(6, 8), []
    for t in range(STEPS):
        hidden = torch.sigmoid(cell(torch.cat([x[:, t], hidden], 1)))
        outputs.append(hidden)
    last, every = hidden.square().mean(), torch.stack(outputs).square().mean()
    ((_, lost),) = measure_fading(last, read(last), [cell])
    ((_, kept),) = measure_fading(every, read(every), [cell])
    assert float(lost) < 1e-9
    assert float(kept) > 0.01


def test_it_runs_no_hook_of_the_program() -> None:
    layer, called = nn.RNN(3, 4, batch_first=True), []
    layer.register_full_backward_hook(lambda *_: called.append(1))
    x = torch.randn(6, STEPS, 3, requires_grad=True)
    loss = layer(x)[0][:, -1].square().mean()
    assert list(measure_fading(loss, read(loss), [layer])) == []
    loss.backward()
    assert len(called) == 1


def test_sequences_that_end_in_padding_say_nothing_of_the_last_step() -> None:
    torch.manual_seed(0)
    layer, x = nn.RNN(3, 4, batch_first=True), torch.randn(6, STEPS, 3)
    loss = layer(x)[0][:, : STEPS // 2].square().mean()
    assert list(measure_fading(loss, read(loss), [layer])) == []
