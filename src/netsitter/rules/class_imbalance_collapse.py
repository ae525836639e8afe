"""Only the majority is ever predicted."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class ClassImbalanceCollapse(Rule):
    """One class outnumbers the others, and the network predicts nothing else.

    ## What it does
    Compares how often the most frequent class is the truth and how often it is the prediction.

    ## Why is this bad?
    The accuracy looks splendid (it is the majority's share), and not one of the rare cases, often the
    ones that matter, is found.

    ## What to do
    Weight the classes in the loss (`pos_weight`, `weight`), sample the rare class more often, or move
    the decision threshold; judge by recall, balanced accuracy or average precision.

    ## When it is wrong
    If the probabilities rank the rows well, nothing is wrong but the threshold of one half.

    ## References
    He and Garcia, Learning from Imbalanced Data, 2009.
    """

    code = "F014"
    severity = Severity.SICK
    depth = Depth.SETTING
    needs = ("target/top_share_all", "output/top_share|val/output/top_share")
    explains = ("constant-output", "plateau", "underfitting", "worse-than-baseline", "not-learning")

    min_majority: float = 0.8
    """Share of the majority in the targets; below, collapse has other causes."""
    min_predicted: float = 0.99
    """Share of the majority in the predictions."""
    missed: float = 0.4
    """Of the minority's share at most this much is predicted."""
    min_samples: int = 10
    """Sampled batches before a verdict."""

    def check(self, run: Run) -> Iterator[Finding]:
        majority = run["target/top_share_all"].last
        if not self.min_majority <= majority < 1:
            return
        train, val = run["output/top_share"], run["val/output/top_share"]
        predicted = float(val.last if val else train.tail(max(3, len(train) // 4)).mean())
        if len(train) + len(val) < self.min_samples and not val:
            return
        minority = 1 - majority
        if predicted >= self.min_predicted or (1 - predicted) < self.missed * minority:
            yield self.finding(
                f"{predicted:.1%} of the predictions are one class, which is {majority:.1%} of the "
                "targets: the "
                "rare class is not found.",
                evidence={"predicted": predicted, "majority": majority, "threshold": self.min_predicted},
                remedies=(
                    Remedy(
                        name="weight-classes",
                        text=f"Weight the rare class about {majority / minority:.0f} times in the loss.",
                        knob=Knob.LOSS,
                        safety=Safety.UNSAFE,
                        settings={"class_weight": "balanced"},
                    ),
                    Remedy(
                        name="resample",
                        text="Draw the rare class more often with a weighted sampler.",
                        knob=Knob.DATA,
                    ),
                ),
            )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(majority: float, predicted: float) -> Run:
            return run_of({"target/top_share_all": [majority] * 40, "output/top_share": [predicted] * 40})

        yield sick("two in a hundred are never found", case(0.98, 1.0))
        yield sick("one in ten is never found", case(0.9, 0.995))
        yield well("found about as often as they are", case(0.98, 0.981))
        yield well("balanced classes", case(0.5, 1.0))
        yield well("one class only is another illness", case(1.0, 1.0))
