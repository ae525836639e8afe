"""Inputs that never change."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.curve import read_curve
from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import curve, run_of
from netsitter.rules._progress import solved
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
    The other values may only occur in rows that are not in this table. A network that makes one thing from
    one start (a picture, a simulation) has nothing to tell apart; where its loss falls far it is only odd.

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
    arrived: float = 0.1
    """Share of the first loss that is left where one answer is all that is asked for; targets that differ
    keep a constant answer above their spread."""

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
        # One start from which everything is to grow: a loss far down shows that nothing had to be told apart.
        arrives = math.isnan(solved(run)) and _falls_to(run, self.arrived)
        if len(constant) >= self.min_batches and (constant >= 1).all():
            yield self.finding(
                "Every input feature is the same in every row of every batch looked at: the network cannot "
                "tell one example from another.",
                severity=Severity.ODD if arrives else Severity.SICK,
                evidence={"constant_share": 1.0, "batches": len(constant), "threshold": 1.0},
                remedies=(_LOOK,),
            )

    @staticmethod
    def cases() -> Iterator[Case]:
        yield sick("a column of one value", table({"name": "a", "kind": "constant"}))
        yield well("columns that vary", table({"name": "a", "kind": "number"}))
        yield sick("batches of equal rows", run_of({"input/constant": [1.0] * 8}))
        grown = {"input/constant": [1.0] * 8, "loss": curve(0.2, 0.004)}
        yield sick("one thing grown from one start, worth a note", run_of(grown))
        yield well("a constant border", run_of({"input/constant": [0.3] * 8}))


def _falls_to(run: Run, share: float) -> bool:
    read = read_curve(run["loss"])
    return read is not None and 0 <= read.end <= share * read.start


_LOOK = Remedy(
    name="look-at-source",
    text="Look where the input comes from: a filter, a join or a default may have emptied it.",
    knob=Knob.DATA,
)
