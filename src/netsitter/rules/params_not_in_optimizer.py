"""Parameters that the loss reaches are stepped by no optimiser."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._wiring import SYMPTOMS, layers, parameter_facts, parameters, seen
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class ParamsNotInOptimizer(Rule):
    """Parameters that the loss reaches are stepped by no optimiser.

    ## What it does
    Lists trainable parameters of the model that receive a gradient and that no optimiser holds.

    ## Why is this bad?
    Those layers stay random for the whole training, and what follows has to learn from random features.

    ## What to do
    Give all of model.parameters() to the optimiser; keep layers in nn.ModuleList or nn.ModuleDict, since
    PyTorch does not see modules in a plain list or dict.

    ## When it is wrong
    A backbone that is kept on purpose; one that was loaded or trained before is only odd, and so are the
    scales and shifts of norm layers. Setting
    requires_grad to False says so and saves time.

    ## References
    PyTorch documentation, nn.ModuleList.
    """

    code = "M002"
    severity = Severity.SICK
    depth = Depth.MECHANISM
    needs = ("@seen", "@model")
    explains = SYMPTOMS

    min_steps: int = 5
    """Another optimiser may make its first step a little later."""

    def check(self, run: Run) -> Iterator[Finding]:
        known = parameters(run)
        left = [
            name
            for name, about in known.items()
            if about.get("reached") and about.get("trainable") and not about.get("optimised")
        ]
        foreign = any(group.get("foreign") for group in run.facts.get("optimizers") or [])
        # An optimiser that steps no layer at all works on something else: an input, a prompt.
        trains = any(about.get("stepped") for about in known.values())
        if not left or foreign or not trains or seen(run, "steps") < self.min_steps:
            return
        hidden = (run.facts.get("model") or {}).get("unregistered") or []
        # Scale and shift of a norm layer matter little; what was trained before is kept on purpose.
        kept = all(known[n].get("pretrained") or "Norm" in str(known[n].get("kind")) for n in left)
        reason = ": a plain list or dict hides them from model.parameters()" if hidden else ""
        yield self.finding(
            f"{len(left)} of {len(known)} parameters get a gradient, but no optimiser steps them{reason}.",
            where=layers(left),
            since=0,
            severity=Severity.ODD if kept else None,
            evidence={
                "left_out": len(left),
                "parameters": len(known),
                "unregistered": len(hidden),
                "threshold": 0,
            },
            remedies=(
                Remedy(
                    name="use-module-list" if hidden else "give-all-parameters",
                    text="Keep the layers in nn.ModuleList instead of a list."
                    if hidden
                    else "Give all of model.parameters() to the optimiser; freeze what is to stay.",
                    knob=Knob.WIRING,
                    safety=Safety.UNSAFE,
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(**fc1: object) -> Run:
            facts = {"model": parameter_facts(fc1=fc1, fc2={}), "seen": {"steps": 50}}
            return run_of({"loss": [1.0] * 50}, facts=facts)

        yield sick("a layer is left out", case(optimised=False))
        yield well("all are stepped", case())
        yield well("frozen on purpose", case(optimised=False, trainable=False))
        yield well("not used by this loss", case(optimised=False, reached=False))
