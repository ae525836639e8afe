"""Many trainings at once: each comes to what it would have come to alone, and leaves when it has ended."""

import math

import numpy as np
import pytest
import torch

from netsitter.nets.blocks import TableNet, build_network
from netsitter.nets.config import NetConfig
from netsitter.nets.losses import make_loss
from netsitter.nets.stacked import wide
from netsitter.recipe.config import FitConfig
from netsitter.recipe.fit import fit, predict_raw
from netsitter.recipe.fit_population import Pace, fit_population
from netsitter.recipe.halving import Halving, Rungs
from netsitter.recipe.members import Member
from netsitter.recipe.objective import Objective
from netsitter.recipe.rows import Rows
from netsitter.run import Run
from netsitter.tables.schema import Task

OBJECTIVE = Objective(task=Task.REGRESSION, loss=make_loss("mse"), decode=np.asarray)
FIT = {"lr": 1e-2, "batch_size": 50, "epochs": 6, "patience": 0, "weight_decay": 0.01}


def rows(n: int, seed: int) -> Rows:
    """A product that no linear model can learn, and a category that shifts it."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(n, 3, generator=generator)
    codes = torch.stack([torch.randint(0, c, (n,), generator=generator) for c in (4, 9)], 1)
    return Rows(numeric=x, codes=codes, target=x[:, 0] * x[:, 1] + (codes[:, 0] == 1).float())


TRAIN, VALIDATION = rows(403, 0), rows(101, 1)


def network(seed: int, **settings) -> TableNet:
    net, _ = build_network(
        NetConfig(**{"width": 24, "depth": 2, "dropout": 0.2, **settings}),
        numeric=TRAIN.numeric,
        codes=TRAIN.codes,
        is_continuous=(True, True, False),
        cardinalities=(4, 9),
        n_outputs=1,
        generator=torch.Generator().manual_seed(seed),
    )
    return net


def member(seed: int = 0, net: dict | None = None, objective: Objective = OBJECTIVE, **settings) -> Member:
    return Member(
        net=network(seed, **(net or {})),
        objective=objective,
        train=TRAIN,
        validation=VALIDATION,
        config=FitConfig(**{**FIT, **settings}),
        seed=10 + seed,
        run=Run(),
    )


def alone(own: Member) -> tuple[Member, object]:
    """The same training by the plain loop."""
    twin = member(
        own.seed - 10, net={f: getattr(own.net.config, f) for f in own.net.config.__struct_fields__}
    )
    result = fit(twin.net, own.objective, own.train, own.validation, own.config, seed=own.seed, run=twin.run)
    return twin, result


SETTINGS = {
    "plain": ({}, {}),
    "batch norm, average": ({"norm": "batch-after", "residual": True}, {"averaging": 0.95}),
    "layer norm, clip": ({"norm": "layer"}, {"clip": 0.3, "schedule": "one-cycle"}),
    "relu, residual": ({"activation": "relu", "residual": True, "depth": 3}, {}),
    "weight norm, sgd": ({"weight_norm": True}, {"optimizer": "sgd"}),
    "pbld, adam": ({"numeric_embedding": "pbld"}, {"optimizer": "adam"}),
}


WIDE = {
    "one block": {"activation": "relu"},
    "layers": {"activation": "silu"},
    "residual": {"activation": "relu", "residual": True, "depth": 3},
    "no dropout": {"activation": "relu", "dropout": 0.0},
}


@pytest.mark.parametrize("name", SETTINGS)
def test_every_member_trains_as_the_plain_loop_trains_it(name):
    compare(*SETTINGS[name])


@pytest.mark.parametrize("name", WIDE)
def test_so_does_every_wide_member(name, monkeypatch):
    monkeypatch.setattr(wide, "WIDE_FROM", 1)
    compare(WIDE[name], {})


def compare(net: dict, settings: dict) -> None:
    members = [
        member(0, net, **settings),
        member(1, net, **{**settings, "lr": 3e-3, "epochs": 4, "weight_decay": 0.3}),
        member(2, {**net, "dropout": 0.0}, **{**settings, "warmup": 0.5, "schedule": "linear"}),
    ]
    results = fit_population(members, pace=Pace(part=2, workers=2))
    for own, result in zip(members, results, strict=True):
        twin, expected = alone(own)
        assert own.run is not None
        assert twin.run is not None
        np.testing.assert_allclose(own.run["loss"].values, twin.run["loss"].values, rtol=1e-4)
        np.testing.assert_allclose(own.run["lr/0"].values, twin.run["lr/0"].values)
        assert own.run["lr/0"].steps.tolist() == twin.run["lr/0"].steps.tolist()
        np.testing.assert_allclose(own.run["val/loss"].values, twin.run["val/loss"].values, rtol=1e-3)
        assert result.best_epoch == expected.best_epoch
        assert result.steps == expected.steps
        assert result.train_loss == pytest.approx(expected.train_loss, rel=1e-4)
        torch.testing.assert_close(
            predict_raw(own.net, VALIDATION), predict_raw(twin.net, VALIDATION), atol=1e-3, rtol=1e-3
        )


def test_a_population_of_one_is_the_plain_loop():
    (own,) = members = [member()]
    (result,) = fit_population(members)
    twin, expected = alone(own)
    np.testing.assert_allclose(own.run["loss"].values, twin.run["loss"].values, rtol=1e-5)
    np.testing.assert_allclose(result.scores, expected.scores, rtol=1e-5)


def test_a_members_result_does_not_depend_on_the_others():
    few = fit_population([member(0), member(1)])
    many = fit_population([member(3), member(0, lr=1e-3), member(1), member(0)], pace=Pace(part=3))
    np.testing.assert_allclose(few[0].scores, many[3].scores, rtol=1e-5)
    np.testing.assert_allclose(few[1].scores, many[2].scores, rtol=1e-5)


def test_each_ends_by_itself_and_keeps_its_best_weights():
    ended: list[int] = []
    members = [member(0, epochs=5), member(1, epochs=2), member(2, epochs=60, patience=2, lr=0.05)]
    results = fit_population(members, ended=lambda number, result: ended.append(number))
    assert ended[0] == 1
    assert results[0].epochs == 5
    assert results[2].epochs == results[2].best_epoch + 3 < 60
    for own, result in zip(members, results, strict=True):
        assert result.best_score == min(result.scores) == result.scores[result.best_epoch]
        score = OBJECTIVE.score(predict_raw(own.net, VALIDATION), VALIDATION.target)
        assert score == pytest.approx(result.best_score, rel=1e-5)


def test_one_that_breaks_leaves_with_its_reason_and_harms_nobody():
    members = [member(0, optimizer="sgd", lr=1e8), member(1, optimizer="sgd", lr=1e-3)]
    broken, whole = fit_population(members)
    assert broken.failed is not None
    assert "step" in broken.failed
    assert broken.epochs < whole.epochs == 6
    _, expected = alone(members[1])
    np.testing.assert_allclose(whole.scores, expected.scores, rtol=1e-5)


def test_hopeless_ones_are_let_go():
    diverging = member(0, optimizer="sgd", lr=3.0, schedule="constant", warmup=0, epochs=40, clip=1.0)
    healthy = member(1, optimizer="sgd", lr=3e-3, epochs=40)
    silent = {"init": "zeros", "output_scale": 0.0}
    collapsed = member(2, silent, optimizer="sgd", lr=1e-12, epochs=40)
    results = fit_population([diverging, healthy, collapsed])
    assert results[0].failed is not None
    assert "diverging" in results[0].failed
    assert results[1].failed is None
    assert results[2].failed is not None
    assert "collapsed" in results[2].failed
    assert max(results[0].epochs, results[2].epochs) < results[1].epochs == 40


def test_halving_lets_the_best_go_on_and_says_what_became_of_the_others():
    members = [member(seed, lr=lr, epochs=16) for seed, lr in enumerate((1e-2, 1e-6, 2e-2, 1e-7))]
    results = fit_population(members, rungs=Rungs(Halving(at=(0.25,), keep=0.5)))
    assert [result.epochs for result in results] == [16, 4, 16, 4]
    assert results[1].stopped is not None
    assert "after 4 of 16 epochs; the best 2 went on" in results[1].stopped
    assert results[3].failed is None
    assert math.isfinite(results[3].best_score)
    assert len(members[3].run["val/loss"]) == 4


def test_folds_are_members_too():
    pool = rows(504, 3)
    folds = [slice(0, 101), slice(101, 201)]
    members = []
    for number, held_out in enumerate(folds):
        inside = torch.ones(504, dtype=torch.bool)
        inside[held_out] = False
        own = member(number)
        own.train, own.validation = (
            pool.at(inside.nonzero().squeeze(1)),
            pool.at((~inside).nonzero().squeeze(1)),
        )
        members.append(own)
    results = fit_population(members)
    for own, result in zip(members, results, strict=True):
        score = OBJECTIVE.score(predict_raw(own.net, own.validation), own.validation.target)
        assert score == pytest.approx(result.best_score, rel=1e-5)
    _, expected = alone(members[0])  # the shorter fold: not a row of it is left out
    np.testing.assert_allclose(results[0].scores, expected.scores, rtol=1e-4)


def test_class_scores_of_all_members_at_once_are_the_scores_of_each():
    objective = Objective(task=Task.MULTICLASS, loss=make_loss("cross-entropy"), decode=np.asarray)
    raw = torch.randn(3, 50, 4, generator=torch.Generator().manual_seed(0))
    raw[2, 7, 1] = math.nan
    target = torch.randint(0, 4, (50,), generator=torch.Generator().manual_seed(1))
    scores = objective.scores(raw, target)
    assert scores[:2] == pytest.approx([objective.score(each, target) for each in raw[:2]])
    assert math.isnan(scores[2])


def test_half_precision_learns_too():
    exact, rough = (
        fit_population([member(0, epochs=20)], pace=Pace(precision=precision))[0]
        for precision in (torch.float32, torch.bfloat16)
    )
    assert rough.scores != exact.scores
    assert rough.best_score == pytest.approx(exact.best_score, rel=0.2)


@pytest.mark.gpu
def test_it_trains_on_an_accelerator():
    here = fit_population([member(seed, {"dropout": 0.0}) for seed in range(3)])
    members = [member(seed, {"dropout": 0.0}) for seed in range(3)]
    for own in members:
        own.net.cuda()
        own.train, own.validation = TRAIN.to("cuda"), VALIDATION.to("cuda")
    there = fit_population(members)
    for one, other in zip(here, there, strict=True):
        assert other.best_score == pytest.approx(one.best_score, rel=1e-2)
