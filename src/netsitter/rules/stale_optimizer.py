"""The optimiser steps parameters that are not the model's."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._wiring import SYMPTOMS, layers, parameter_facts, parameters, seen
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class StaleOptimizer(Rule):
    """The optimiser steps parameters that are not the model's.

    ## What it does
    Compares the tensors that the optimiser holds with the parameters of the models that are alive and that
    the loss reaches.

    ## Why is this bad?
    The optimiser moves tensors that nothing uses any more, while the network in use stays as it was
    initialised.

    ## What to do
    Make the optimiser after the model is final: after rebuilding it, replacing layers, or moving it by a
    call that returns new parameters.

    ## When it is wrong
    Parameters that a program keeps outside any module, and does not train, do not count.

    ## References
    PyTorch documentation, torch.optim: construct optimisers after moving or changing the model.
    """

    code = "M001"
    severity = Severity.FATAL
    depth = Depth.MECHANISM
    needs = ("@seen", "@model", "@optimizers")
    explains = ("params-not-in-optimizer", "frozen-params", *SYMPTOMS)

    min_steps: int = 3
    """Below this the optimiser may be about to be replaced."""

    def check(self, run: Run) -> Iterator[Finding]:
        known = parameters(run)
        foreign = sum(int(group.get("foreign") or 0) for group in run.facts.get("optimizers") or [])
        held = [about for about in known.values() if about.get("stepped")]
        # A copy of the model is trained in its stead; what is frozen is not reached either.
        if held and not any(
            about.get("reached") is not False or not about.get("trainable") for about in held
        ):
            foreign += len(held)
        left = [
            name
            for name, about in known.items()
            if about.get("reached") and about.get("trainable") and not about.get("optimised")
        ]
        if not foreign or not left or seen(run, "steps") < self.min_steps:
            return
        yield self.finding(
            f"The optimiser steps {foreign} tensors that the loss does not use, and {len(left)} parameters "
            "of the model that gives the loss are stepped by none.",
            where=layers(left),
            evidence={"foreign": foreign, "left_out": len(left), "threshold": 0},
            remedies=(
                Remedy(
                    name="make-optimizer-last",
                    text="Make the optimiser after the model is final: optimizer = ...(model.parameters()).",
                    knob=Knob.WIRING,
                    safety=Safety.UNSAFE,
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(foreign: int, *, optimised: bool) -> Run:
            facts = {"model": parameter_facts(fc1={"optimised": optimised}), "seen": {"steps": 50}}
            return run_of(
                {"loss": [1.0] * 50}, facts={**facts, "optimizers": [{"type": "SGD", "foreign": foreign}]}
            )

        yield sick("the model was rebuilt", case(1, optimised=False))
        yield well("as it should be", case(0, optimised=True))
        yield well("a free tensor is trained as well", case(1, optimised=True))
