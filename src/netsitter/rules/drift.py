"""Rows that judge come from elsewhere than the rows that teach."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.curve import level
from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._progress import solved
from netsitter.rules._table import details, table
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class Drift(Rule):
    """Validation or test rows can be told apart from the training rows by their inputs.

    ## What it does
    A forest tries to tell which part a row belongs to, judged by trees that have not seen the row: an AUC
    of 0.5 is no difference. The threshold lies well above what chance gives at this number of rows.

    ## Why is this bad?
    What was learnt on one kind of rows is judged on another. The score is right for neither, and the
    network will meet more of the same when it is used.

    ## What to do
    Look at the column that tells most. If time passed between the parts, drop what only marks the time;
    if the parts come from different places, split them at random, or collect training rows like the
    ones that will be met.

    ## When it is wrong
    With a split by time or by group a difference is the point: the score then shows what to expect.

    ## References
    Rabanser, Günnemann and Lipton, Failing Loudly: Methods for Detecting Dataset Shift, 2019.
    """

    code = "D017"
    severity = Severity.ODD
    depth = Depth.SETTING
    needs = ("data/validation/drift|data/test/drift|data/shift",)
    explains = ("overfitting", "noisy-validation", "validation-leak")

    min_auc: float = 0.6
    """Below, the parts overlap so far that a difference hardly moves a score."""
    min_errors: float = 5.0
    """Standard errors above 0.5 of two samples of one kind."""

    max_shift: float = 1.0
    """Distance of a column's means in standard deviations; two samples of 100 rows of one kind are 0.15
    apart, the largest of 1,000 columns 0.5."""
    gap: float = 0.5
    """Share of what there is to learn that is lost from training to validation rows."""

    def check(self, run: Run) -> Iterator[Finding]:
        shift, lost = run["data/shift"].last, solved(run) - _validated(run)
        if shift >= self.max_shift and lost > self.gap:
            column = f"input[:, {run['data/shift_column'].last:.0f}]"
            yield self.finding(
                f"The validation rows lie elsewhere: {column} is {shift:.3g} standard deviations away from "
                "the training rows, and what was learnt does not hold there.",
                where=(column,),
                severity=Severity.SICK,
                evidence={"shift": shift, "lost": lost, "threshold": self.max_shift},
                remedies=(_SAME_SCALE,),
            )
            return
        yield from self._told_apart(run)

    def _told_apart(self, run: Run) -> Iterator[Finding]:
        for part in ("validation", "test"):
            auc, error = run[f"data/{part}/drift"].last, run[f"data/{part}/drift_error"].last
            if not (auc >= self.min_auc and auc - 0.5 >= self.min_errors * error):
                continue
            column = details(run).get(f"{part}_drift")
            by = f", most by {column!r}" if column else ""
            yield self.finding(
                f"The {part} rows are told apart from the training rows{by} (AUC {auc:.2f}; "
                "0.5 is no difference).",
                where=(part,),
                evidence={"auc": auc, "standard_error": error, "threshold": self.min_auc},
                remedies=(
                    Remedy(
                        name="compare-parts",
                        text="Look at the column that tells; split at random if they should be alike.",
                        knob=Knob.DATA,
                    ),
                ),
            )

    @staticmethod
    def cases() -> Iterator[Case]:
        for auc, error, why, verdict in (
            (0.97, 0.02, "a test file from another year", sick),
            (0.52, 0.01, "a random split", well),
            (0.66, 0.05, "few rows", well),
        ):
            numbers = {"data/test/drift": auc, "data/test/drift_error": error}
            yield verdict(why, table(numbers=numbers, test_drift="year"))
        for shift, r2, why, verdict in (
            (4.0, -3.7, "validated on later years of a growing series", sick),
            (4.0, 0.9, "other rows on which it does well", well),
            (0.2, 0.1, "overfitting", well),
        ):
            numbers = {"data/shift": shift, "data/shift_column": 2, "val/metric/r2": r2}
            yield verdict(why, run_of({"loss": [0.1] * 40, "metric/r2": [0.95] * 40, **numbers}))


def _validated(run: Run) -> float:
    """Share of what an ignorant answer leaves open that is known of validation rows; NaN where unknown."""
    r2, accuracy = level(run["val/metric/r2"].tail(3)), level(run["val/metric/accuracy"].tail(3))
    chance = run["target/top_share_all"].last
    return (accuracy - chance) / (1 - chance) if accuracy == accuracy and chance < 1 else r2


_SAME_SCALE = Remedy(
    name="same-preparation",
    text="Prepare validation rows by what was fitted on the training rows; split at random where the two "
    "should be alike.",
    knob=Knob.DATA,
)
