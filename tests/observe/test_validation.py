"""Validation passes are told apart by their rows."""

import torch
import torch.nn.functional as F

from netsitter.observe.losses import LossCall, Targets
from netsitter.observe.validation import Validation, fingerprints


def passes() -> tuple[Validation, list[dict[str, float]]]:
    seen: list[dict[str, float]] = []
    return Validation(Targets(), seen.append), seen


def show(validation: Validation, x: torch.Tensor, y: torch.Tensor, *, randomly: bool = False) -> None:
    out = x @ torch.ones(x.shape[1], 3)
    validation.forward(x, out, randomly)
    value = F.cross_entropy(out, y)
    validation.loss(LossCall(name="cross_entropy", prediction=out, target=y, reduction="mean", value=value))


def test_training_rows_and_validation_rows_are_told_apart():
    torch.manual_seed(0)
    x, y = torch.randn(120, 5), torch.randint(0, 3, (120,))
    validation, seen = passes()
    validation.trained_on(x[:64])
    for _ in range(2):
        show(validation, x[:80], y[:80])
        show(validation, x[80:], y[80:])
        validation.flush()
    named = [next(iter(values)).partition("/")[0] for values in seen]
    assert named == ["train_eval", "val", "train_eval", "val"]
    assert seen[1]["val/rows"] == 40
    assert seen[1]["val/overlap"] == 0
    assert seen[1]["val/loss"] > 0


def test_a_pass_before_training_waits_for_its_name():
    torch.manual_seed(0)
    x, y = torch.randn(120, 5), torch.randint(0, 3, (120,))
    validation, seen = passes()
    show(validation, x[80:], y[80:])
    validation.flush()
    assert seen == []
    validation.trained_on(x[:64])
    show(validation, x[80:], y[80:], randomly=True)
    validation.flush()
    assert [values["val/train_mode"] for values in seen] == [0.0, 1.0]


def test_batches_of_a_pass_are_one_record_weighted_by_rows():
    torch.manual_seed(0)
    x, y = torch.randn(90, 5), torch.randint(0, 3, (90,))
    validation, seen = passes()
    for rows in torch.arange(90).split(40):
        show(validation, x[rows], y[rows])
    validation.flush(is_end=True)
    assert len(seen) == 1
    expected = F.cross_entropy(x @ torch.ones(5, 3), y)
    assert abs(seen[0]["val/loss"] - float(expected)) < 1e-5


def test_shared_rows_are_counted():
    torch.manual_seed(0)
    x, y = torch.randn(100, 5), torch.randint(0, 3, (100,))
    validation, seen = passes()
    validation.trained_on(x[:50])
    show(validation, x[40:], y[40:])
    validation.flush()
    assert seen[0]["val/overlap"] == 0.2


def test_fingerprints_are_the_rows_own():
    rows = torch.randn(50, 7)
    order = torch.randperm(50)
    assert sorted(fingerprints(rows, 50)) == sorted(fingerprints(rows[order], 50))
    assert len(set(fingerprints(rows, 50))) == 50
    assert fingerprints(torch.arange(6).reshape(2, 3), 9) != fingerprints(
        torch.tensor([[2, 1, 0], [5, 4, 3]]), 9
    )
