"""Cells that are missing, openly or in disguise."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._table import columns, few, table, train_rows
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class MissingValues(Rule):
    """Columns are mostly empty, or hide missing values behind a number such as -999.

    ## What it does
    Lists the columns with at least half of their training cells missing, and those with a number such as
    -999 that repeats at one end, farther off than all other values together are wide.

    ## Why is this bad?
    A mostly empty column has little to teach. A -999 taken for a measurement bends the scale of its
    column and everything learnt from it.

    ## What to do
    Nothing for honest gaps: they get an indicator of their own. Find out why a column is empty; replace
    a disguised gap by an empty cell.

    ## When it is wrong
    A gap may itself be the answer ("no garage"); the indicator keeps it.

    ## References
    Little and Rubin, Statistical Analysis with Missing Data, 2019. Pearson, The Problem of Disguised
    Missing Data, SIGKDD Explorations 2006.
    """

    code = "D006"
    severity = Severity.ODD
    depth = Depth.SETTING
    needs = ("data/rows",)

    min_share: float = 0.5
    """Of the training cells; a column with more gaps than values is worth a question."""

    def check(self, run: Run) -> Iterator[Finding]:
        total = train_rows(run)
        empty = sorted(
            ((c.get("missing", 0) / total, c["name"]) for c in columns(run) if total > 0), reverse=True
        )
        empty = [(share, name) for share, name in empty if share >= self.min_share]
        hidden = [column for column in columns(run, "number") if "sentinel" in column]
        told = []
        if empty:
            told.append(f"{few(name for _, name in empty)}: up to {empty[0][0]:.0%} of the cells are missing")
        if hidden:
            mark = hidden[0]["sentinel"]
            told.append(
                f"{few(c['name'] for c in hidden)}: {mark['value']:g} in {mark['rows']} rows looks like a "
                "missing value in disguise"
            )
        if told:
            yield self.finding(
                "; ".join(told) + ".",
                where=[name for _, name in empty] + [column["name"] for column in hidden],
                evidence={"missing": empty[0][0] if empty else 0.0, "threshold": self.min_share},
                remedies=(
                    Remedy(
                        name="ask-why-empty",
                        text="Find out why the cells are missing; write a disguised one as an empty cell.",
                        knob=Knob.DATA,
                    ),
                ),
            )

    @staticmethod
    def cases() -> Iterator[Case]:
        yield sick("nine cells of ten missing", table({"name": "a", "kind": "number", "missing": 900}))
        yield sick(
            "minus 999",
            table({"name": "a", "kind": "number", "missing": 0, "sentinel": {"value": -999.0, "rows": 40}}),
        )
        yield well("some gaps", table({"name": "a", "kind": "number", "missing": 120}))
