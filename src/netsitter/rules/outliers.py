"""Cells far away from all others."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._table import columns, few, table
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class Outliers(Rule):
    """Single numbers lie so far out that they may be slips of the pen.

    ## What it does
    Looks in each number column for cells that lie many interquartile ranges from the median, on the
    plain scale and on a logarithmic one: a heavy tail is far out on the plain scale only.

    ## Why is this bad?
    A slipped decimal point or a mixed-up unit teaches a wrong lesson with great force. netsitter's
    encoding bends far values smoothly, so that they cannot dominate.

    ## What to do
    Look at the rows that are named. Mend or empty what is wrong; leave what is only rare.

    ## When it is wrong
    True extremes exist: the richest man, the strongest storm.

    ## References
    Tukey, Exploratory Data Analysis, 1977 (fences at 1.5 and 3 interquartile ranges; these are wider by
    far, so that skewed columns stay silent).
    """

    code = "D007"
    severity = Severity.ODD
    depth = Depth.SETTING
    needs = ("data/rows",)

    min_spreads: float = 20.0
    """Interquartile ranges from the median; a normal column of a million rows stays under 4."""
    min_log_spreads: float = 7.0
    """The same after a signed logarithm; a log-normal column of a million rows stays under 4, honest
    counts of real tables under 6.2."""

    def check(self, run: Run) -> Iterator[Finding]:
        found = []
        for column in columns(run, "number"):
            disguised = column.get("sentinel", {}).get("value")  # told by missing-values
            far = [cell for cell in column.get("far", ()) if cell["value"] != disguised]
            cells = [cell for cell in far if self._is_far(cell)]
            if cells:
                found.append((column["name"], cells[0]))
        if not found:
            return
        found.sort(key=lambda pair: -pair[1]["spreads"])
        name, cell = found[0]
        yield self.finding(
            f"{few(name for name, _ in found)}: cells far from all others, such as {cell['value']:g} in "
            f"{name!r}, row {cell['row']}.",
            where=[name for name, _ in found],
            evidence={
                "row": cell["row"],
                "value": cell["value"],
                "spreads": cell["spreads"],
                "threshold": self.min_spreads,
            },
            remedies=(
                Remedy(
                    name="look-at-rows",
                    text="Look at the rows named: mend what is a slip, leave what is true.",
                    knob=Knob.DATA,
                ),
            ),
        )

    def _is_far(self, cell: dict[str, float]) -> bool:
        return cell["spreads"] >= self.min_spreads and cell["log_spreads"] >= self.min_log_spreads

    @staticmethod
    def cases() -> Iterator[Case]:
        for spreads, log_spreads, why, verdict in (
            (900.0, 8.0, "a slipped decimal point", sick),
            (60.0, 5.5, "a heavy tail", well),
            (6.0, 3.0, "a normal column's end", well),
        ):
            far = [{"row": 7, "value": 4e5, "spreads": spreads, "log_spreads": log_spreads}]
            yield verdict(why, table({"name": "a", "kind": "number", "far": far}))
