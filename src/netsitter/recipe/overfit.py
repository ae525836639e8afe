"""Stage 3, overfit: a network large enough to learn the training rows, with nothing holding it back.

First the learning rate, by a range test; then more capacity for as long as it buys training loss.
A network that cannot overfit cannot be regularised into a good one either.
"""

import math

import numpy as np
import torch

from netsitter.nets.optimizers import build_optimizer, parameter_groups, set_rate
from netsitter.recipe.amend import amend
from netsitter.recipe.context import Candidate, Context
from netsitter.recipe.speed import seconds_per_epoch
from netsitter.recipe.trial import Prepared, Spec, Trial, prepare

SHARE = 0.10
"""Of the time left."""
RANGE_STEPS = 100
LOWEST_RATE, HIGHEST_RATE = 1e-5, 1.0
"""The range test of Smith 2017 sweeps the rates a network could need, evenly on a log scale."""
SMOOTHING = 0.9
"""Of the loss in the range test: a batch's loss alone is noise."""
BACK_OFF = 8.0
"""The chosen rate is this many times below the one where the loss is lowest; Smith takes about 10."""
SENSIBLE = (3e-4, 1e-2)
"""A range test over a hundred steps can be off: rates of Adam outside of these are not believed."""
NUMBERS = "piecewise-linear"
"""Numbers in bins (Gorishniy et al. 2022) are what brings networks near to boosted trees on most tables:
the search starts from them, and tries the others."""
SIZES = ((64, 2), (128, 3), (256, 3), (512, 3))
"""Width and depth, growing."""
ROWS = (0, 0, 10_000, 20_000)
"""Rows to learn from, from which on each size is tried: smaller tables are learnt by heart without, and later
stages pay for every unit many times."""
WORTH = 0.02
"""A larger network must fall by this share of the dumb loss, or the smaller one will do."""
HELD = (
    "net.dropout",
    "net.width",
    "net.hidden",
    "fit.weight_decay",
    "fit.label_smoothing",
    "fit.epochs",
    "fit.patience",
)
"""What this stage settles by itself; anything else may be proposed by what is found on its trials."""


def overfit(context: Context, start: Candidate) -> Candidate:
    """Choose rate and capacity with regularisation off."""
    dumb_loss = context.folder.run["init/loss_expected"].last
    start = start.but(
        context.allowed({"net.dropout": 0.0, "fit.weight_decay": 0.0, "fit.label_smoothing": 0.0})
    )
    start = start.but(context.allowed({"net.numeric_embedding": NUMBERS}))
    start = start.but(context.allowed(default_sizes(len(context.problem.split.train))))
    plan = context.folder.decide("plan/overfit", lambda: _plan(context, start))
    start = start.but(context.allowed({"fit.epochs": plan["epochs"], "fit.patience": 0}))
    if context.is_free("fit.lr"):
        start = start.but({"fit.lr": context.folder.once("overfit/lr", lambda: range_test(context, start))})
    trials = _grow(context, start, dumb_loss)
    chosen = _smallest_that_will_do(trials, dumb_loss)
    chosen, found = amend(context, "overfit", chosen, _train_loss, keep=HELD)
    candidate = Candidate(net=chosen.spec.net, fit=chosen.spec.fit)
    context.record("overfit", {"lr": candidate.fit.lr, "train_loss": chosen.lowest_train_loss or math.nan})
    context.conclude(
        "overfit", _story(trials, chosen, dumb_loss) + found, {"net": _size(chosen), "lr": candidate.fit.lr}
    )
    return candidate


def default_sizes(rows: int) -> dict[str, int]:
    """Batch size from the number of rows: enough steps an epoch, and full use of each step."""
    return {"fit.batch_size": int(np.clip(2 ** round(math.log2(2.5 * math.sqrt(max(rows, 1)))), 32, 512))}


def range_test(context: Context, candidate: Candidate) -> float:
    """A learning rate: well below the one at which the loss is lowest (Smith 2017).

    One short training in which the rate rises exponentially from step to step.
    """
    spec = Spec(name="range-test", stage="overfit", net=candidate.net, fit=candidate.fit, seed=0)
    ready = prepare(context.problem, spec)
    rates = np.geomspace(LOWEST_RATE, HIGHEST_RATE, RANGE_STEPS)
    losses = _losses_at(ready, candidate, rates, context.config.recipe.seed)
    best = int(np.argmin(losses))
    return float(f"{np.clip(rates[best] / BACK_OFF, *SENSIBLE):.3g}")


def _losses_at(ready: Prepared, candidate: Candidate, rates: np.ndarray, seed: int) -> np.ndarray:
    """Smoothed training loss at each rate, as far as the test goes before it diverges."""
    rows, net, loss_function = ready.fold.train, ready.net, ready.objective.loss
    optimizer = build_optimizer(candidate.fit.optimizer, parameter_groups(net, 0.0), lr=float(rates[0]))
    generator = torch.Generator().manual_seed(seed)
    smooth, total, seen = 0.0, 0.0, []
    net.train()
    for rate in rates:
        batch = rows.at(torch.randint(len(rows), (candidate.fit.batch_size,), generator=generator))
        set_rate(optimizer, float(rate))
        loss = loss_function(net(batch.numeric, batch.codes), batch.target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        smooth = SMOOTHING * smooth + (1 - SMOOTHING) * float(loss.detach())
        total = SMOOTHING * total + 1 - SMOOTHING
        if not math.isfinite(smooth):
            break
        seen.append(smooth / total)
    return np.asarray(seen or [0.0])


def _plan(context: Context, candidate: Candidate) -> dict[str, int]:
    """Epochs of every capacity trial, so that all of them fit into the stage's share."""
    seconds = seconds_per_epoch(context.problem, candidate)
    total = SHARE * context.remaining
    return {"epochs": int(np.clip(total / len(SIZES) / seconds, 8, 100))}


def _grow(context: Context, start: Candidate, dumb_loss: float) -> list[Trial]:
    trials: list[Trial] = []
    rows = len(context.problem.split.train)
    for (width, depth), least in zip(SIZES, ROWS, strict=True):
        if rows < least:
            break
        candidate = start.but(context.allowed({"net.width": width, "net.depth": depth}))
        if trials and candidate.net == trials[-1].spec.net:
            break
        name = f"overfit-{candidate.net.width}x{candidate.net.depth}"
        trials.append(context.trial(name, "overfit", candidate, seed=context.config.recipe.seed))
        if len(trials) > 1 and _gain(trials[-2], trials[-1], dumb_loss) < WORTH:
            break
    return trials


def _gain(small: Trial, large: Trial, dumb_loss: float) -> float:
    """How much training loss the larger network bought, as a share of the dumb loss."""
    if small.lowest_train_loss is None or large.lowest_train_loss is None:
        return math.inf if large.is_usable else 0.0
    return (small.lowest_train_loss - large.lowest_train_loss) / max(abs(dumb_loss), 1e-12)


def _train_loss(trial: Trial) -> float:
    return math.inf if trial.lowest_train_loss is None else trial.lowest_train_loss


def _smallest_that_will_do(trials: list[Trial], dumb_loss: float) -> Trial:
    usable = [trial for trial in trials if trial.is_usable] or trials
    chosen = usable[0]
    for trial in usable[1:]:
        if _gain(chosen, trial, dumb_loss) >= WORTH:
            chosen = trial
    return chosen


def _size(trial: Trial) -> str:
    return "x".join(map(str, trial.spec.net.widths))


def _story(trials: list[Trial], chosen: Trial, dumb_loss: float) -> str:
    tried = ", ".join(
        f"{_size(t)} → {t.lowest_train_loss:.4g}" for t in trials if t.lowest_train_loss is not None
    )
    return (
        f"With all regularisation off and the rate {chosen.spec.fit.lr:g} from a range test, the training "
        f"loss fell from {dumb_loss:.4g} (a constant answer) to: {tried}. {_size(chosen)} is large enough: "
        f"more units buy less than {WORTH:.0%} of the way."
    )
