"""Numbers and words in one column."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._table import Fact, columns, few, rows, table
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class MixedTypes(Rule):
    """A column holds numbers in some rows and words in others.

    ## What it does
    Lists number columns with words among the numbers, and category columns in which many different
    numbers stand beside words.

    ## Why is this bad?
    Words in a number column are taken as missing, which may not be what they mean. Numbers in a column
    of categories lose their order: 41 and 42 are as different as 41 and "unknown".

    ## What to do
    Write the words as empty cells, or in a column of their own, so that the numbers stay numbers.

    ## When it is wrong
    Codes such as 10, 20 and 2A are categories, and right as they are.

    ## References
    Wickham, Tidy Data, Journal of Statistical Software 2014.
    """

    code = "D009"
    severity = Severity.ODD
    depth = Depth.SETTING
    needs = ("data/rows",)

    min_numbers: int = 20
    """Different numbers in a column of categories; a handful are codes."""
    min_share: float = 0.5
    """Of the cells of a column of categories that are numbers."""

    def check(self, run: Run) -> Iterator[Finding]:
        found = [column for column in columns(run, "number", "category") if self._is_mixed(column)]
        if not found:
            return
        worst = found[0]
        what = (
            f"words such as {few(worst['word_examples'], 2)} among numbers"
            if worst["kind"] == "number"
            else f"{worst['numeric']} different numbers among words"
        )
        where = f" ({rows(worst['word_rows'])})" if worst.get("word_rows") else ""
        yield self.finding(
            f"{few(column['name'] for column in found)}: {worst['name']!r} has {what}{where}.",
            where=[column["name"] for column in found],
            evidence={"cells": worst.get("words", worst.get("numeric_cells", 0)), "threshold": 1},
            remedies=(
                Remedy(
                    name="separate-words",
                    text="Write the words as empty cells or in a column of their own.",
                    knob=Knob.DATA,
                ),
            ),
        )

    def _is_mixed(self, column: Fact) -> bool:
        if column["kind"] == "number":
            return column.get("words", 0) > 0
        cells = sum(count for _, count in column.get("top", ())) or 1
        many = column.get("numeric", 0) >= self.min_numbers
        return (
            many
            and column["numeric"] < column["distinct"]
            and column["numeric_cells"] >= self.min_share * cells
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        words = {"words": 3, "word_rows": [4, 9, 70], "word_examples": ["broken"]}
        yield sick("words among numbers", table({"name": "t", "kind": "number", **words}))
        ages = {
            "numeric": 60,
            "numeric_cells": 800,
            "distinct": 61,
            "top": [["unknown", 200]],
            "word_rows": [3],
        }
        yield sick("numbers among words", table({"name": "age", "kind": "category", **ages}))
        codes = {"numeric": 3, "numeric_cells": 700, "distinct": 5, "top": [["10", 300]], "word_rows": [3]}
        yield well("a few codes", table({"name": "code", "kind": "category", **codes}))
        yield well("numbers", table({"name": "t", "kind": "number"}))
