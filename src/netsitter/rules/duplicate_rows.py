"""Rows that repeat."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._table import details, rows, table
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class DuplicateRows(Rule):
    """Rows repeat others in every column, or agree in every input and differ in the target.

    ## What it does
    Counts the training rows that repeat an earlier one whole, and those that have a twin with the same
    inputs and another target.

    ## Why is this bad?
    A repeated row weighs double, and on two sides of a split it makes the test too easy; netsitter keeps
    repeats on one side. Twins that disagree set a floor under the error that no network gets through.

    ## What to do
    If the repeats come from a join or from exporting twice, remove them. If twins disagree, look for
    the input that tells them apart.

    ## When it is wrong
    In a table of a few categories rows repeat because there are only so many; that is no fault.

    ## References
    Barz and Denzler, Do We Train on Test Data?, 2020, on duplicates across a split.
    """

    code = "D005"
    severity = Severity.ODD
    depth = Depth.SETTING
    needs = ("data/duplicates", "data/conflicts")

    min_share: float = 0.05
    """Share of the training rows; under one in twenty the effect on a score is within its noise."""
    max_share: float = 0.5
    """Beyond, the inputs have few possible values and repeat by chance."""

    def check(self, run: Run) -> Iterator[Finding]:
        repeated, conflicting = run["data/duplicates"].last, run["data/conflicts"].last
        told = []
        if self.min_share <= repeated <= self.max_share:
            told.append(
                f"{repeated:.1%} of the training rows repeat another whole{_such(run, 'duplicate_rows')}"
            )
        if self.min_share <= conflicting <= self.max_share:
            told.append(
                f"{conflicting:.1%} have a twin with the same inputs and another target"
                f"{_such(run, 'conflicting_rows')}"
            )
        if told:
            yield self.finding(
                "; ".join(told) + ".",
                evidence={"repeated": repeated, "conflicting": conflicting, "threshold": self.min_share},
                remedies=(
                    Remedy(
                        name="remove-repeats",
                        text="If a join or a second export made the repeats, remove them.",
                        knob=Knob.DATA,
                    ),
                ),
            )

    @staticmethod
    def cases() -> Iterator[Case]:
        for repeated, conflicting, why, verdict in (
            (0.2, 0.0, "a fifth exported twice", sick),
            (0.0, 0.3, "twins that disagree", sick),
            (0.003, 0.006, "a few repeats", well),
            (0.9, 0.9, "two columns of few categories", well),
        ):
            yield verdict(why, table(numbers={"data/duplicates": repeated, "data/conflicts": conflicting}))


def _such(run: Run, name: str) -> str:
    found = details(run).get(name)
    return f", such as {rows(found)}" if found else ""
