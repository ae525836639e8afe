"""A loss that expects log-probabilities is fed something else."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._wiring import SYMPTOMS, loss_facts, main_loss
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class MissingLogSoftmax(Rule):
    """A loss that expects log-probabilities is fed something else.

    ## What it does
    Checks that what nll_loss (or kl_div) is given are logarithms of probabilities: the exponentials of each
    row sum to one, and none is above zero.

    ## Why is this bad?
    On raw scores this loss has no floor: it falls for ever by pushing all scores up, and the classes are
    hardly told apart.

    ## What to do
    Apply log_softmax over the classes before nll_loss, or use cross_entropy on the raw scores.

    ## When it is wrong
    Weights of a policy gradient sometimes go through nll_loss on purpose; they are given log-probabilities
    all the same.

    ## References
    PyTorch documentation, nn.NLLLoss: the input is expected to contain log-probabilities.
    """

    code = "O003"
    severity = Severity.SICK
    depth = Depth.MECHANISM
    needs = ("@losses", "output/logsumexp")
    explains = SYMPTOMS

    max_logsumexp: float = 0.05
    """Zero for log-probabilities; half precision rounds to about 0.01."""

    def check(self, run: Run) -> Iterator[Finding]:
        name = str(main_loss(run).get("name"))
        sums = run["output/logsumexp"].finite
        off = float(np.median(sums)) if len(sums) else 0.0
        raised = float(run["output/max"].finite.max(initial=-1.0))
        is_raw = (name == "nll_loss" and off > self.max_logsumexp) or (
            name == "kl_div" and raised > self.max_logsumexp
        )
        if not is_raw:
            return
        yield self.finding(
            f"{name} expects log-probabilities, and is fed numbers whose exponentials do not sum to one.",
            where=(str(run.facts["head_layer"]),) if run.facts.get("head_layer") else (),
            since=0,
            evidence={"logsumexp": off, "max": raised, "threshold": self.max_logsumexp},
            remedies=(
                Remedy(
                    name="add-log-softmax",
                    text="End the network with log_softmax(dim=1), or use cross_entropy on the raw scores.",
                    knob=Knob.LOSS,
                    safety=Safety.UNSAFE,
                    settings={"loss": "cross_entropy"},
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(name: str, logsumexp: float, top: float) -> Run:
            numbers = {"output/logsumexp": [logsumexp] * 5, "output/max": [top] * 5}
            return run_of({"loss": [-2.0] * 5, **numbers}, facts=loss_facts(name))

        yield sick("raw scores into nll_loss", case("nll_loss", 3.2, 4.0))
        yield sick("probabilities into nll_loss", case("nll_loss", 2.4, 0.9))
        yield sick("probabilities into kl_div", case("kl_div", 2.4, 0.9))
        yield well("log-probabilities", case("nll_loss", 1e-6, -0.01))
        yield well("raw scores into cross_entropy", case("cross_entropy", 3.2, 4.0))
