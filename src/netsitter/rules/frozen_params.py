"""Parameters meant to learn never get a gradient."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._progress import if_it_hurts
from netsitter.rules._wiring import SYMPTOMS, layers, parameter_facts, parameters, seen
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class FrozenParams(Rule):
    """Parameters meant to learn never get a gradient.

    ## What it does
    Looks for an optimiser none of whose parameters ever got a gradient, and for a last layer that is frozen
    though it was never trained or loaded.

    ## Why is this bad?
    The optimiser steps and nothing moves; or the features learn for an output layer that stays random.

    ## What to do
    Look where requires_grad is set to False (a name filter that catches more than it should) and whether
    the layer is used in forward at all.

    ## When it is wrong
    A frozen random last layer is a known trick of some papers (fixed classifiers).

    ## References
    PyTorch forum, requires_grad=False caught the new head, thread 84911.
    """

    code = "M003"
    severity = Severity.SICK
    depth = Depth.MECHANISM
    needs = ("@seen", "@model")
    explains = ("params-not-in-optimizer", *SYMPTOMS)

    min_steps: int = 5
    """Steps before an optimiser that moves nothing is believed."""

    def check(self, run: Run) -> Iterator[Finding]:
        known = parameters(run)
        held = {name: about for name, about in known.items() if about.get("stepped")}
        idle = [name for name, about in held.items() if not (about.get("trainable") and about.get("reached"))]
        head = run.facts.get("head_layer")
        own = {name: about for name, about in known.items() if name.startswith(f"{head}.")}
        # An adapter beside a frozen layer trains the layer: only a head with nothing to train is frozen.
        stands_still = not any(about.get("trainable") for about in own.values())
        frozen = [name for name, about in own.items() if stands_still and not about.get("pretrained")]
        moves_nothing = bool(held) and len(idle) == len(held)
        if seen(run, "steps") < self.min_steps or not (moves_nothing or frozen):
            return
        where = layers(idle if moves_nothing else frozen)
        what = (
            "None of the parameters that the optimiser holds"
            if moves_nothing
            else f"The last layer {head!r} never"
        )
        yield self.finding(
            f"{what} gets a gradient: it does not learn.",
            where=where,
            severity=Severity.FATAL if moves_nothing else if_it_hurts(run),
            evidence={
                "without_gradient": len(idle),
                "held": len(held),
                "frozen_head": len(frozen),
                "threshold": 0,
            },
            remedies=(
                Remedy(
                    name="unfreeze",
                    text=f"Set requires_grad to True on {where[0]}, or check that forward uses it.",
                    knob=Knob.WIRING,
                    safety=Safety.UNSAFE,
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(**fc2: object) -> Run:
            facts = {
                "model": parameter_facts(fc1={"optimised": False, "stepped": False}, fc2=fc2),
                "seen": {"steps": 50},
            }
            return run_of({"loss": [1.0] * 50}, facts={**facts, "head_layer": "fc2"})

        yield sick("the new head is frozen", case(trainable=False))
        yield sick("the optimiser holds a layer that is never used", case(reached=False))
        yield well("only the head is trained", case())
        adapted = case(trainable=False, stepped=False, optimised=False)
        adapter = parameter_facts(**{"fc2.adapter": {}})["parameters"]
        adapted.facts["model"]["parameters"].update(adapter)
        yield well("an adapter trains beside the frozen head", adapted)
