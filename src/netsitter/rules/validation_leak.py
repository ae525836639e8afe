"""Training rows among the rows that judge."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._table import details, rows, table
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class ValidationLeak(Rule):
    """Validation or test rows are training rows, so the score is too good.

    ## What it does
    Counts the validation and test rows that equal a training row in every input and the target, and
    compares with how often training rows repeat one another. In a training that is watched: whether
    validation rows were trained on, or lie far nearer to a training row than the rows' density explains.

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
    needs = ("data/validation/shared|data/test/shared|val/known|data/twin_distance",)

    min_share: float = 0.01
    """Of the part's rows, beyond what chance explains."""
    chance: float = 2.0
    """Times the share of training rows that repeat another: as often, rows may be shared by chance."""
    min_known: float = 0.05
    """Share of a watched validation set's rows that were trained on."""
    whole: float = 0.9
    """With more of its rows known, a set is a part of the training rows that is looked at on purpose."""
    min_bits: float = 30.0
    """Log2 of how many different rows the columns' values could make: a billion do not repeat by chance."""
    max_distance: float = 0.55
    """Distance to the nearest training row over that which the rows' density explains; independent rows
    of 16 tables have 0.87 and more, windows of one subject 0.49, noisy copies 0.06."""
    max_group: float = 0.25
    """Share of a class's rows that are twins; more is how the class looks, and not a group within it."""

    def check(self, run: Run) -> Iterator[Finding]:
        watched = self._shares_rows(run) or self._has_twins(run)
        if watched:
            yield watched
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

    def _shares_rows(self, run: Run) -> Finding | None:
        """Rows of validation passes that were seen in training batches."""
        coverage = run["val/coverage"].last
        known = run["val/known"].last / coverage if coverage > 0.5 else 0.0
        if not (self.min_known <= known <= self.whole and run["data/row_bits"].last >= self.min_bits):
            return None
        return self._found(
            f"About {known:.0%} of the validation rows are rows that were trained on: the score is too good.",
            {"shared": known, "threshold": self.min_known},
        )

    def _has_twins(self, run: Run) -> Finding | None:
        """Validation rows that lie beside training rows as only rows of one group or one origin do."""
        distance, twins = run["data/twin_distance"].last, run["data/twin_rows"].last
        rows, classes = run["data/neighbour_rows"].last, run["target/classes"].last
        a_class = rows / max(2.0, classes if math.isfinite(classes) else 10.0)
        if not (distance <= self.max_distance and 1 <= twins <= self.max_group * a_class and rows >= 100):
            return None
        return self._found(
            f"Validation rows have twins among the training rows, at {distance:.0%} of the distance that "
            "independent rows keep: rows of one group or origin are on both sides.",
            {"distance": distance, "twins": twins, "threshold": self.max_distance},
        )

    def _found(self, message: str, evidence: dict[str, float]) -> Finding:
        return self.finding(
            message,
            where=("validation",),
            evidence=evidence,
            remedies=(
                Remedy(
                    name="split-by-group",
                    text="Split first, and so that rows of one group are on one side; copy and resample the "
                    "training part only.",
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
        rows = {"data/row_bits": 200, "data/neighbour_rows": 400, "target/classes": 2}
        for known, distance, why, verdict in (
            (0.3, 1.0, "repeated before the split", sick),
            (0.0, 0.1, "noisy copies made before the split", sick),
            (0.0, 0.95, "rows apart", well),
            (1.0, 1.0, "training rows looked at on purpose", well),
        ):
            numbers = {"val/known": known, "val/coverage": 1.0, "data/twin_distance": distance}
            yield verdict(why, run_of({**rows, **numbers, "data/twin_rows": 4}))
