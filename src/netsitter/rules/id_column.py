"""Columns that only number the rows."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._table import columns, few, table
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class IdColumn(Rule):
    """A column labels the rows: it never repeats, so it says nothing about other rows.

    ## What it does
    Lists the columns taken for ids: whole numbers that count the rows or are named an id, and words
    that hardly repeat.

    ## Why is this bad?
    A network can memorise the training rows by their ids, and learns nothing for new ones. In a sorted
    file an id even gives the target away, in this file only. The columns are left out.

    ## What to do
    Nothing, if they are ids. If one is a quantity, say so with `--column NAME=number`.

    ## When it is wrong
    A measurement that happens never to repeat and to rise by one each row looks like an id.

    ## References
    Kaufman, Rosset and Perlich, Leakage in Data Mining, 2012, on ids that leak.
    """

    code = "D004"
    severity = Severity.ODD
    depth = Depth.SETTING
    needs = ("data/rows",)

    def check(self, run: Run) -> Iterator[Finding]:
        found = columns(run, "id")
        if not found:
            return
        names = [column["name"] for column in found]
        yield self.finding(
            f"{few(names)}: taken for an id and left out ({found[0].get('reason', 'it never repeats')}).",
            where=names,
            evidence={"columns": len(names), "threshold": 1},
            remedies=(
                Remedy(
                    name="state-the-kind",
                    text="If it is a quantity, say so: `--column NAME=number`.",
                    knob=Knob.DATA,
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        yield sick("a row counter", table({"name": "n", "kind": "id", "reason": "it counts the rows"}))
        yield well("a number", table({"name": "n", "kind": "number"}))
