"""One target value only."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy
from netsitter.rule import Case, Rule, sick, well
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class ConstantTarget(Rule):
    """Every row has the same target: there is nothing to learn.

    ## What it does
    Counts the distinct values of the target in the training rows.

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
    needs = ("data/target/distinct",)

    max_distinct: int = 1
    """One value is constant by definition."""

    def check(self, run: Run) -> Iterator[Finding]:
        distinct = run["data/target/distinct"].last
        if distinct <= self.max_distinct:
            target = run.facts.get("target", "target")
            yield self.finding(
                f"Every row has the same value in {target!r}: there is nothing to learn.",
                where=(str(target),),
                evidence={"distinct": distinct, "threshold": self.max_distinct},
                remedies=(
                    Remedy(
                        name="check-target",
                        text="Check that the right column is the target and that no filter removed "
                        "other values.",
                        knob=Knob.DATA,
                    ),
                ),
            )

    @staticmethod
    def cases() -> Iterator[Case]:
        for distinct, why, verdict in ((1, "one value", sick), (2, "two classes", well)):
            run = Run({"target": "y"})
            run.append(0, {"data/target/distinct": distinct})
            yield verdict(why, run)
