"""Activations, their slopes, dropout and clipping of all members against torch's own."""

import pytest
import torch
from torch import nn

from netsitter.nets.activations import ACTIVATIONS, make_activation
from netsitter.nets.dropout import Dropout
from netsitter.nets.stacked import activations, layers
from netsitter.nets.stacked import noise as noises
from netsitter.nets.stacked.noise import Noise, eights
from netsitter.nets.stacked.optimizers import FUSED_FROM, Place, clip, find_step
from netsitter.nets.stacked.scratch import Scratch

SITE = layers.Site(name="here", place=0, scratch=Scratch(torch.device("cpu")), precision=torch.float32)


def test_every_activation_has_its_slope():
    assert set(activations.ACTIVATIONS) == set(ACTIVATIONS)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_and_its_slope_are_torchs(name):
    x = torch.linspace(-30, 30, 601).view(1, 601, 1)
    direction = torch.randn(x.shape, generator=torch.Generator().manual_seed(0))
    leaf = x.clone().requires_grad_()
    expected = make_activation(name)(leaf)
    expected.backward(direction)
    layer = layers.Activation(SITE, name)
    torch.testing.assert_close(layer.forward(x, True), expected.detach())
    torch.testing.assert_close(layer.backward(direction.clone()), leaf.grad)


def test_members_drop_the_units_that_they_would_drop_alone():
    rates, seeds = [0.3, 0.0, 0.5], [5, 6, 7]
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    noise = Noise(rates, generators)
    noise.begin(2 * eights(70))
    stacked = layers.Dropout(SITE, noise, by_sign=False)
    x = torch.randn(3, 10, 7, generator=torch.Generator().manual_seed(0))
    together = stacked.forward(x, True).clone()
    for row, (rate, seed) in enumerate(zip(rates, seeds, strict=True)):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            torch.testing.assert_close(together[row], Dropout(rate).train()(x[row]) if rate else x[row])
    assert torch.equal(stacked.forward(x, False), x)


def test_drawing_ahead_takes_what_is_wanted_and_no_more(monkeypatch):
    monkeypatch.setattr(noises, "AHEAD", 7)
    generators = [torch.Generator().manual_seed(seed) for seed in (1, 2)]
    noise = Noise([0.5, 0.5], generators)
    noise.begin(25)
    drawn = torch.cat(
        [noise.draw(count, 8).flatten(1).view(torch.int64).clone() for count in (5, 5, 12, 3)], 1
    )
    for row, seed in enumerate((1, 2)):
        generator = torch.Generator().manual_seed(seed)
        expected = torch.empty(25, dtype=torch.int64).random_(-(2**63), None, generator=generator)
        assert torch.equal(drawn[row], expected)
        assert torch.equal(generator.get_state(), generators[row].get_state())


def test_clipping_is_torchs_for_those_who_ask_for_it():
    gradient = torch.randn(3, 50, generator=torch.Generator().manual_seed(0))
    largest = torch.tensor([[1.0], [0.0], [1e6]])
    expected = []
    for row, bound in zip(gradient.clone(), (1.0, 1e9, 1e6), strict=True):
        parameter = nn.Parameter(torch.zeros(50))
        parameter.grad = row.clone()
        nn.utils.clip_grad_norm_([parameter], bound)
        expected.append(parameter.grad)
    before = gradient.norm(dim=1)
    torch.testing.assert_close(clip(gradient, largest), before)
    torch.testing.assert_close(gradient, torch.stack(expected))


TORCHS = {
    "adamw": lambda p, lr, decay: torch.optim.AdamW([p], lr=lr, weight_decay=decay),
    "adam": lambda p, lr, decay: torch.optim.Adam([p], lr=lr, weight_decay=decay),
    "sgd": lambda p, lr, decay: torch.optim.SGD([p], lr=lr, weight_decay=decay, momentum=0.9, nesterov=True),
    "rmsprop": lambda p, lr, decay: torch.optim.RMSprop([p], lr=lr, weight_decay=decay, alpha=0.999),
}


@pytest.mark.parametrize("size", [40, FUSED_FROM])
@pytest.mark.parametrize("name", TORCHS)
def test_steps_are_torchs(name, size):
    generator = torch.Generator().manual_seed(0)
    weights = torch.randn(2, size, generator=generator)
    rates, decays = [0.1, 0.01], [0.3, 0.0]
    alone = [nn.Parameter(row.clone()) for row in weights]
    optimizers = [TORCHS[name](p, lr, decay) for p, lr, decay in zip(alone, rates, decays, strict=True)]
    step, moments = find_step(name)
    place = Place(
        weights=weights,
        gradient=torch.zeros_like(weights),
        moments=[torch.zeros_like(weights) for _ in range(moments)],
        decayed=slice(0, size),
        room=SITE.scratch.room("change"),
    )
    for count in range(1, 6):
        place.gradient.copy_(torch.randn(2, size, generator=generator))
        for parameter, optimizer, slope in zip(alone, optimizers, place.gradient, strict=True):
            parameter.grad = slope.clone()
            optimizer.step()
        step(place, torch.tensor(rates).view(2, 1), torch.tensor(decays).view(2, 1), count)
    torch.testing.assert_close(weights, torch.stack([p.detach() for p in alone]), atol=1e-5, rtol=1e-4)
