"""Networks kept as rows of one matrix: what goes in comes out again, and they answer as they did alone."""

import pytest
import torch

from netsitter.errors import UsageError
from netsitter.nets.blocks import TableNet, build_network
from netsitter.nets.config import NetConfig
from netsitter.nets.population import ALIGNMENT, Population
from netsitter.nets.stacked.net import StackedNet

GENERATOR = torch.Generator().manual_seed(0)
NUMERIC = torch.randn(60, 3, generator=GENERATOR)
CODES = torch.stack([torch.randint(0, n, (60,), generator=GENERATOR) for n in (4, 9)], 1)

SHAPES = {
    "plain": {},
    "linear": {"depth": 0},
    "batch norm": {"norm": "batch-before"},
    "batch norm after": {"norm": "batch-after", "residual": True, "depth": 3},
    "layer norm": {"norm": "layer", "residual": True},
    "weight norm": {"weight_norm": True},
    "pbld": {"numeric_embedding": "pbld"},
    "periodic": {"numeric_embedding": "periodic", "scaling": False},
    "bins": {"numeric_embedding": "piecewise-linear", "embedding_size": 0},
    "hidden": {"hidden": (16, 8)},
}


def network(seed: int, outputs: int = 2, **settings) -> TableNet:
    net, _ = build_network(
        NetConfig(**{"width": 12, "depth": 2, **settings}),
        numeric=NUMERIC,
        codes=CODES,
        is_continuous=(True, True, False),
        cardinalities=(4, 9),
        n_outputs=outputs,
        generator=torch.Generator().manual_seed(seed),
    )
    for module in net.modules():  # running statistics as after some training
        if isinstance(module, torch.nn.BatchNorm1d):
            module.running_mean.normal_(generator=GENERATOR)
            module.running_var.uniform_(0.5, 2, generator=GENERATOR)
    return net


@pytest.mark.parametrize("shape", SHAPES)
def test_a_member_taken_out_answers_as_the_population_and_as_itself(shape):
    nets = [network(seed, **SHAPES[shape]).eval() for seed in range(3)]
    population = Population.of(nets)
    together = StackedNet(population).forward(NUMERIC.expand(3, -1, -1), CODES.expand(3, -1, -1))
    for row, net in enumerate(nets):
        with torch.no_grad():
            for alone in (net, population.extract(row)):
                torch.testing.assert_close(together[row], alone(NUMERIC, CODES), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_gradient_of_every_parameter_is_autograds(shape):
    nets = [network(seed, **SHAPES[shape]).train() for seed in range(2)]
    population = Population.of(nets)
    gradient = torch.full_like(population.weights, torch.nan)
    net = StackedNet(population, gradient)
    direction = torch.randn(2, 60, 2, generator=GENERATOR)
    with torch.no_grad():
        net.forward(NUMERIC.expand(2, -1, -1), CODES.expand(2, -1, -1), training=True)
        net.backward(direction.clone())
    for row, alone in enumerate(nets):
        (alone(NUMERIC, CODES) * direction[row]).sum().backward()
        for name, parameter in alone.named_parameters():
            torch.testing.assert_close(
                population.view(name, gradient)[row], parameter.grad, atol=2e-4, rtol=1e-4, msg=name
            )


def test_half_precision_products_answer_nearly_the_same():
    population = Population.of([network(seed) for seed in range(3)])
    inputs = NUMERIC.expand(3, -1, -1), CODES.expand(3, -1, -1)
    exact = StackedNet(population).forward(*inputs).clone()
    rough = StackedNet(population, precision=torch.bfloat16).forward(*inputs)
    assert rough.dtype is torch.float32
    assert not torch.equal(rough, exact)
    torch.testing.assert_close(rough, exact, atol=0.05, rtol=0.05)


@pytest.mark.parametrize("change", [{"width": 13}, {"activation": "relu"}, {"norm": "layer"}])
def test_networks_of_two_shapes_are_refused_and_the_difference_is_named(change):
    with pytest.raises(UsageError, match=f"networks 0 and 1 differ in {next(iter(change))}"):
        Population.of([network(0), network(0, **change)])


def test_settings_that_leave_the_shape_alone_may_differ():
    nets = [network(0), network(1, dropout=0.3, init="lecun", output_scale=1.0), network(2, hidden=(12, 12))]
    assert len(Population.of(nets)) == 3


def test_a_part_shares_its_memory_and_a_selection_does_not():
    population = Population.of([network(seed, norm="batch-before") for seed in range(3)])
    population.part(slice(1, 2)).weights.fill_(7.0)
    assert bool((population.weights[1] == 7).all())
    chosen = population.select(torch.tensor([2, 0]))
    torch.testing.assert_close(chosen.weights[1], population.weights[0])
    chosen.weights.zero_()
    chosen.buffers["blocks.0.before.running_mean"].zero_()
    assert bool(population.weights[0].any())
    assert bool(population.buffers["blocks.0.before.running_mean"].any())


def test_parameters_of_a_role_lie_side_by_side():
    layout = Population.of([network(0)]).layout
    for slot in layout.slots.values():
        assert slot.start % ALIGNMENT == 0
    decayed = layout.roles["weight"]
    inside = [name for name, slot in layout.slots.items() if decayed.start <= slot.start < decayed.stop]
    assert sorted(inside) == ["blocks.0.linear.weight", "blocks.1.linear.weight", "output.weight"]


@pytest.mark.gpu
def test_it_answers_alike_on_an_accelerator():
    nets = [network(seed, numeric_embedding="pbld", norm="batch-before").eval() for seed in range(3)]
    here = StackedNet(Population.of(nets)).forward(NUMERIC.expand(3, -1, -1), CODES.expand(3, -1, -1))
    there = StackedNet(Population.of([net.cuda() for net in nets])).forward(
        NUMERIC.cuda().expand(3, -1, -1), CODES.cuda().expand(3, -1, -1)
    )
    torch.testing.assert_close(there.cpu(), here, atol=1e-3, rtol=1e-3)
