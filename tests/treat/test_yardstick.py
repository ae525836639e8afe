"""Quality from pairs of prediction and target, wherever a program makes them."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from netsitter.observe.losses import LossCall
from netsitter.treat.patient import Patient
from netsitter.treat.yardstick import Tally, score


def scores(name: str, prediction: torch.Tensor, target: torch.Tensor) -> dict[str, float]:
    tally = Tally(step=0)
    score(LossCall(name=name, prediction=prediction, target=target, reduction="mean"), tally)
    return tally.scores()


LOGITS = torch.tensor([[2.0, 0.0, 0.0], [0.0, 1.0, 3.0], [0.0, 2.0, 0.0], [1.0, 0.0, 0.0]])
LABELS = torch.tensor([0, 1, 1, 0])


def test_scores_of_classes_do_not_depend_on_how_the_loss_is_written():
    first = scores("cross_entropy", LOGITS, LABELS)
    assert first["error"] == 0.25
    assert first["balanced_error"] == 0.25
    assert first["log_loss"] == pytest.approx(functional.cross_entropy(LOGITS, LABELS).item(), rel=1e-5)
    again = scores("nll_loss", LOGITS.log_softmax(1), LABELS)
    assert again == pytest.approx(first)
    one_hot = scores("mse_loss", LOGITS.softmax(1), functional.one_hot(LABELS, 3).float())
    assert one_hot == {"error": 0.25, "balanced_error": 0.25}


def test_rows_without_a_class_are_left_out():
    assert scores("cross_entropy", LOGITS, torch.tensor([0, -100, 1, -100]))["error"] == 0.0


def test_two_classes_from_scores_and_from_probabilities():
    raw, labels = torch.tensor([2.0, -1.0, 0.5, -3.0]), torch.tensor([1.0, 1.0, 0.0, 0.0])
    first = scores("binary_cross_entropy_with_logits", raw, labels)
    assert first["error"] == 0.5
    assert scores("binary_cross_entropy", raw.sigmoid(), labels) == pytest.approx(first, rel=1e-4)


def test_numbers_are_judged_in_their_own_units_wherever_their_zero_is():
    truth = torch.randn(50, generator=torch.Generator().manual_seed(0)) + 1e4
    prediction = truth + 0.1
    found = scores("l1_loss", prediction.unsqueeze(1), truth.unsqueeze(1))
    assert found["mse"] == pytest.approx(0.01, rel=0.02)
    assert found["r2"] == pytest.approx(1 - 0.01 / float(truth.double().var(unbiased=False)), rel=1e-3)


def test_the_balanced_error_sees_a_class_that_is_never_found():
    labels = torch.tensor([0] * 9 + [1])
    found = scores("cross_entropy", torch.tensor([[1.0, 0.0]] * 10), labels)
    assert found["error"] == pytest.approx(0.1)
    assert found["balanced_error"] == 0.5


def run(evaluate) -> dict:
    """A training with an evaluation after each of its three epochs; the yardstick's result."""
    torch.manual_seed(0)
    x = torch.randn(120, 4)
    y = (x[:, 0] > 0).long()
    with Patient() as patient:
        model = nn.Linear(4, 2)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(3):
            for i in range(0, 80, 20):
                optimizer.zero_grad()
                functional.cross_entropy(model(x[i : i + 20]), y[i : i + 20]).backward()
                optimizer.step()
            evaluate(model, x, y)
    assert patient.broken == {}
    return patient.yardstick.result()


def by_loss(model, x, y):
    with torch.no_grad():
        functional.cross_entropy(model(x[80:]), y[80:])


def by_hand(model, x, y):
    with torch.no_grad():
        return (model(x[80:]).argmax(1) == y[80:]).float().mean()


def by_hand_outside(model, x, y):
    with torch.no_grad():
        out = model(x[80:])
    return out.max(1)[1].eq(y[80:]).sum()


def test_evaluation_by_a_loss_or_by_hand_gives_the_same_error():
    results = [run(evaluate) for evaluate in (by_loss, by_hand, by_hand_outside)]
    assert {result["on"] for result in results} == {"validation"}
    assert {result["rows"] for result in results} == {40}
    assert len({result["error"] for result in results}) == 1
    assert [entry["step"] for entry in results[0]["passes"]] == [4, 8, 12]


def test_rows_that_were_trained_on_are_no_validation():
    result = run(lambda model, x, y: by_hand(model, torch.cat([x[:80]] * 2), torch.cat([y[:80]] * 2)))
    assert result["on"] == "training"
    assert result["rows"] == 20, "the last tenth of the batches"


def test_numbers_compared_by_hand():
    torch.manual_seed(0)
    x = torch.randn(60, 3)
    y = x.sum(1)
    with Patient() as patient:
        model = nn.Linear(3, 1)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(20):
            optimizer.zero_grad()
            ((model(x[:40]).squeeze(1) - y[:40]) ** 2).mean().backward()
            optimizer.step()
        with torch.no_grad():
            r2 = 1 - ((model(x[40:]).squeeze(1) - y[40:]) ** 2).mean() / y[40:].var(unbiased=False)
    assert patient.yardstick.result()["r2"] == pytest.approx(r2.item(), rel=1e-4)
