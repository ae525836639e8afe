"""Categories nearly as many as rows."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._table import columns, few, table, train_rows
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class HighCardinality(Rule):
    """A column has so many categories that each has only a few rows.

    ## What it does
    Compares the number of categories of a column with the training rows.

    ## Why is this bad?
    Each category brings numbers of its own to learn; with few rows each, the network memorises the
    training rows by them and is lost on the next ones.

    ## What to do
    Group the categories, take the part that repeats (of an address the city), or drop the column; then
    compare the scores.

    ## When it is wrong
    Where new rows bring the same categories, such as the users of a shop, an embedding is right.

    ## References
    Guo and Berkhahn, Entity Embeddings of Categorical Variables, 2016.
    """

    code = "D010"
    severity = Severity.ODD
    depth = Depth.SETTING
    needs = ("data/rows",)

    min_categories: int = 50
    """Fewer are learnt from any table worth learning from."""
    min_rows_each: float = 5.0
    """Training rows a category on average; the rule of thumb of five to ten rows a parameter."""

    def check(self, run: Run) -> Iterator[Finding]:
        total = train_rows(run)
        found = [
            column
            for column in columns(run, "category")
            if column.get("distinct", 0) >= self.min_categories
            and total < self.min_rows_each * column["distinct"]
        ]
        if not found:
            return
        worst = max(found, key=lambda column: column["distinct"])
        yield self.finding(
            f"{few(column['name'] for column in found)}: {worst['name']!r} has {worst['distinct']} "
            f"categories in {total:.0f} training rows.",
            where=[column["name"] for column in found],
            evidence={"categories": worst["distinct"], "rows": total, "threshold": self.min_rows_each},
            remedies=(
                Remedy(
                    name="group-categories",
                    text="Group the categories, or try without the column: `--drop NAME`.",
                    knob=Knob.DATA,
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        for distinct, why, verdict in ((600, "tickets", sick), (28, "quarters of a town", well)):
            yield verdict(why, table({"name": "a", "kind": "category", "distinct": distinct}))
