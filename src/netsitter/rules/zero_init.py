"""A weight matrix that starts at zero."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import model, run_of
from netsitter.rules._progress import weights
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class ZeroInit(Rule):
    """A hidden layer's weights are all zero: its units start identical and stay identical.

    ## What it does
    Reads, before the first step, which share of each weight matrix is exactly zero, and whether the
    layer it feeds is zero or symmetric too.

    ## Why is this bad?
    Units with the same weights get the same gradient, and stay the same for ever: a layer of a hundred
    units is a layer of one. With zeros on both sides no gradient arrives at all.

    ## What to do
    Initialise at random: He for ReLU, Glorot for tanh and sigmoid. Zero is for biases.

    ## When it is wrong
    A zero matrix is harmless where the next one is random, or where it is the last: residual branches,
    adapters and output layers are often zeroed on purpose. A model of one layer may start at zero.

    ## References
    Goodfellow, Bengio and Courville, Deep Learning, 2016, section 8.4: breaking symmetry.
    """

    code = "I001"
    severity = Severity.FATAL
    depth = Depth.MECHANISM
    needs = ("@model", "init/zero/*")
    explains = (
        "symmetric-init", "init-too-small", "vanishing-gradients", "dead-units", "constant-output",
        "not-learning", "plateau", "underfitting", "lr-too-low", "labels-misaligned", "too-few-epochs",
        "class-imbalance-collapse",
    )  # fmt: skip

    all_zero: float = 0.999
    """Share of entries: a sparse initialisation leaves more than one in a thousand."""

    def check(self, run: Run) -> Iterator[Finding]:
        names = [name for name in weights(run) if f"init/zero/{name}" in run]
        zero = [run[f"init/zero/{name}"].first >= self.all_zero for name in names]
        # Two zero matrices in a row, or one after which nothing random comes, keep units identical.
        stuck = [name for name, here, after in zip(names, zero, zero[1:], strict=False) if here and after]
        if stuck:
            where = [name for name, is_zero in zip(names, zero, strict=True) if is_zero]
            yield self.finding(
                f"All weights of {where[0]} start at zero"
                + (f", and of {len(where) - 1} more" if len(where) > 1 else "")
                + ": its units are identical and get identical gradients.",
                where=where,
                since=0,
                evidence={"zero_share": 1.0, "threshold": self.all_zero},
                remedies=(
                    Remedy(
                        name="random-init",
                        text="Initialise weights at random (He for ReLU, Glorot for tanh); keep zero "
                        "for biases.",
                        knob=Knob.INIT,
                        safety=Safety.UNSAFE,
                        settings={"init": "he"},
                    ),
                ),
            )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(*shares: float) -> Run:
            numbers = {f"init/zero/layer{i}.weight": share for i, share in enumerate(shares)}
            return run_of(numbers, facts={"model": model(*["Linear"] * len(shares))})

        yield sick("everything zero", case(1, 1, 1))
        yield sick("two hidden layers zero", case(0, 1, 1, 0))
        yield well("random", case(0, 0, 0))
        yield well("a zeroed output layer", case(0, 0, 1))
        yield well("linear regression from zero", case(1))
        yield well("sparse", case(0.9, 0.9))
