"""Stage 5, tune: search over architecture, embeddings, rate and schedule, regularisation and loss.

Optuna proposes by ask and tell in batches (random first, then model-based), this stage only trains what
it is told to. A batch is a few shapes with many members each: a shape's members are trained as one
population, in which successive halving stops the worse ones early. Settings known to be good on tables
lead the first groups. After the first round what is found on its best network is acted on before the search
goes on. Other processes may join the search (see ``join``); what they finish is taken up
between two rounds.
"""

import itertools
import math

import numpy as np

from netsitter.recipe.amend import amend
from netsitter.recipe.context import Candidate, Context
from netsitter.recipe.join import STUDY, invite, take_up
from netsitter.recipe.rounds import Rounds, round_sizes
from netsitter.recipe.space import SHORTEST, known_good, search_space
from netsitter.recipe.squeeze import longest_training
from netsitter.recipe.study import Search
from netsitter.recipe.trial import Trial
from netsitter.tables.schema import Task

SHARE = 0.4
"""Of the time left."""
LONGEST = 300
"""Epochs of a trial."""
ENOUGH_TRIALS, FEWEST_TRIALS = 48, 12
"""Trainings are made short enough for about so many, but not shorter than ``STEPS``. Where even the fewest
do not fit, a search would find nothing but luck: its time goes to the next stage."""
STEPS = 500
"""On tables of some thousand rows networks are at their best after 200 to 1000 steps of AdamW at batches
of 64 to 256."""


def tune(context: Context, start: Candidate) -> list[Trial]:
    """Search in rounds; what a round asks for is fixed and written down before it begins."""
    folder = context.folder
    plan = folder.decide("plan/tune", lambda: _plan(context, start))
    base = longest(context, _explicit(context, start), plan["epochs"])
    space = search_space(context, base, plan["epochs"])
    search = Search(folder.path / STUDY, owner="first", seed=context.config.recipe.seed)
    invite(context, base, plan)
    rounds = Rounds(
        context=context,
        search=search,
        space=space,
        base=base,
        left=lambda: plan["until"] - folder.spent,
        longest=plan["longest"],
    )
    trials: list[Trial] = []
    leads, found = iter(known_good(base)), ""
    for number in itertools.count():
        trials += take_up(context, number)
        sizes = folder.decide(f"plan/tune/{number}", lambda: _round(context, start, plan, trials))  # noqa: B023
        if not sizes:
            break
        trained = rounds.train(f"tune-{number}", sizes, leads)
        if not trained:
            break  # the shapes that were asked for take longer than there is time
        trials += trained
        if number == 0:
            found = act_on_findings(context, trials)
    _conclude(context, trials, found)
    return trials


def act_on_findings(context: Context, trials: list[Trial]) -> str:
    """Add what the findings on the best of ``trials`` propose, where that is better; says what it gained."""
    usable = [trial for trial in trials if trial.is_usable and trial.score is not None]
    if not usable:
        return ""
    best = min(usable, key=_score)
    amended, found = amend(context, "tune", best, _score, keep=("fit.epochs", "fit.patience"))
    trials += [amended] if amended is not best else []
    return found


def _score(trial: Trial) -> float:
    return trial.score if trial.score is not None else math.inf


def _explicit(context: Context, start: Candidate) -> Candidate:
    """The settings with the advised loss and scale by their names, so that they can be a starting point."""
    if context.problem.task is not Task.REGRESSION:
        return start
    advised = {key: context.problem.advice[key] for key in ("loss", "transformation")}
    named = {f"fit.{key}": getattr(start.fit, key) or advised[key] for key in advised}
    return start.but(context.allowed(named))


def longest(context: Context, start: Candidate, epochs: int) -> Candidate:
    """The settings trained for ``epochs``, with the patience that goes with so many."""
    return start.but(context.epochs(epochs))


def _plan(context: Context, start: Candidate) -> dict[str, float]:
    """The stage's end, epochs few enough for a fair number of trials, and seconds of the longest."""
    total = SHARE * context.remaining
    affordable = total / max(float(np.mean([t.seconds / t.epochs for t in _alike(context, start)])), 1e-6)
    batches = max(1, round(len(context.problem.split.train) / start.fit.batch_size))
    epochs = int(np.clip(max(STEPS / batches, affordable / ENOUGH_TRIALS), 2 * SHORTEST, LONGEST))
    epochs = epochs if context.is_free("fit.epochs") else start.fit.epochs
    ends = context.folder.spent + (total if affordable >= FEWEST_TRIALS * epochs else 0.0)
    return {"epochs": epochs, "until": round(ends, 1), "longest": longest_training(context, total)}


def _alike(context: Context, start: Candidate) -> list[Trial]:
    """Trials of the stage before that took about as long as ``start`` does: embeddings are what costs."""
    embedding = start.net.numeric_embedding
    earlier = [t for t in context.trials if t.stage == "regularize" and t.epochs]
    return [t for t in earlier if t.spec.net.numeric_embedding == embedding] or earlier


def _round(context: Context, start: Candidate, plan: dict[str, float], done: list[Trial]) -> list[int]:
    recent = done or _alike(context, start)
    most = context.config.recipe.max_trials - len(done)
    return round_sizes(recent, plan["until"] - context.folder.spent, most)


def _conclude(context: Context, trials: list[Trial], found: str) -> None:
    failed = [trial for trial in trials if not trial.is_usable]
    best = context.best
    if not trials or best is None:
        context.conclude(
            "tune", "There was no time for a search; a longer --budget would give it some.", {"trials": 0}
        )
        return
    context.record("tune", {"trials": len(trials), "best": best.score or math.nan})
    early = sum(trial.epochs < trial.spec.fit.epochs for trial in trials)
    context.conclude(
        "tune",
        f"{len(trials)} settings were tried, random first, then guided by what had worked; {early} ended "
        f"early, {len(failed)} failed. The best so far is {best.spec.name} with a validation "
        f"{context.problem.metric} of {best.score:.4g}.{found}",
        {"trials": len(trials), "best": best.spec.name},
    )
