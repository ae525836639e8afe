"""One class is rare."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._table import details, table
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class ClassImbalance(Rule):
    """A class is so rare that accuracy hardly notices it.

    ## What it does
    Compares the rarest class with its fair share, one over the number of classes.

    ## Why is this bad?
    Always answering the commonest class scores high. The accuracy then says nothing about the rare
    class, often the one that matters.

    ## What to do
    Judge by log loss, AUC or average precision rather than accuracy. Class weights or a moved threshold
    change which mistakes are made; they are worth a trial, not a habit.

    ## When it is wrong
    If the rare class is of no interest.

    ## References
    He and Garcia, Learning from Imbalanced Data, 2009. Elkan, The Foundations of Cost-Sensitive Learning,
    2001, on moving the threshold.
    """

    code = "D011"
    severity = Severity.ODD
    depth = Depth.SETTING
    needs = ("data/target/smallest_class", "data/target/largest_class", "data/target/distinct")

    min_fair_share: float = 0.1
    """The rarest class against one over the number of classes: 5 % of two, 1 % of ten."""

    def check(self, run: Run) -> Iterator[Finding]:
        smallest, largest = run["data/target/smallest_class"].last, run["data/target/largest_class"].last
        classes = run["data/target/distinct"].last
        if not smallest * classes < self.min_fair_share:
            return
        target = details(run).get("target", {})
        listed = target.get("classes") or [["the commonest class", 0], ["the rarest class", 0]]
        yield self.finding(
            f"The class {listed[-1][0]!r} is {smallest:.2%} of the rows: always answering {listed[0][0]!r} "
            f"is right in {largest:.1%}, so judge by log loss or AUC rather than accuracy.",
            where=(str(target.get("name", "target")),),
            evidence={
                "smallest": smallest,
                "largest": largest,
                "classes": classes,
                "threshold": self.min_fair_share,
            },
            remedies=(
                Remedy(
                    name="weight-classes",
                    text="Try weights for the classes in the loss, and compare by log loss.",
                    knob=Knob.LOSS,
                    safety=Safety.UNSAFE,
                    settings={"class_weights": True},
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        for smallest, classes, why, verdict in (
            (0.01, 2, "one in a hundred", sick),
            (0.002, 10, "a rare class of ten", sick),
            (0.26, 2, "a quarter", well),
            (0.06, 4, "a class of six in a hundred", well),
        ):
            target = {"name": "y", "classes": [["no", 900], ["yes", 100]]}
            numbers = {
                "data/target/smallest_class": smallest,
                "data/target/largest_class": 1 - smallest,
                "data/target/distinct": classes,
            }
            yield verdict(why, table(numbers=numbers, target=target))
