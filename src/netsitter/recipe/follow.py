"""The recipe itself: six calls and a test, each a gate for the next."""

from typing import Any

import numpy as np

from netsitter.errors import TrainingError
from netsitter.recipe.assemble import Ensemble, build_model, save_best
from netsitter.recipe.baselines import baselines
from netsitter.recipe.config import STAGES
from netsitter.recipe.context import Candidate, Context
from netsitter.recipe.inside import look_inside
from netsitter.recipe.look import look
from netsitter.recipe.model import Model, save_model
from netsitter.recipe.overfit import overfit
from netsitter.recipe.regularize import regularize
from netsitter.recipe.squeeze import refit, squeeze
from netsitter.recipe.tune import tune
from netsitter.recipe.verdict import is_worthless, test_once


def follow(context: Context) -> None:
    """Go through the stages up to the one asked for; leaves a model as soon as there is one."""
    began = _Beginner(context)
    if began("look"):
        look(context)
    if began("baselines"):
        baselines(context)
    start = Candidate(net=context.config.net, fit=context.config.fit)
    if began("overfit"):
        start = overfit(context, start)
    if began("regularize"):
        start = regularize(context, start)
    if began("tune"):
        tune(context, start)
    if began("squeeze"):
        _finish(context)
    else:
        save_best(context)


class _Beginner:
    """Whether a stage is to be done, and the word that it begins."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.last = STAGES.index(context.config.recipe.until)

    def __call__(self, stage: str) -> bool:
        if STAGES.index(stage) > self.last:
            return False
        self.context.progress.stage_began(stage, lambda: self.context.remaining)
        return True


def _finish(context: Context) -> None:
    if context.best is None:
        reasons = sorted({trial.failed or "no score" for trial in context.trials})
        raise TrainingError(
            "every training failed, there is no usable model: " + "; ".join(reasons[:3]) + "."
        )
    folder = context.folder
    ensemble = squeeze(context)
    look_inside(context)  # with the time that the trainings have left: the score goes before the pictures
    model = build_model(context, ensemble)
    folder.once("curves", context.tell_curves)
    result = test_once(context, model)
    folder.once(
        "tell/test", lambda: context.tell_test(result, worthless=is_worthless(result, context.problem.task))
    )
    _conclude(context, ensemble, model, result)
    final = refit(context, ensemble)
    save_model(build_model(context, final) if final else model, folder.path / "model")
    folder.run.fact(refit=final is not None)


def _conclude(context: Context, ensemble: Ensemble, model: Model, result: dict[str, Any]) -> None:
    metric = context.problem.metric
    kinds = sum(weight > 0 for weight in ensemble.weights)
    text = (
        f"{len(model.members)} networks of {kinds} settings are averaged. Their {metric} is "
        f"{ensemble.score:.4g} on rows they did not learn from, and "
        f"{result['test'][metric]['value']:.4g} on the test rows, touched once."
    )
    numbers = {"score": ensemble.score, "members": len(model.members), "temperature": ensemble.temperature}
    if "coverage" in result:
        numbers["coverage"] = result["coverage"]
        text += f" Its 90 % intervals held {result['coverage']:.0%} of the test rows."
    context.record("squeeze", {k: v for k, v in numbers.items() if np.isfinite(v)})
    context.conclude("squeeze", text, {"members": len(model.members), "settings": kinds})
