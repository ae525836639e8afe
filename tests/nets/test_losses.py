"""Each loss against its definition, its best constant against a search, and its shapes."""

import math

import pytest
import torch
import torch.nn.functional as F

from netsitter.errors import UsageError
from netsitter.nets.losses import LOSSES, balanced_weights, loss_settings, make_loss

GENERATOR = torch.Generator().manual_seed(0)
PREDICTION = torch.randn(50, generator=GENERATOR, dtype=torch.float64)
REALS = torch.randn(50, generator=GENERATOR, dtype=torch.float64) * 3 + 1
COUNTS = torch.poisson(torch.full((50,), 2.0, dtype=torch.float64), generator=GENERATOR)
BINARY = torch.tensor([0] * 35 + [1] * 15)
CLASSES = torch.tensor([0] * 25 + [1] * 15 + [2] * 10)
LOGITS = torch.randn(50, 3, generator=GENERATOR, dtype=torch.float64)
RESIDUAL = REALS - PREDICTION
SIGN = BINARY.double() * 2 - 1
SURPRISE = -LOGITS.log_softmax(1)[torch.arange(50), CLASSES]
MU = PREDICTION.exp()

DEFINITIONS = {
    "mse": ({}, PREDICTION, REALS, (RESIDUAL**2).mean()),
    "rmse": ({}, PREDICTION, REALS, (RESIDUAL**2).mean().sqrt()),
    "mae": ({}, PREDICTION, REALS, RESIDUAL.abs().mean()),
    "huber": (
        {"delta": 0.7},
        PREDICTION,
        REALS,
        torch.where(RESIDUAL.abs() <= 0.7, RESIDUAL**2 / 2, 0.7 * (RESIDUAL.abs() - 0.35)).mean(),
    ),
    "log-cosh": ({}, PREDICTION, REALS, RESIDUAL.cosh().log().mean()),
    "quantile": (
        {"q": 0.9},
        PREDICTION,
        REALS,
        torch.where(RESIDUAL > 0, 0.9 * RESIDUAL, -0.1 * RESIDUAL).mean(),
    ),
    "poisson": ({}, PREDICTION, COUNTS, (MU - COUNTS * PREDICTION).mean()),
    "tweedie": (
        {"power": 1.3},
        PREDICTION,
        COUNTS,
        (MU**0.7 / 0.7 + COUNTS * MU**-0.3 / 0.3).mean(),
    ),
    "bce": (
        {},
        PREDICTION,
        BINARY,
        -(BINARY * PREDICTION.sigmoid().log() + (1 - BINARY) * (1 - PREDICTION.sigmoid()).log()).mean(),
    ),
    "cross-entropy": ({}, LOGITS, CLASSES, SURPRISE.mean()),
    "focal": ({"gamma": 1.5}, LOGITS, CLASSES, ((1 - (-SURPRISE).exp()) ** 1.5 * SURPRISE).mean()),
    "hinge": ({}, PREDICTION, BINARY, (1 - SIGN * PREDICTION).clamp(min=0).mean()),
}


@pytest.mark.parametrize("name", LOSSES)
def test_value_is_the_definition(name: str) -> None:
    settings, prediction, target, expected = DEFINITIONS[name]
    assert float(make_loss(name, **settings)(prediction, target)) == pytest.approx(float(expected), rel=1e-6)


@pytest.mark.parametrize("name", LOSSES)
def test_gradient_is_finite_where_the_prediction_is_right(name: str) -> None:
    settings, prediction, target, _ = DEFINITIONS[name]
    start = target.double().clone() if prediction.ndim == 1 else torch.zeros_like(prediction)
    start.requires_grad_()
    make_loss(name, **settings)(start, target).backward()
    assert start.grad is not None
    assert torch.isfinite(start.grad).all()


SETTINGS = [
    *((name, *DEFINITIONS[name][:3]) for name in LOSSES),
    ("bce", {"pos_weight": 3.0}, PREDICTION, BINARY),
    ("bce", {"label_smoothing": 0.2}, PREDICTION, BINARY),
    ("bce", {"class_weights": [0.5, 4.0]}, PREDICTION, BINARY),
    ("cross-entropy", {"label_smoothing": 0.1}, LOGITS, CLASSES),
    ("cross-entropy", {"class_weights": [1.0, 2.0, 5.0]}, LOGITS, CLASSES),
    ("cross-entropy", {"class_weights": [1.0, 2.0, 5.0], "label_smoothing": 0.3}, LOGITS, CLASSES),
    ("focal", {"class_weights": [1.0, 4.0]}, PREDICTION, BINARY),
    ("hinge", {"class_weights": [1.0, 4.0]}, PREDICTION, BINARY),
    ("hinge", {}, LOGITS, CLASSES),
    ("quantile", {"q": 0.1}, PREDICTION, REALS),
]


@pytest.mark.parametrize(("name", "settings", "prediction", "target"), SETTINGS)
def test_no_constant_beats_the_best_constant(
    name: str, settings: dict, prediction: torch.Tensor, target: torch.Tensor
) -> None:
    loss = make_loss(name, **settings)
    best = loss.best_constant(target).double()
    lowest = loss.expected_at_start(target)
    for _ in range(200):
        other = best + torch.randn(best.shape, generator=GENERATOR, dtype=torch.float64) * 0.3
        assert float(loss(other.expand(len(target), len(best)), target)) >= lowest - 1e-6


def test_theory_at_the_start() -> None:
    assert make_loss("mse").expected_at_start(REALS) == pytest.approx(float(REALS.var(correction=0)))
    assert make_loss("mae").best_constant(REALS) == REALS.median()
    priors = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64)
    entropy = float(-(priors * priors.log()).sum())
    assert make_loss("cross-entropy").expected_at_start(CLASSES) == pytest.approx(entropy, rel=1e-6)
    assert float(make_loss("bce").best_constant(BINARY)) == pytest.approx(math.log(0.3 / 0.7), rel=1e-6)
    assert float(make_loss("poisson").best_constant(COUNTS).exp()) == pytest.approx(float(COUNTS.mean()))


@pytest.mark.parametrize(
    ("prediction", "target"),
    [((8, 1), (8,)), ((8,), (8, 1)), ((8, 1), (8, 1)), ((8,), (8,))],
)
def test_a_column_is_squeezed(prediction: tuple, target: tuple) -> None:
    p, y = torch.arange(8.0), torch.arange(8.0).flip(0)
    value = make_loss("mse")(p.reshape(prediction), y.reshape(target))
    assert value == F.mse_loss(p, y)


@pytest.mark.parametrize(
    ("name", "prediction", "target"),
    [
        ("mse", (8, 2), (8,)),
        ("mse", (8,), (4,)),
        ("mse", (8, 1), (1, 8)),
        ("mse", (1,), (8,)),
        ("mae", (), (8,)),
        ("bce", (8, 2), (8,)),
        ("cross-entropy", (8,), (8,)),
        ("cross-entropy", (8, 3), (8, 3)),
    ],
)
def test_nothing_is_broadcast(name: str, prediction: tuple, target: tuple) -> None:
    with pytest.raises(UsageError, match="shape"):
        make_loss(name)(torch.zeros(prediction), torch.zeros(target))


def test_predictions_have_one_shape_for_all_classifiers() -> None:
    raw = torch.tensor([[2.0], [-1.0]])
    probabilities = make_loss("bce").predict(raw)
    assert probabilities.shape == (2, 2)
    assert torch.allclose(probabilities.sum(1), torch.ones(2))
    assert torch.allclose(probabilities[:, 1], raw[:, 0].sigmoid())
    assert torch.allclose(make_loss("cross-entropy").predict(LOGITS).sum(1), torch.ones(50).double())
    assert torch.equal(make_loss("poisson").predict(raw), raw[:, 0].exp())
    assert torch.equal(make_loss("mse").predict(raw), raw[:, 0])


def test_balanced_classes_make_the_best_answer_even() -> None:
    weights = balanced_weights(BINARY, 2)
    assert float(make_loss("bce", class_weights=weights).best_constant(BINARY)) == pytest.approx(0, abs=1e-6)
    even = make_loss("cross-entropy", class_weights=balanced_weights(CLASSES, 3)).best_constant(CLASSES)
    assert torch.allclose(even, even.mean())


def test_a_class_that_never_occurs_keeps_everything_finite() -> None:
    target = torch.zeros(10, dtype=torch.int64)
    for name in ("bce", "focal", "hinge"):
        assert torch.isfinite(make_loss(name).best_constant(target)).all(), name


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("hubber", {}, "Did you mean 'huber'"),
        ("huber", {"delt": 1.0}, "Did you mean 'delta'"),
        ("huber", {"delta": 0.0}, "above 0"),
        ("quantile", {"q": 1.0}, "between 0 and 1"),
        ("tweedie", {"power": 2.5}, "between 1 and 2"),
        ("cross-entropy", {"label_smoothing": 1.0}, "in \\[0, 1\\)"),
    ],
)
def test_wrong_settings_are_named(name: str, settings: dict, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        make_loss(name, **settings)


def test_settings_are_listed() -> None:
    assert loss_settings("huber") == {"delta": 1.0}
    assert loss_settings("mse") == {}


def test_balanced_weights_give_every_class_the_same_say() -> None:
    weights = torch.tensor(balanced_weights(CLASSES, 3))
    assert torch.allclose(weights * torch.bincount(CLASSES), torch.full((3,), 50 / 3))
