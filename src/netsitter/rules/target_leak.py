"""A column that gives the target away."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._table import details, few, table
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class TargetLeak(Rule):
    """One column alone nearly is the target.

    ## What it does
    Predicts the target from each column alone, on training rows that the prediction has not seen, and
    looks at the best: R² of the target's ranks, or the share of the errors of always answering the
    commonest class that it mends. In a training that is watched: whether one of several input columns is
    the target itself, or one of its classes, on another scale.

    ## Why is this bad?
    Such a column is mostly the target itself in other words, or written down after the fact: a code for
    the diagnosis, the fee paid on closing the account. When the network is used it will not be there,
    and all that was learnt is worth nothing.

    ## What to do
    Ask whether the column is known at the moment of predicting. If not, drop it.

    ## When it is wrong
    Some questions are easy: a column may honestly decide the answer. Then you hardly need a network.

    ## References
    Kaufman, Rosset and Perlich, Leakage in Data Mining: Formulation, Detection, and Avoidance, 2012.
    """

    code = "D012"
    severity = Severity.SICK
    depth = Depth.SETTING
    needs = ("data/alone/best|data/copy",)

    min_sick: float = 0.99
    """Score alone; of 12 real tables tried the most telling honest column has 0.94."""
    min_odd: float = 0.97
    """Worth a question."""
    copy: float = 0.999
    """Correlation of a column of a batch with the target: a copy on another scale, up to rounding. What a
    column leaves open of the target is then under a five-hundredth of its variance."""

    def check(self, run: Run) -> Iterator[Finding]:
        best, copied = run["data/alone/best"].last, run["data/copy"].last
        if len(run.facts.get("input_shape") or ()) > 2:
            copied = math.nan  # places of a sequence or a picture, where copying one can be the task
        scores = details(run).get("alone") or [["a column", best]]
        if copied >= self.copy:
            best, scores = copied, [[f"input[:, {run['data/copy_column'].last:.0f}]", copied]]
        if not best >= self.min_odd:
            return
        names = [str(name) for name, score in scores if score >= self.min_odd] or [str(scores[0][0])]
        yield self.finding(
            f"{few(names)} alone predicts the target nearly perfectly ({best:.3f} of 1): is it known before "
            "the answer is?",
            where=names,
            evidence={"score": best, "threshold": self.min_sick},
            severity=Severity.SICK if best >= self.min_sick else Severity.ODD,
            remedies=(
                Remedy(
                    name="drop-column",
                    text=f"If it is not known at the moment of predicting, drop it: `--drop {names[0]}`.",
                    knob=Knob.DATA,
                    safety=Safety.UNSAFE,
                    settings={"drop": names},
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        for score, why, verdict in (
            (0.9998, "a copy of the target", sick),
            (0.94, "a diamond's weight and its price", well),
            (0.3, "an ordinary column", well),
        ):
            yield verdict(why, table(numbers={"data/alone/best": score}, alone=[["fee", score]]))
        for copied, why, verdict in (
            (1.0, "a batch holds the label", sick),
            (0.97, "a telling column", well),
        ):
            yield verdict(why, run_of({"data/copy": copied, "data/copy_column": 12}))
