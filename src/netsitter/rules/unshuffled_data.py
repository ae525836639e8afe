"""Rows sorted by what they shall teach."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._table import table
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class UnshuffledData(Rule):
    """The table's rows are sorted by the target.

    ## What it does
    Compares how alike the targets of rows that follow one another are with how alike they would be in
    random order: 0 is shuffled, 1 is sorted.

    ## Why is this bad?
    Batches taken in this order show one class after another, and a split at a row number puts classes on
    one side only. netsitter shuffles before it splits and at every epoch; other programs may not.

    ## What to do
    Nothing here. If the order is time, split by it: `--time COLUMN`.

    ## When it is wrong
    Series in time are alike from row to row because the world is; then split by time.

    ## References
    Bottou, Stochastic Gradient Descent Tricks, 2012: shuffle the examples.
    """

    code = "D016"
    severity = Severity.ODD
    depth = Depth.SETTING
    needs = ("data/target/order",)

    min_order: float = 0.9
    """Where 1 is sorted; tables collected in groups reach 0.65."""

    def check(self, run: Run) -> Iterator[Finding]:
        order = run["data/target/order"].last
        if not order >= self.min_order:
            return
        yield self.finding(
            f"The rows are sorted by the target ({order:.2f} of 1); netsitter shuffles them, other "
            "programs may not.",
            evidence={"order": order, "threshold": self.min_order},
            remedies=(
                Remedy(
                    name="shuffle-or-split-by-time",
                    text="If the order is time, split by it (`--time COLUMN`); otherwise shuffle the rows.",
                    knob=Knob.DATA,
                ),
                Remedy(
                    name="shuffle",
                    text="Shuffle the training rows every epoch.",
                    knob=Knob.BATCH,
                    safety=Safety.UNSAFE,
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        for order, why, verdict in (
            (0.98, "sorted by price", sick),
            (0.65, "collected street by street", well),
            (-0.02, "shuffled", well),
        ):
            yield verdict(why, table(numbers={"data/target/order": order}))
