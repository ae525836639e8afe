"""The one loop: it learns, keeps the best, repeats itself, and goes on where it was."""

import copy
import math

import numpy as np
import pytest
import torch

from netsitter.nets.blocks import build_network
from netsitter.nets.config import NetConfig
from netsitter.nets.losses import make_loss
from netsitter.recipe import checkpoint as checkpoints
from netsitter.recipe.checkpoint import Checkpoint
from netsitter.recipe.config import FitConfig
from netsitter.recipe.fit import fit, predict_raw
from netsitter.recipe.objective import Objective
from netsitter.recipe.rows import Rows
from netsitter.run import Run
from netsitter.tables.schema import Task

OBJECTIVE = Objective(task=Task.REGRESSION, loss=make_loss("mse"), decode=np.asarray)


def rows(n: int, seed: int) -> Rows:
    """y = x0 · x1, which no linear model can learn."""
    x = torch.randn(n, 2, generator=torch.Generator().manual_seed(seed))
    return Rows(numeric=x, codes=torch.zeros(n, 0, dtype=torch.int64), target=x[:, 0] * x[:, 1])


TRAIN, VALIDATION = rows(400, 0), rows(100, 1)


def network(**settings) -> torch.nn.Module:
    net, _ = build_network(
        NetConfig(width=32, depth=2, dropout=0.05, norm="batch-before", **settings),
        numeric=TRAIN.numeric,
        codes=TRAIN.codes,
        is_continuous=(True, True),
        cardinalities=(),
        n_outputs=1,
        generator=torch.Generator().manual_seed(0),
    )
    return net


CONFIG = FitConfig(lr=1e-2, batch_size=50, epochs=12, patience=0)


def weights(net: torch.nn.Module) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in net.parameters()])


def test_it_learns_what_a_linear_model_cannot():
    net = network()
    result = fit(net, OBJECTIVE, TRAIN, VALIDATION, CONFIG, seed=0)
    assert result.best_score < 0.5 * float(VALIDATION.target.std())
    assert result.failed is None


def test_the_network_holds_the_weights_of_the_best_epoch():
    net = network()
    result = fit(net, OBJECTIVE, TRAIN, VALIDATION, CONFIG, seed=0)
    assert result.best_score == min(result.scores) == result.scores[result.best_epoch]
    assert OBJECTIVE.score(predict_raw(net, VALIDATION), VALIDATION.target) == pytest.approx(
        result.best_score
    )


def test_same_seed_same_weights_and_the_callers_randomness_is_untouched():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first, second, third = network(), network(), network()
    for net, seed in ((first, 1), (second, 1), (third, 2)):
        fit(net, OBJECTIVE, TRAIN, VALIDATION, CONFIG, seed=seed)
    assert torch.equal(weights(first), weights(second))
    assert not torch.equal(weights(first), weights(third))
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("averaging", [0.0, 0.9])
def test_a_killed_training_ends_with_the_same_weights(tmp_path, monkeypatch, averaging):
    monkeypatch.setattr(checkpoints, "INTERVAL", 0.0)
    config = FitConfig(lr=1e-2, batch_size=50, epochs=7, patience=0, averaging=averaging)
    whole, whole_run = network(), Run()
    unbroken = fit(whole, OBJECTIVE, TRAIN, VALIDATION, config, seed=3, run=whole_run)

    def die(epoch: int, best: float) -> bool:
        if epoch == 4:
            raise KeyboardInterrupt
        return False

    with pytest.raises(KeyboardInterrupt):
        fit(
            network(), OBJECTIVE, TRAIN, VALIDATION, config,
            seed=3, run=Run(), checkpoint=Checkpoint(tmp_path / "c"), give_up=die,
        )  # fmt: skip
    resumed, run = network(), Run()
    again = fit(
        resumed, OBJECTIVE, TRAIN, VALIDATION, config, seed=3, run=run, checkpoint=Checkpoint(tmp_path / "c")
    )
    assert torch.equal(weights(whole), weights(resumed))
    assert again.scores == unbroken.scores
    assert run["loss"].values.tolist() == whole_run["loss"].values.tolist()


def test_patience_ends_a_training_that_gets_no_better():
    noise = Rows(numeric=TRAIN.numeric, codes=TRAIN.codes, target=torch.randn(400))
    config = FitConfig(lr=1e-2, batch_size=50, epochs=200, patience=4)
    result = fit(network(), OBJECTIVE, noise, VALIDATION, config, seed=0)
    assert result.epochs == result.best_epoch + 5 < 200


def test_a_loss_that_is_no_number_ends_the_training_and_says_where():
    config = FitConfig(optimizer="sgd", lr=1e6, batch_size=50, epochs=20)
    result = fit(network(), OBJECTIVE, TRAIN, VALIDATION, config, seed=0)
    assert result.failed is not None
    assert "step" in result.failed or "epoch" in result.failed
    assert result.epochs < 20


def test_the_run_receives_every_step_and_every_validation():
    run = Run()
    fit(network(), OBJECTIVE, TRAIN, VALIDATION, CONFIG, seed=0, run=run)
    assert len(run["loss"]) == 12 * 8
    assert len(run["val/loss"]) == len(run["val/metric/rmse"]) == 12
    assert run["val/loss"].last == pytest.approx(run["val/metric/rmse"].last ** 2, rel=1e-4)


def test_the_rate_follows_its_schedule():
    run = Run()
    fit(network(), OBJECTIVE, TRAIN, VALIDATION, CONFIG, seed=0, run=run)
    rates = run["lr/0"].values
    assert rates[0] > rates[6] > rates[-1]
    assert rates.max() <= CONFIG.lr


def test_averaged_weights_are_those_that_are_judged_and_kept():
    config = FitConfig(lr=3e-2, batch_size=50, epochs=10, patience=0, averaging=0.98, schedule="constant")
    net = network()
    result = fit(net, OBJECTIVE, TRAIN, VALIDATION, config, seed=0)
    assert OBJECTIVE.score(predict_raw(net, VALIDATION), VALIDATION.target) == pytest.approx(
        result.best_score
    )


def test_clipping_bounds_the_first_step():
    config = FitConfig(
        optimizer="sgd", lr=1.0, batch_size=400, epochs=1, clip=1e-6, schedule="constant", warmup=0
    )
    net = network()
    before = weights(net)
    fit(net, OBJECTIVE, TRAIN, VALIDATION, config, seed=0)
    assert float((weights(net) - before).norm()) < 1e-5


def test_prediction_leaves_the_mode_as_it_was():
    net = network().train()
    copy_before = copy.deepcopy(net.state_dict())
    raw = predict_raw(net, VALIDATION)
    assert raw.shape == (100, 1)
    assert net.training
    assert all(
        torch.equal(a, b) for a, b in zip(copy_before.values(), net.state_dict().values(), strict=True)
    )
    assert math.isfinite(float(raw.sum()))
