"""Categories with hardly any rows."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._table import columns, few, table, train_rows
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class RareCategory(Rule):
    """Much of a column falls into categories that have too few rows to learn from.

    ## What it does
    Counts, per column, the training cells in categories of fewer than three rows, which are encoded
    together as "rare".

    ## Why is this bad?
    From one or two rows nothing can be learnt about a category. If many rows are in such categories,
    the column says little, and new rows will bring categories never seen.

    ## What to do
    Group the categories: cities into regions, job titles into trades. Check for spellings of the same
    word.

    ## When it is wrong
    A long tail beside a few large categories is ordinary, and harmless once it is grouped.

    ## References
    Micci-Barreca, A Preprocessing Scheme for High-Cardinality Categorical Attributes, 2001.
    """

    code = "D008"
    severity = Severity.ODD
    depth = Depth.SETTING
    needs = ("data/rows",)

    min_share: float = 0.05
    """Of the training rows in rare categories: enough to matter to a score."""

    def check(self, run: Run) -> Iterator[Finding]:
        total = train_rows(run)
        found = [
            (column["rare_cells"] / total, column)
            for column in columns(run, "category")
            if total > 0 and column.get("rare_cells", 0) >= self.min_share * total
        ]
        if not found:
            return
        found.sort(key=lambda pair: -pair[0])
        share, worst = found[0]
        yield self.finding(
            f"{few(column['name'] for _, column in found)}: {share:.0%} of the rows of {worst['name']!r} are "
            f"in {worst['rare']} categories too rare to learn from.",
            where=[column["name"] for _, column in found],
            evidence={"share": share, "categories": worst["rare"], "threshold": self.min_share},
            remedies=(
                Remedy(
                    name="group-categories",
                    text="Group the rare categories, and check for spellings of the same word.",
                    knob=Knob.DATA,
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        for cells, why, verdict in ((300, "a third in rare ones", sick), (4, "a short tail", well)):
            yield verdict(
                why, table({"name": "city", "kind": "category", "rare": cells, "rare_cells": cells})
            )
