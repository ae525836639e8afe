"""One target value only."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._progress import is_adversarial
from netsitter.rules._wiring import CLASSIFIERS, loss_facts, main_loss, parameter_facts, parameters
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class ConstantTarget(Rule):
    """Every row has the same target: there is nothing to learn.

    ## What it does
    Counts the distinct values of the target in the training rows, or in the batches of a classifier that
    is watched.

    ## Why is this bad?
    A network fed one answer learns to give that answer. Its loss falls to zero and looks perfect,
    and it has learnt nothing about the inputs.

    ## What to do
    Check that the right column is named as the target, and that no filter or join upstream has
    thrown the other values away.

    ## When it is wrong
    Never on a whole table. On a short slice of a long sorted file the other values may come later.

    ## References
    Karpathy, A Recipe for Training Neural Networks, 2019: become one with the data.
    """

    code = "D001"
    severity = Severity.FATAL
    depth = Depth.MECHANISM
    needs = ("data/target/distinct|target/distinct",)

    max_distinct: int = 1
    """One value is constant by definition."""
    min_batches: int = 10
    """Batches looked at in a training that is watched; a few may be alike by chance or by sorting."""

    def check(self, run: Run) -> Iterator[Finding]:
        distinct = run["data/target/distinct"].last
        if distinct <= self.max_distinct or self._is_watched_constant(run):
            target = run.facts.get("target", "target")
            yield self.finding(
                f"Every row has the same value in {target!r}: there is nothing to learn.",
                where=(str(target),),
                evidence={"distinct": 1, "threshold": self.max_distinct},
                remedies=(
                    Remedy(
                        name="check-target",
                        text="Check that the right column is the target and that no filter removed "
                        "other values.",
                        knob=Knob.DATA,
                    ),
                ),
            )

    def _is_watched_constant(self, run: Run) -> bool:
        """One class in all batches of a classifier. Other losses compare with a constant on purpose:
        an equation's residual with 0, a critic's answer with 1; so does what seeks an input for one class.
        """
        distinct, low, high = (run[f"target/{name}"].finite for name in ("distinct", "min", "max"))
        alone = len(run.facts.get("losses") or []) == 1 and not is_adversarial(run)
        return (
            alone
            and not _seeks_an_input(run)
            and len(distinct) >= self.min_batches
            and str(main_loss(run).get("name")) in CLASSIFIERS
            and bool((distinct == 1).all())
            and float(low.min(initial=math.inf)) == float(high.max(initial=-math.inf))
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        for distinct, why, verdict in ((1, "one value", sick), (2, "two classes", well)):
            run = Run({"target": "y"})
            run.append(0, {"data/target/distinct": distinct})
            yield verdict(why, run)
        numbers = {"target/distinct": [1] * 20, "target/min": [0] * 20, "target/max": [0] * 20}
        for loss, why, verdict in (
            ("cross_entropy", "one class in every batch", sick),
            ("mse_loss", "an equation's residual compared with 0", well),
        ):
            yield verdict(why, run_of(numbers, facts=loss_facts(loss)))
        frozen = {"model": parameter_facts(fc={"trainable": False})}
        yield well("an input is sought", run_of(numbers, facts={**loss_facts("cross_entropy"), **frozen}))


def _seeks_an_input(run: Run) -> bool:
    """Whether the network is frozen, so that what is learnt lies outside of it."""
    own = parameters(run).values()
    return bool(own) and not any(about.get("trainable", True) for about in own)
