"""The loss is being maximised: its sign is wrong."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._wiring import SYMPTOMS, graph, parameter_facts, parameters
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class GradientSign(Rule):
    """The loss is being maximised: its sign is wrong.

    ## What it does
    Follows the signs in the loss's graph: a log-likelihood that is minimised, a loss function that enters
    with a minus, or an optimiser set to maximise a loss.

    ## Why is this bad?
    The network learns to be as wrong as it can, faster and faster, until the numbers overflow.

    ## What to do
    Put the minus where it belongs: the loss is minus the log-likelihood, and a penalty enters with a plus.

    ## When it is wrong
    Adversarial objectives maximise a loss on purpose; programs whose optimisers take turns, and programs
    that optimise an input instead of a network, are left out.

    ## References
    Goodfellow, Bengio and Courville, Deep Learning, 2016, section 5.5.
    """

    code = "O001"
    severity = Severity.FATAL
    depth = Depth.MECHANISM
    needs = ("loss", "@graph", "@model")
    explains = SYMPTOMS

    min_growth: float = 3.0
    """A hand-written penalty that is maximised must have grown this much; a known loss function need not."""

    def check(self, run: Run) -> Iterator[Finding]:
        about = graph(run)
        maximised = any(group.get("maximize") for group in run.facts.get("optimizers") or [])
        first = run["loss"].first
        trains = any(layer.get("stepped") for layer in parameters(run).values())
        if run.facts.get("alternating") or not trains:
            return
        reason = self._reason(run, maximised)
        if not reason:
            return
        yield self.finding(
            f"The loss is driven the wrong way: {reason}.",
            where=("loss",),
            since=0,
            evidence={
                "first": first if math.isfinite(first) else 0.0,
                "likelihood_sign": about.get("likelihood_sign"),
                "loss_sign": about.get("loss_sign"),
                "residual_sign": about.get("residual_sign"),
                "maximize": maximised,
                "threshold": self.min_growth,
            },
            remedies=(
                Remedy(
                    name="turn-the-sign",
                    text="Turn the loss's sign, so that a better prediction gives a smaller loss.",
                    knob=Knob.LOSS,
                    safety=Safety.UNSAFE,
                    settings={"sign": -1},
                ),
            ),
        )

    def _reason(self, run: Run, maximised: bool) -> str:
        """What is driven the wrong way; empty where nothing is."""
        about, first, last = graph(run), run["loss"].first, run["loss"].last
        terms = [term for term in about.get("terms") or [] if term not in ("log_likelihood", "overlap")]
        known = bool(terms) and all(term != "custom" for term in terms)
        grown = not math.isfinite(last) or abs(last) > self.min_growth * abs(first)
        minus = [] if maximised else about.get("minus") or []
        if about.get("likelihood_sign") == (-1 if maximised else 1) and not terms:
            return "a log-likelihood is minimised; its minus is missing"
        if about.get("overlap_sign") == (-1 if maximised else 1) and not terms:
            return "what the prediction and the labels have in common is made as small as can be"
        if about.get("residual_sign") == (1 if maximised else -1) and about.get("loss_sign") == 0 and grown:
            return "the distance to the targets is made as large as can be"
        if about.get("loss_sign") == (1 if maximised else -1) and (known or grown):
            return "the optimiser is set to maximise it" if maximised else f"{terms[0]} enters with a minus"
        if minus and grown and last < 0:
            return f"{minus[0]} enters with a minus, and the loss falls without end"
        return ""

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(losses: list[float], **about: object) -> Run:
            facts = {"model": parameter_facts(fc1={}), "seen": {"steps": 3}, "graph": {"terms": [], **about}}
            return run_of({"loss": losses}, facts=facts)

        falling = [-1.4, -9.0, -80.0]
        yield sick("the mean log-likelihood", case(falling, likelihood_sign=1, terms=["log_likelihood"]))
        yield sick("the dice overlap itself", case([0.5, 0.2], overlap_sign=1, terms=["overlap"]))
        yield well("one minus the dice overlap", case([0.5, 0.2], overlap_sign=-1, terms=["overlap"]))
        yield sick("minus a mean squared error", case(falling, loss_sign=-1, terms=["mse_loss"]))
        gaussian = {"loss_sign": 0, "likelihood_sign": 0, "terms": ["custom", "custom"]}
        yield sick("a Gaussian log-likelihood without its minus", case(falling, residual_sign=-1, **gaussian))
        two = {"terms": ["mse_loss", "nll_loss"], "minus": ["nll_loss"], "loss_sign": 0}
        yield sick("one of two losses with a minus", case(falling, **two))
        yield well("an adversary's share that stays small", case([0.9, 0.5, 0.4], **two))
        yield well(
            "a Gaussian likelihood below 0 whose residual is a penalty",
            case(falling, residual_sign=1, **gaussian),
        )
        yield well(
            "a Gaussian likelihood below 0", case(falling, loss_sign=0, likelihood_sign=0, terms=["custom"])
        )
        yield well(
            "cross-entropy by hand", case([1.4, 1.0, 0.5], likelihood_sign=-1, terms=["log_likelihood"])
        )
        yield well(
            "a regulariser below 0 that stays", case([-1.0, -1.1, -1.2], loss_sign=-1, terms=["custom"])
        )
