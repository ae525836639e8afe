"""A look inside the chosen network: its settings trained once more, under watch.

The search trains bare, for speed. What its best network looks like from inside, layer by layer, is
what the rules on gradients and units judge, and what the report shows.
"""

from netsitter.observe import watch
from netsitter.recipe.context import Context
from netsitter.recipe.fit import fit
from netsitter.recipe.trial import Trial, prepare
from netsitter.recipe.verdict import seconds_left

SHARE = 0.08
"""Of the whole budget at most; a longer training is not looked into."""
DEARER = 1.5
"""How much longer a watched training of a small network may take than a bare one."""
KEPT = ("grad_norm", "grad_share", "update_ratio", "weight_norm", "act_std", "dead", "saturated")
"""Families of numbers that are taken over; the losses and rates are those of the search itself."""
KEPT_FACTS = ("model", "activations")


def look_inside(context: Context) -> None:
    """Write layer by layer numbers of the best settings into the run, if there is time for it."""
    best = context.best
    if best is None:
        return
    needed = DEARER * best.seconds
    is_affordable = context.folder.decide(
        "plan/inside", lambda: needed <= min(SHARE * context.budget, seconds_left(context))
    )
    if is_affordable:
        context.folder.once("inside", lambda: _observe(context, best))


def _observe(context: Context, trial: Trial) -> None:
    spec, run = trial.spec, context.folder.run
    ready = prepare(context.problem, spec)
    with watch(ready.net, quiet=True) as sitter:
        fit(
            ready.net,
            ready.objective,
            ready.fold.train,
            ready.fold.validation,
            spec.fit,
            seed=spec.seed,
        )
    seen = sitter.run
    run.fact(**{name: seen.facts[name] for name in KEPT_FACTS if name in seen.facts})
    records: dict[int, dict[str, float]] = {}
    for name in seen.names():
        if name.partition("/")[0] in KEPT:
            series = seen[name]
            for step, value in zip(series.steps.tolist(), series.values.tolist(), strict=True):
                records.setdefault(step, {})[name] = value
    run.extend(sorted(records.items()))
