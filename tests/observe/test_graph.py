"""What the autograd graph says of a loss."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from netsitter.observe.axes import inner_axes
from netsitter.observe.graph import feeds, head_of, read
from netsitter.observe.mixing import Reshapes, measure_mixing
from netsitter.observe.objective import read_objective

ROWS = 12


def data(out: int = 3) -> tuple[nn.Sequential, torch.Tensor, torch.Tensor]:
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, out))
    return model, torch.randn(ROWS, 4), torch.randint(0, 3, (ROWS,))


def test_it_reaches_the_leaves_and_names_the_activations():
    model, x, y = data()
    reading = read(F.cross_entropy(model(x), y))
    assert {id(leaf) for leaf in reading.leaves} == {id(p) for p in model.parameters()}
    assert [
        (kind, weight is model[0].weight) for kind, _, weight in reading.activations if kind == "tanh"
    ] == [("tanh", True)]
    assert reading.layers[0][1] is model[2].weight
    assert [(w is model[0].weight, bend) for w, bend in feeds(reading.layers[0][0])] == [(True, "tanh")]


@pytest.mark.parametrize(
    ("last", "head"),
    [
        (lambda z: z, []),
        (lambda z: z.softmax(1), ["softmax"]),
        (lambda z: torch.relu(z).view(-1, 3), ["relu"]),
        (lambda z: torch.log(torch.sigmoid(z)), ["sigmoid", "log"]),
    ],
)
def test_the_head_is_what_follows_the_last_layer(last, head):
    model, x, _ = data()
    found, weight, _ = head_of(last(model(x)).grad_fn)
    assert found == head
    assert weight is model[2].weight


def log_likelihood(z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return (z - z.logsumexp(1, keepdim=True)).gather(1, y[:, None]).mean()


@pytest.mark.parametrize(
    ("loss", "loss_sign", "likelihood_sign"),
    [
        (F.cross_entropy, 1, 0),
        (lambda z, y: -F.cross_entropy(z, y), -1, 0),
        (lambda z, y: F.cross_entropy(z, y) * -0.5 + 3, -1, 0),
        (lambda z, y: F.cross_entropy(z, y) + 0.1 * z.pow(2).mean(), 1, 0),
        (lambda z, y: F.cross_entropy(z, y) - 0.1 * z.pow(2).mean(), 0, 0),
        (log_likelihood, 0, 1),
        (lambda z, y: -log_likelihood(z, y), 0, -1),
        (lambda z, y: -(F.one_hot(y, 3).float() * z.log_softmax(1)).sum(1).mean(), 0, -1),
        (lambda z, y: (torch.randn(ROWS, 3) * z.log_softmax(1)).mean(), 0, 0),
        (lambda z, y: z.mean(), 0, 0),
    ],
)
def test_signs_are_followed(loss, loss_sign, likelihood_sign):
    torch.manual_seed(0)
    model, x, y = data()
    objective = read_objective(loss(model(x), y), ROWS)
    assert (objective.loss_sign, objective.likelihood_sign) == (loss_sign, likelihood_sign)


def shared(z: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    p = z.sigmoid()
    return ((2 * (p * t).sum(1) + 1) / (p.sum(1) + t.sum(1) + 1)).mean()


@pytest.mark.parametrize(
    ("loss", "overlap_sign", "margin_of_flags"),
    [
        (shared, 1, False),
        (lambda z, t: 1 - shared(z, t), -1, False),
        (lambda z, t: F.binary_cross_entropy_with_logits(z, t) + 1 - shared(z, t), -1, False),
        (lambda z, t: (z.softmax(1) * (1 - t)).sum(1).mean(), 0, False),
        (lambda z, t: (1 - t * z).clamp(min=0).mean(), 0, True),
        (lambda z, t: F.softplus(-t * z).mean(), 0, True),
        (lambda z, t: (1 - (2 * t - 1) * z).clamp(min=0).pow(2).mean(), 0, False),
        (lambda z, t: (t * z.pow(2) + (1 - t) * (1 - z.abs()).clamp(min=0).pow(2)).mean(), 0, False),
    ],
    ids=["dice", "1 - dice", "with entropy", "expected errors", "hinge", "smooth", "signs", "contrastive"],
)  # fmt: skip
def test_labels_that_are_factors_are_read(loss, overlap_sign, margin_of_flags):
    torch.manual_seed(0)
    model, x, y = data()
    about = read_objective(loss(model(x), F.one_hot(y, 3).float()), ROWS).to_json()
    assert (about["overlap_sign"], about["margin_of_flags"]) == (overlap_sign, margin_of_flags)


@pytest.mark.parametrize(("dim", "found"), [(0, "batch"), (1, None)])
def test_a_length_over_the_rows_inside_the_network_is_found(dim, found):
    model, x, y = data()
    hidden = F.normalize(model[0](x), dim=dim)
    reading = read(F.cross_entropy(model[2](hidden), y))
    assert inner_axes(reading, ROWS)["inner_norm_dim"] == found
    at_the_end = read(F.cross_entropy(F.normalize(model(x), dim=0), y))
    assert inner_axes(at_the_end, ROWS)["inner_norm_dim"] is None


@pytest.mark.parametrize(
    ("loss", "rows"),
    [
        (lambda z, y: F.cross_entropy(z, y, reduction="sum"), ROWS),
        (lambda z, y: F.cross_entropy(z, y, reduction="sum") / len(y), 0),
        (lambda z, y: (z - 1).pow(2).sum(), ROWS),
        (lambda z, y: (z - 1).pow(2).sum(1).mean(), 0),
        (lambda z, y: (z - 1).pow(2).sum() * (1 / ROWS), 0),
        (F.cross_entropy, 0),
    ],
)
def test_sums_over_the_batch_are_told_from_means(loss, rows):
    model, x, y = data()
    assert read_objective(loss(model(x), y), ROWS).sum_over_batch == rows


@pytest.mark.parametrize(
    ("loss", "is_broadcast"),
    [
        (lambda z, t: (z - t).pow(2).mean(), True),
        (lambda z, t: (t - z).abs().mean(), True),
        (lambda z, t: -(t * z.sigmoid().log()).mean(), True),
        (lambda z, t: (z.squeeze(1) - t).pow(2).mean(), False),
        (lambda z, t: (z - t[:, None]).pow(2).mean(), False),
        (lambda z, t: (z - z.squeeze(1)).pow(2).mean(), False),
    ],
)
def test_squares_of_rows_are_found(loss, is_broadcast):
    model, x, _ = data(1)
    assert bool(read_objective(loss(model(x), torch.randn(ROWS)), ROWS).broadcast) == is_broadcast


@pytest.mark.parametrize(("dim", "found"), [(0, "batch"), (1, None), (-1, None)])
def test_softmax_over_rows_is_found(dim, found):
    model, x, y = data()
    loss = F.nll_loss(model(x).log_softmax(dim), y)
    assert read_objective(loss, ROWS).softmax_dim == found


class Reshaper(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(4, 8), nn.Linear(8, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = torch.relu(self.first(x))
        return self.last(hidden.T.reshape(len(x), 8))


def test_a_reshape_where_a_transpose_was_meant_is_told_from_a_transpose():
    x, hidden = torch.randn(6, 5, 3), torch.randn(5, 6, 8)
    for given, made, expected in (
        (x.reshape(5, 6, 3), hidden, ["rnn"]),
        (x.transpose(0, 1), hidden, []),
        (x.transpose(0, 1).contiguous(), hidden, []),
        (x.reshape(6, 5, 3), hidden, []),
        (x.reshape(6, 3, 5), hidden, ["rnn"]),
        (x.reshape(6, 1, 5, 3), hidden, []),
    ):
        reshapes = Reshapes()
        reshapes.note("rnn", given, made)
        assert reshapes.of(x) == expected
    between = Reshapes()
    between.note("embed", torch.zeros(6, 5), x)
    between.note("rnn", x.view(5, 6, 3), hidden)
    assert between.of(None) == ["rnn"]


def test_rows_that_depend_on_each_other_are_found_by_backprop():
    torch.manual_seed(0)
    model, x, y = data()
    out = model(x)
    assert float(measure_mixing(out, read(F.cross_entropy(out, y)), [model])) == 0
    mixed = Reshaper()
    out = mixed(x)
    share = measure_mixing(out, read(F.cross_entropy(out, y)), [mixed])
    assert float(share) > 0.5
    F.cross_entropy(out, y).backward()
    assert all(p.grad is not None for p in mixed.parameters())
