"""Training rows among the rows that judge."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._table import details, rows, table
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class ValidationLeak(Rule):
    """Validation or test rows are training rows, so the score is too good.

    ## What it does
    Counts the validation and test rows that equal a training row in every input and the target, and
    compares with how often training rows repeat one another.

    ## Why is this bad?
    On rows it has learnt by heart any network does well. The score then says nothing about new rows, and
    the choice made by it prefers networks that memorise.

    ## What to do
    Split by what must not be on two sides (`--group`), or remove the shared rows from the training part.

    ## When it is wrong
    In tables of a few categories rows repeat by chance, on both sides alike; the comparison allows
    for it.

    ## References
    Barz and Denzler, Do We Train on Test Data? Purging CIFAR of Near-Duplicates, 2020.
    """

    code = "D013"
    severity = Severity.SICK
    depth = Depth.SETTING
    needs = ("data/validation/shared|data/test/shared", "data/duplicates")

    min_share: float = 0.01
    """Of the part's rows, beyond what chance explains."""
    chance: float = 2.0
    """Times the share of training rows that repeat another: as often, rows may be shared by chance."""

    def check(self, run: Run) -> Iterator[Finding]:
        by_chance = self.chance * run["data/duplicates"].last
        for part in ("validation", "test"):
            shared = run[f"data/{part}/shared"].last
            if not shared >= by_chance + self.min_share:
                continue
            listed = details(run).get(f"{part}_shared_rows")
            such = f", such as {rows(listed)}" if listed else ""
            yield self.finding(
                f"{shared:.1%} of the {part} rows are training rows{such}: the {part} score is too good.",
                where=(part,),
                evidence={"shared": shared, "by_chance": by_chance, "threshold": self.min_share},
                remedies=(
                    Remedy(
                        name="split-by-group",
                        text="Split so that these rows are on one side (`--group COLUMN`), or remove them.",
                        knob=Knob.DATA,
                    ),
                ),
            )

    @staticmethod
    def cases() -> Iterator[Case]:
        for shared, repeated, why, verdict in (
            (0.4, 0.0, "a test file cut from the training file", sick),
            (0.0, 0.1, "repeats kept on one side", well),
            (0.3, 0.3, "a table of few categories", well),
        ):
            numbers = {"data/test/shared": shared, "data/validation/shared": 0.0, "data/duplicates": repeated}
            yield verdict(why, table(numbers=numbers, test_shared_rows=[1201, 1207]))
