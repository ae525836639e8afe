"""Stage 2, dumb baselines and a skeleton that is known to work.

What a constant, a linear model, the nearest neighbour and boosted trees reach on the validation
rows; then, before any real training: does the network's first loss agree with theory, does it need
its inputs, can it learn one batch by heart, and does a row's output depend on that row alone?
"""

import math
import time
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

from netsitter.nets.optimizers import build_optimizer, parameter_groups
from netsitter.recipe.context import Candidate, Context
from netsitter.recipe.fit import fit, predict_raw
from netsitter.recipe.problem import Fold, Problem
from netsitter.recipe.rows import Rows
from netsitter.recipe.score import all_scores
from netsitter.recipe.trial import Spec, prepare
from netsitter.tables.schema import Task

MOST_ROWS = 50_000
"""Rows that a baseline learns from at most: enough to be honest, few enough to be quick."""
NEIGHBOUR_ROWS = 20_000
BATCH, STEPS, SOLVED = 16, 500, 0.05
"""One batch is learnt by heart when its loss falls to this share of where it began. 16 rows and at
most 1000 steps are those of the field's own one-batch test; 500 of Adam's suffice here."""
BLIND_EPOCHS = 5
BOOSTINGS = 100
"""Rounds of boosting: scikit-learn's default."""
FEWEST_BOOSTINGS = 10
BOOSTING_SHARE = 0.08
"""Of the budget, for each of the two times that the trees learn: many classes make every round dear."""

Baseline = Callable[[Problem, np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""(problem, features, targets, new features) → predictions, in the recipe's one form."""


def constant(problem: Problem, x: np.ndarray, y: np.ndarray, new: np.ndarray) -> np.ndarray:
    """The class shares, or the mean."""
    if problem.task is Task.REGRESSION:
        return np.full(len(new), y.mean())
    return np.tile(np.bincount(y, minlength=problem.n_classes) / len(y), (len(new), 1))


def median(problem: Problem, x: np.ndarray, y: np.ndarray, new: np.ndarray) -> np.ndarray:
    return np.full(len(new), np.median(y))


def linear(problem: Problem, x: np.ndarray, y: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Ridge or logistic regression on the encoded columns."""
    from sklearn.linear_model import LogisticRegression, RidgeCV

    if problem.task is Task.REGRESSION:
        return RidgeCV(alphas=np.logspace(-2, 4, 13)).fit(x, y).predict(new)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # not converged is a fair answer of a baseline
        return _all_classes(problem, LogisticRegression(max_iter=500).fit(x, y), new)


def neighbour(problem: Problem, x: np.ndarray, y: np.ndarray, new: np.ndarray) -> np.ndarray:
    """The answer of the most similar row."""
    from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

    x, y = x[:NEIGHBOUR_ROWS], y[:NEIGHBOUR_ROWS]
    if problem.task is Task.REGRESSION:
        return KNeighborsRegressor(1).fit(x, y).predict(new)
    return _all_classes(problem, KNeighborsClassifier(1).fit(x, y), new)


def trees(rounds: int) -> Baseline:
    """Histogram gradient boosting, the honest rival on tables: at its defaults but for the ``rounds``."""

    def baseline(problem: Problem, x: np.ndarray, y: np.ndarray, new: np.ndarray) -> np.ndarray:
        model = _boosted(problem, x, y, rounds)
        return model.predict(new) if problem.task is Task.REGRESSION else _all_classes(problem, model, new)

    return baseline


def _boosted(problem: Problem, x: np.ndarray, y: np.ndarray, rounds: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    is_regression = problem.task is Task.REGRESSION
    kind = HistGradientBoostingRegressor if is_regression else HistGradientBoostingClassifier
    return kind(max_iter=rounds, random_state=problem.config.recipe.seed).fit(x, y)


def affordable_boostings(problem: Problem, seconds: float) -> int:
    """How many rounds the trees can learn in about so many seconds, judged by the first few.

    From the clock, so only to be called inside ``decide``.
    """
    rows = problem.split.train[:MOST_ROWS]
    x, y = problem.features(problem.fit_encoder(rows), rows), problem.target[rows]
    spent = []
    for rounds in (1, 1, 1 + FEWEST_BOOSTINGS // 2):  # the first one warms up
        started = time.monotonic()
        _boosted(problem, x, y, rounds)
        spent.append(time.monotonic() - started)
    each = (spent[2] - spent[1]) / (FEWEST_BOOSTINGS // 2)
    return int(np.clip((seconds - spent[1]) / max(each, 1e-6), FEWEST_BOOSTINGS, BOOSTINGS))


def _all_classes(problem: Problem, model: Any, new: np.ndarray) -> np.ndarray:
    """Probabilities with a column for every class, those missing from the training rows too."""
    probabilities = np.zeros((len(new), problem.n_classes))
    probabilities[:, model.classes_] = model.predict_proba(new)
    return probabilities


def baselines_for(task: Task, boostings: int = BOOSTINGS) -> dict[str, Baseline]:
    """Baselines by the name under which they are reported; the dumb one first."""
    dumb: dict[str, Baseline] = (
        {"mean": constant, "median": median} if task is Task.REGRESSION else {"majority": constant}
    )
    return {**dumb, "linear": linear, "nearest neighbour": neighbour, "boosted trees": trees(boostings)}


def predict_baselines(context: Context, train: np.ndarray, new: np.ndarray) -> dict[str, np.ndarray]:
    """Each baseline, taught the ``train`` rows, asked for the ``new`` ones (row numbers)."""
    problem = context.problem
    boostings = boostings_of(context)
    rng = np.random.default_rng(problem.config.recipe.seed)
    if len(train) > MOST_ROWS:
        train = np.sort(rng.choice(train, MOST_ROWS, replace=False))
    encoder = problem.fit_encoder(train)
    x, y, asked = problem.features(encoder, train), problem.target[train], problem.features(encoder, new)
    asked_of = baselines_for(problem.task, boostings).items()
    return {name: baseline(problem, x, y, asked) for name, baseline in asked_of}


def boostings_of(context: Context) -> int:
    """Rounds of the trees in this run, decided once."""
    seconds = BOOSTING_SHARE * context.budget
    return context.folder.decide("plan/trees", lambda: affordable_boostings(context.problem, seconds))


def baselines(context: Context) -> dict[str, float]:
    """Score the baselines on validation rows and prove the skeleton. Returns the primary metrics."""
    problem, folder = context.problem, context.folder
    split = problem.split

    def measure() -> dict[str, dict[str, float]]:
        predictions = predict_baselines(context, split.train, split.validation)
        truth = problem.target[split.validation]
        return {name: all_scores(problem.task, prediction, truth) for name, prediction in predictions.items()}

    scores = folder.once("baselines", measure)
    primary = {name: values[problem.metric] for name, values in scores.items()}
    skeleton = folder.once("skeleton", lambda: prove_skeleton(context))
    numbers = {f"baseline/{name}": value for name, value in primary.items()}
    numbers |= {f"init/{name}": value for name, value in skeleton["init"].items()}
    folder.once("record/baselines", lambda: folder.run.append(0, numbers))
    context.record("baselines", skeleton["checks"])
    context.conclude(
        "baselines", _story(context, scores, skeleton), {"to_beat": min(primary, key=primary.__getitem__)}
    )
    return primary


def prove_skeleton(context: Context) -> dict[str, dict[str, float]]:
    """Four checks on a fresh network, none of which needs a good one."""
    candidate = Candidate(net=context.config.net, fit=context.config.fit)
    spec = Spec(name="skeleton", stage="baselines", net=candidate.net, fit=candidate.fit, seed=0)
    ready = prepare(context.problem, spec)
    objective, fold = ready.objective, ready.fold
    first = float(objective.loss(predict_raw(ready.net, fold.train), fold.train.target))
    expected = objective.loss.expected_at_start(fold.train.target.cpu())
    return {
        "init": {"loss": first, "loss_expected": expected},
        "checks": {
            "batch_dependence": batch_dependence(ready.net, fold.train.head(8)),
            "one_batch": overfit_one_batch(context, candidate),
            "blind_score": _blind_score(context, candidate, fold),
        },
    }


def batch_dependence(net: torch.nn.Module, rows: Rows) -> float:
    """The largest gradient of one row's output by another row's inputs; 0 in a sound network.

    Found by backprop in evaluation mode, where batch norm uses its running statistics.
    """
    net.eval()
    numeric = rows.numeric.clone().requires_grad_()
    if numeric.shape[1] == 0:
        return 0.0
    net(numeric, rows.codes)[0].sum().backward()
    assert numeric.grad is not None
    return float(numeric.grad[1:].abs().max()) if len(rows) > 1 else 0.0


def overfit_one_batch(context: Context, candidate: Candidate) -> float:
    """The share of its first loss that is left after learning a few rows by heart."""
    spec = Spec(name="one-batch", stage="baselines", net=candidate.net, fit=candidate.fit, seed=0)
    ready = prepare(context.problem, spec)
    batch, net, loss_function = ready.fold.train.head(BATCH), ready.net, ready.objective.loss
    optimizer = build_optimizer("adam", parameter_groups(net, 0.0), lr=3e-3)
    net.eval()  # no dropout, and no batch norm over so few rows
    first = last = math.nan
    for _ in range(STEPS):
        loss = loss_function(net(batch.numeric, batch.codes), batch.target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        last = float(loss.detach())
        first = last if math.isnan(first) else first
        if last <= SOLVED * first:
            break
    return last / first if first else 0.0


def _blind_score(context: Context, candidate: Candidate, fold: Fold) -> float:
    """What a network reaches whose inputs are all zero: no better than a constant, if all is well."""
    spec = Spec(name="blind", stage="baselines", net=candidate.net, fit=candidate.fit, seed=0)
    ready = prepare(context.problem, spec)
    settings = candidate.but({"fit.epochs": BLIND_EPOCHS, "fit.patience": 0}).fit
    result = fit(ready.net, ready.objective, _blind(fold.train), _blind(fold.validation), settings, seed=0)
    return result.best_score


def _blind(rows: Rows) -> Rows:
    return Rows(
        numeric=torch.zeros_like(rows.numeric), codes=torch.zeros_like(rows.codes), target=rows.target
    )


def _story(context: Context, scores: Mapping[str, Mapping[str, float]], skeleton: Mapping[str, Any]) -> str:
    metric, boostings = context.problem.metric, boostings_of(context)
    listed = ", ".join(f"{name} {values[metric]:.4g}" for name, values in scores.items())
    init, checks = skeleton["init"], skeleton["checks"]
    learnt = (
        "can" if checks["one_batch"] <= SOLVED else f"could not (left {checks['one_batch']:.0%} of its loss)"
    )
    dependence = (
        "depends on its own row alone" if checks["batch_dependence"] == 0 else "DEPENDS ON OTHER ROWS"
    )
    dumb = next(iter(scores.values()))[metric]
    return (
        f"Validation {metric} to beat: {listed}. An untrained network starts at a loss of "
        f"{init['loss']:.4g}, where theory expects {init['loss_expected']:.4g}; with its inputs zeroed it "
        f"reaches {checks['blind_score']:.4g}, a constant {dumb:.4g}. It {learnt} learn {BATCH} rows by "
        f"heart, and each output {dependence}."
    ) + (
        f" The trees had {boostings} of {BOOSTINGS} rounds: the budget allows no more."
        if boostings < BOOSTINGS
        else ""
    )
