"""Inputs that never change."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._table import columns, few, table
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class ConstantInput(Rule):
    """Columns that are the same in every row, or a whole input that never changes.

    ## What it does
    Lists the columns of a table with one value only. Of batches it asks whether every feature is the
    same in every row of every batch looked at; a few constant features, as at an image's border, are
    ordinary.

    ## Why is this bad?
    What never changes cannot explain what does. A column is harmless, and left out; but often it was
    meant to change, and a filter or a join has emptied it. If all inputs are constant nothing is learnt.

    ## What to do
    Look where the column comes from. If it is meant to be constant, drop it.

    ## When it is wrong
    The other values may only occur in rows that are not in this table.

    ## References
    Karpathy, A Recipe for Training Neural Networks, 2019: become one with the data.
    """

    code = "D003"
    severity = Severity.ODD
    depth = Depth.SETTING
    needs = ("data/rows|input/constant",)
    explains = ("constant-output", "not-learning", "plateau", "underfitting", "worse-than-baseline")

    min_batches: int = 5
    """Batches looked at before the whole input is called constant; one may be so by chance."""

    def check(self, run: Run) -> Iterator[Finding]:
        names = [column["name"] for column in columns(run, "constant")]
        if names:
            yield self.finding(
                f"{few(names)}: the same in every row, and left out.",
                where=names,
                evidence={"columns": len(names), "distinct": 1, "threshold": 1},
                remedies=(_LOOK,),
            )
        constant = run["input/constant"].values
        if len(constant) >= self.min_batches and (constant >= 1).all():
            yield self.finding(
                "Every input feature is the same in every row of every batch looked at: the network cannot "
                "tell one example from another.",
                severity=Severity.SICK,
                evidence={"constant_share": 1.0, "batches": len(constant), "threshold": 1.0},
                remedies=(_LOOK,),
            )

    @staticmethod
    def cases() -> Iterator[Case]:
        yield sick("a column of one value", table({"name": "a", "kind": "constant"}))
        yield well("columns that vary", table({"name": "a", "kind": "number"}))
        yield sick("batches of equal rows", run_of({"input/constant": [1.0] * 8}))
        yield well("a constant border", run_of({"input/constant": [0.3] * 8}))


_LOOK = Remedy(
    name="look-at-source",
    text="Look where the input comes from: a filter, a join or a default may have emptied it.",
    knob=Knob.DATA,
)
