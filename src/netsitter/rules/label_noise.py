"""Labels that the rest of the table contradicts."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._table import details, table
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class LabelNoise(Rule):
    """Rows whose target the other rows firmly contradict: they may be labelled wrongly.

    ## What it does
    A forest predicts each training row from trees that have not seen it. A class in doubt has as few
    votes as another class's own rows have many (confident learning); a number in doubt is predicted more
    than half of all rows away. The rule speaks only where the forest is right about the other rows.

    ## Why is this bad?
    The network spends its capacity on learning the mistakes, and a test with mistakes in it cannot tell
    a good network from a better one.

    ## What to do
    Look at the rows listed and mend the labels that are wrong. Label smoothing, early stopping and a
    robust loss make the rest hurt less.

    ## When it is wrong
    Rare but true cases look the same. Where classes overlap nobody can tell, and the rule is silent.

    ## References
    Northcutt, Jiang and Chuang, Confident Learning: Estimating Uncertainty in Dataset Labels, JAIR 2021.
    """

    code = "D015"
    severity = Severity.ODD
    depth = Depth.SETTING
    needs = ("data/doubtful/share", "data/doubtful/rest", "data/doubtful/rows")

    min_share: float = 0.005
    """Of the training rows; 12 clean tables had up to 0.003."""
    min_rows: int = 4
    """Fewer are single oddities."""
    min_rest: float = 0.9
    """Accuracy on the rows not in doubt: below, the classes overlap."""
    min_rest_ranks: float = 0.8
    """R² of the ranks of a number; clean tables had no row in doubt from here on."""

    def check(self, run: Run) -> Iterator[Finding]:
        share, rest = run["data/doubtful/share"].last, run["data/doubtful/rest"].last
        count = share * run["data/doubtful/rows"].last
        is_number = details(run).get("target", {}).get("task") == "regression"
        least = self.min_rest_ranks if is_number else self.min_rest
        if not (share >= self.min_share and rest >= least and count >= self.min_rows):
            return
        listed = details(run).get("doubtful") or []
        said = ", ".join(
            f"row {r['row']} ({_short(r['label'])}, by the others {_short(r['instead'])})" for r in listed[:3]
        )
        yield self.finding(
            f"About {share:.1%} of the training rows have a target that the others contradict"
            + (f": {said}." if said else "."),
            where=tuple(f"row {r['row']}" for r in listed),
            evidence={"share": share, "rest": rest, "threshold": self.min_share},
            remedies=(
                Remedy(
                    name="check-labels",
                    text="Look at the rows listed and mend the labels that are wrong.",
                    knob=Knob.DATA,
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        for share, rest, why, verdict in (
            (0.05, 0.97, "labels swapped in a clean table", sick),
            (0.06, 0.83, "classes that overlap", well),
            (0.0005, 0.98, "single oddities", well),
        ):
            numbers = {"data/doubtful/share": share, "data/doubtful/rest": rest, "data/doubtful/rows": 1000.0}
            listed = [{"row": 12, "label": "cat", "instead": "dog"}]
            yield verdict(why, table(numbers=numbers, doubtful=listed))


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else repr(value)
