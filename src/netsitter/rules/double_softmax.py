"""Probabilities are fed to a loss that expects raw scores."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._wiring import SYMPTOMS, loss_facts, main_loss
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class DoubleSoftmax(Rule):
    """Probabilities are fed to a loss that expects raw scores.

    ## What it does
    Looks for a softmax or sigmoid just before a loss function that applies its own, in the graph and in the
    numbers: rows that sum to one.

    ## Why is this bad?
    The second softmax squeezes the scores into [0, 1]: the loss cannot fall below a floor (1.46 for ten
    classes), gradients shrink, and confidence stays low.

    ## What to do
    Drop the softmax (or sigmoid) from the network, and apply it only where probabilities are shown.

    ## When it is wrong
    A network that multiplies its probabilities by a temperature before the loss is not meant.

    ## References
    PyTorch documentation, nn.CrossEntropyLoss: the input is expected to contain unnormalised logits.
    """

    code = "O002"
    severity = Severity.SICK
    depth = Depth.MECHANISM
    needs = ("@losses",)
    explains = ("output-activation", *SYMPTOMS)

    max_row_sum: float = 1e-3
    """Mean distance of a row's sum from one. Raw scores miss it by their size."""

    def check(self, run: Run) -> Iterator[Finding]:
        name = str(main_loss(run).get("name"))
        head = run.facts.get("head") or []
        last = head[-1] if head else ""
        sums, low = run["output/row_sum"].finite, run["output/min"].finite
        are_probabilities = bool(len(sums) and len(low) and sums.max() < self.max_row_sum and low.min() >= 0)
        is_double = (name == "cross_entropy" and (last in ("softmax", "sigmoid") or are_probabilities)) or (
            name == "binary_cross_entropy_with_logits" and last in ("sigmoid", "softmax")
        )
        if not is_double:
            return
        made = last or "softmax"
        own = "sigmoid" if name.startswith("binary") else "softmax"
        yield self.finding(
            f"{name} applies its own {own}, and is fed the output of a {made}.",
            where=(str(run.facts["head_layer"]),) if run.facts.get("head_layer") else (),
            since=0,
            evidence={"head": head, "row_sum": float(sums.max(initial=0.0)), "threshold": self.max_row_sum},
            remedies=(
                Remedy(
                    name="drop-softmax",
                    text=f"Remove the {made} at the end of the network; the loss function applies it.",
                    knob=Knob.OUTPUT,
                    safety=Safety.UNSAFE,
                    settings={"remove": made},
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(name: str, head: list[str], **numbers: float) -> Run:
            values = {key.replace("_", "/", 1): [value] * 5 for key, value in numbers.items()}
            return run_of({"loss": [2.0] * 5, **values}, facts={**loss_facts(name), "head": head})

        yield sick("softmax, then cross-entropy", case("cross_entropy", ["softmax"]))
        yield sick("sigmoid, then a logits loss", case("binary_cross_entropy_with_logits", ["sigmoid"]))
        yield sick(
            "probabilities of unknown origin", case("cross_entropy", [], output_row_sum=1e-7, output_min=0.01)
        )
        yield well("raw scores", case("cross_entropy", [], output_row_sum=2.0, output_min=-3.0))
        yield well("softmax, logarithm, then NLL", case("nll_loss", ["softmax", "log"]))
        yield well("log-softmax twice changes nothing", case("cross_entropy", ["log_softmax"]))
        yield well("sigmoid, then binary cross-entropy", case("binary_cross_entropy", ["sigmoid"]))
