"""No better than an answer that needs no network."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.run import Run

DUMB = ("majority", "prior", "mean", "median", "zeroed-inputs")
"""Baselines that ignore the inputs."""
LOWER_IS_BETTER = ("loss", "error", "rmse", "mse", "mae", "nll", "deviance", "brier")


@dataclass(frozen=True, kw_only=True)
class WorseThanBaseline(Rule):
    """On validation rows the network is no better than a baseline without a network.

    ## What it does
    Compares the best validation score with the scores of the baselines on the same rows.

    ## Why is this bad?
    If the majority class or the mean does as well, the network has learnt nothing that carries over.
    If a linear model does better, the network is badly trained or not needed.

    ## What to do
    Against a dumb baseline: act on the other findings; if there are none, the inputs may tell nothing
    about the target. Against a linear model: standardise the inputs, find the learning rate, regularise.

    ## When it is wrong
    On a few dozen validation rows a difference of a few points is chance.

    ## References
    Karpathy, A Recipe for Training Neural Networks, 2019: human-readable, input-independent baselines.
    """

    code = "F009"
    severity = Severity.SICK
    depth = Depth.OUTCOME
    needs = ("baseline/*", "val/metric/*", "@metric")
    explains = ()

    margin: float = 0.01
    """Relative difference that counts as a tie: smaller ones are chance on a thousand rows."""

    def check(self, run: Run) -> Iterator[Finding]:
        metric = _metric_name(run)
        score = run[f"val/metric/{metric}"].finite
        if not len(score):
            return
        sign = -1.0 if any(word in metric for word in LOWER_IS_BETTER) else 1.0
        best = sign * float((sign * score).max())
        beaten_by = {
            name: series.last
            for name, series in run.match("baseline/*").items()
            if math.isfinite(series.last)
            and sign * (best - series.last) < self.margin * abs(series.last) * _dumb(name)
        }
        if not beaten_by:
            return
        dumb = [name for name in beaten_by if name in DUMB]
        worst = dumb[0] if dumb else min(beaten_by, key=lambda name: -sign * beaten_by[name])
        yield self.finding(
            f"The best validation {metric} is {best:.4g}; the baseline {worst!r} has {beaten_by[worst]:.4g} "
            "without any network.",
            where=tuple(beaten_by),
            severity=Severity.SICK if dumb else Severity.ODD,
            evidence={"best": best, "margin": self.margin, **beaten_by},
            remedies=(
                Remedy(
                    name="use-the-baseline",
                    text=f"Use the baseline {worst!r} until the network beats it.",
                    knob=Knob.DATA,
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(metric: str, score: float, **baselines: float) -> Run:
            numbers = {f"baseline/{name}": value for name, value in baselines.items()}
            return run_of({f"val/metric/{metric}": [score / 2, score], **numbers}, facts={"metric": metric})

        yield sick("accuracy of the majority", case("accuracy", 0.8, majority=0.8, linear=0.7))
        yield sick("trees do better", case("accuracy", 0.8, majority=0.5, trees=0.9))
        yield sick(
            "a loss above the prior's",
            run_of(
                {"val/metric/log_loss": [0.9, 0.75], "baseline/prior": 0.69}, facts={"metric": "log_loss"}
            ),
        )
        yield well("better than all", case("accuracy", 0.9, majority=0.5, linear=0.8))


def _metric_name(run: Run) -> str:
    metric = run.facts.get("metric")
    return str(metric.get("name", "") if isinstance(metric, dict) else metric)


def _dumb(name: str) -> float:
    """A tie with a dumb baseline is a defeat; with a real model it is not."""
    return 1.0 if name in DUMB else -1.0
