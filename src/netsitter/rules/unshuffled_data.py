"""Rows sorted by what they shall teach."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.curve import level
from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._progress import is_adversarial
from netsitter.rules._table import table
from netsitter.rules._wiring import CLASSIFIERS, loss_facts, main_loss
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class UnshuffledData(Rule):
    """The rows are sorted by the target.

    ## What it does
    Compares how alike the targets of rows that follow one another are with how alike they would be in
    random order: 0 is shuffled, 1 is sorted. In a training that is watched: whether each batch holds one
    class though there are several, and whether validation asks for targets that no training batch showed.

    ## Why is this bad?
    Batches taken in this order show one class after another, and a split at a row number puts classes on
    one side only. netsitter shuffles before it splits and at every epoch; other programs may not.

    ## What to do
    Shuffle before splitting, and at each epoch (`DataLoader(..., shuffle=True)`); `netsitter train` does
    both. If the order is time, split by it: `--time COLUMN`.

    ## When it is wrong
    Series in time are alike from row to row because the world is; then split by time. Tasks that are
    taught one after another, or new classes asked for on purpose.

    ## References
    Bottou, Stochastic Gradient Descent Tricks, 2012: shuffle the examples.
    """

    code = "D016"
    severity = Severity.ODD
    depth = Depth.SETTING
    explains = (
        "overfitting", "oscillation", "lr-too-high", "not-learning", "plateau", "constant-output",
        "noisy-validation", "drift", "loss-spike", "underfitting", "worse-than-baseline",
    )  # fmt: skip
    needs = ("data/target/order|target/top_share|val/target/unseen",)

    min_order: float = 0.9
    """Where 1 is sorted; tables collected in groups reach 0.65."""
    max_unseen_classes: float = 0.2
    """Share of validation rows of a class never trained on; a rare class may be missed by chance."""
    max_unseen_range: float = 0.5
    """Share of validation targets outside the range trained on; of n random rows 2/n lie there."""
    min_alike: float = 0.9
    """Share of a batch's commonest class, as a median, where it has less than `max_common` of all rows."""
    max_common: float = 0.6
    surely: float = 3.5
    """Where the commonest class has more than that, but under `max_share`, of all rows: standard errors of a
    batch's share that the median batch must lie above it."""
    max_share: float = 0.8
    min_batches: int = 10
    """Batches looked at."""

    def check(self, run: Run) -> Iterator[Finding]:
        order, unseen = run["data/target/order"].last, run["val/target/unseen"].last
        classes = str(main_loss(run).get("name")) in CLASSIFIERS
        limit = self.max_unseen_classes if classes else self.max_unseen_range
        alike, common = level(run["target/top_share"].values), run["target/top_share_all"].last
        if order >= self.min_order:
            yield self._found(
                f"The rows are sorted by the target ({order:.2f} of 1); netsitter shuffles them, other "
                "programs may not.",
                {"order": order, "threshold": self.min_order},
            )
        elif unseen >= limit and self._is_alone(run):
            what = "belong to classes" if classes else "have targets in a range"
            yield self._found(
                f"{unseen:.0%} of the validation rows {what} that no training batch has shown: the rows "
                "were split in the order of their targets.",
                {"unseen": unseen, "threshold": limit},
                Severity.SICK,
            )
        elif self._is_sorted(run, alike, common):
            yield self._found(
                f"Each batch holds one class ({alike:.0%} of its rows), which is {common:.0%} of all rows "
                "at most: the rows are not shuffled.",
                {"alike": alike, "common": common, "threshold": self.min_alike},
                Severity.SICK,
            )

    def _is_alone(self, run: Run) -> bool:
        """Whether there is one kind of target: of several losses each has its own."""
        return len(run.facts.get("losses") or []) == 1 and not is_adversarial(run)

    def _is_sorted(self, run: Run, alike: float, common: float) -> bool:
        rows = level(run["batch/rows"].values)
        # One label for a whole bag of rows is always of one class.
        labels = math.prod(main_loss(run).get("target_shape") or [1])
        many = run["target/top_share"].count >= self.min_batches and min(rows, labels) >= 4
        error = math.sqrt(max(common * (1 - common), 0.0) / max(min(rows, labels), 1.0))
        is_told = common <= self.max_common or alike - common >= self.surely * error > 0
        return (
            self._is_alone(run) and many and alike >= self.min_alike and is_told and common <= self.max_share
        )

    def _found(self, message: str, evidence: dict[str, float], severity: Severity | None = None) -> Finding:
        return self.finding(
            message,
            since=None if severity is None else 0,
            severity=severity,
            evidence=evidence,
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
        facts = loss_facts("cross_entropy")
        for share, common, why, verdict in (
            (1.0, 0.1, "one class after another", sick),
            (0.3, 0.12, "batches of all classes", well),
            (0.96, 0.95, "a common class", well),
        ):
            numbers = {
                "target/top_share": [share] * 20,
                "target/top_share_all": common,
                "batch/rows": [32] * 20,
            }
            yield verdict(why, run_of(numbers, facts=facts))
        bags = run_of(
            {"target/top_share": [1.0] * 20, "target/top_share_all": 0.5, "batch/rows": [8] * 20},
            facts=loss_facts("binary_cross_entropy", target_shape=[]),
        )
        yield well("one label a bag of rows", bags)
        yield sick("a tail of other classes to validate on", run_of({"val/target/unseen": 0.98}, facts=facts))
        yield well("a rare class only in validation", run_of({"val/target/unseen": 0.02}, facts=facts))
