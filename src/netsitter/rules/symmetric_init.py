"""Units that start equal."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import model, run_of
from netsitter.rules._progress import weights
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class SymmetricInit(Rule):
    """The units of a hidden layer start with equal weights and can never differ.

    ## What it does
    Reads, before the first step, which share of each weight matrix's rows equals its first row, and
    whether the layer it feeds could tell its units apart.

    ## Why is this bad?
    Equal units with equal outgoing weights get equal gradients: the layer is as good as one unit.

    ## What to do
    Initialise at random: He for ReLU, Glorot for tanh and sigmoid.

    ## When it is wrong
    Where the outgoing weights differ, or dropout does, equal units drift apart. Depthwise filters and
    averaging layers may be equal on purpose.

    ## References
    Goodfellow, Bengio and Courville, Deep Learning, 2016, section 8.4: breaking symmetry.
    """

    code = "I002"
    severity = Severity.SICK
    depth = Depth.MECHANISM
    needs = ("@model", "init/symmetric/*")
    explains = (
        "init-too-large", "init-too-small", "bad-initial-loss", "exploding-gradients",
        "vanishing-gradients", "saturated-units", "dead-units", "constant-output", "not-learning",
        "plateau", "underfitting", "weight-growth", "too-few-epochs", "lr-too-high", "lr-too-low",
    )  # fmt: skip

    all_equal: float = 0.999
    """Share of rows equal to the first: anything random has one row."""
    min_rows: int = 2
    """One row is not symmetric to anything."""

    def check(self, run: Run) -> Iterator[Finding]:
        about = weights(run)
        names = [name for name in about if f"init/symmetric/{name}" in run]
        equal = [
            run[f"init/symmetric/{name}"].first >= self.all_equal and about[name]["shape"][0] >= self.min_rows
            for name in names
        ]
        zero = [run[f"init/zero/{name}"].first >= self.all_equal for name in names]
        stuck = [
            name
            for name, here, is_zero, after in zip(names, equal, zero, equal[1:], strict=False)
            if here and after and not is_zero
        ]
        # The last matrix of one output has one row: a constant is then seen in its spread alone.
        if len(names) > 1 and about[names[-1]]["shape"][0] < self.min_rows and equal[-2] and not zero[-2]:
            spread = run[f"init/weight_std/{names[-1]}"].first
            stuck += [names[-2]] if spread == 0 else []
        if stuck:
            where = [name for name, here in zip(names, equal, strict=True) if here]
            yield self.finding(
                f"All units of {where[0]} start with the same weights and can never differ.",
                where=where,
                since=0,
                evidence={"equal_rows": 1.0, "threshold": self.all_equal},
                remedies=(
                    Remedy(
                        name="random-init",
                        text="Initialise weights at random (He for ReLU, Glorot for tanh).",
                        knob=Knob.INIT,
                        safety=Safety.UNSAFE,
                        settings={"init": "he"},
                    ),
                ),
            )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(*shares: float) -> Run:
            numbers = {f"init/symmetric/layer{i}.weight": share for i, share in enumerate(shares)}
            return run_of(numbers, facts={"model": model(*["Linear"] * len(shares))})

        yield sick("constants everywhere", case(1, 1, 1))
        yield well("random", case(0.02, 0.02, 0.1))
        yield well("equal units that the next layer tells apart", case(1, 0.02))
