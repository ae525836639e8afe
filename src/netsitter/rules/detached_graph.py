"""The loss does not reach layers that take part in the forward pass."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._wiring import SYMPTOMS, layers, parameter_facts, parameters, seen
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class DetachedGraph(Rule):
    """The loss does not reach layers that take part in the forward pass.

    ## What it does
    Compares the modules that were called with the parameters that the loss's graph reaches; layers that the
    optimiser holds and that are called, yet never reached, are cut off.

    ## Why is this bad?
    A detach(), a .data, a conversion to numpy or a torch.tensor(...) between layer and loss cuts the
    gradient: the layers before it stay random.

    ## What to do
    Take the call out of the training path; where a value is wanted for logging only, detach the logged
    copy.

    ## When it is wrong
    Layers that are called only for an output the loss does not use are cut off too, on purpose or not.

    ## References
    PyTorch documentation, Autograd mechanics.
    """

    code = "M004"
    severity = Severity.SICK
    depth = Depth.MECHANISM
    needs = ("@seen", "@model")
    explains = SYMPTOMS

    min_steps: int = 5
    """Sampled steps differ; a branch that rests at first may be reached soon."""

    def check(self, run: Run) -> Iterator[Finding]:
        error = run.facts.get("error") or {}
        if "does not require grad" in str(error.get("message", "")):
            yield self._cut(run, (), "The loss has no graph: backward cannot reach any parameter")
            return
        hollow = seen(run, "hollow")
        if hollow >= self.min_steps and not seen(run, "backwards"):
            yield self._cut(run, (), f"{hollow} optimiser steps, and backward was never called on a loss")
            return
        called = {
            name
            for name, about in ((run.facts.get("model") or {}).get("modules") or {}).items()
            if about.get("called")
        }
        cut = [
            name
            for name, about in parameters(run).items()
            if about.get("stepped")
            and about.get("trainable")
            and about.get("reached") is False
            and about.get("module") in called
        ]
        if cut and seen(run, "steps") >= self.min_steps:
            yield self._cut(
                run,
                layers(cut),
                f"{len(cut)} parameters take part in the forward pass, but the loss does not reach them",
            )

    def _cut(self, run: Run, where: tuple[str, ...], what: str) -> Finding:
        return self.finding(
            f"{what}.",
            where=where,
            since=0,
            severity=None if where else Severity.FATAL,
            evidence={"layers": len(where), "steps": seen(run, "steps"), "threshold": 0},
            remedies=(
                Remedy(
                    name="keep-the-graph",
                    text="Take detach(), .data, numpy() out of the way from layer to loss.",
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

        yield sick("features are detached before the head", case(reached=False))
        dead = {
            "type": "RuntimeError",
            "message": "element 0 of tensors does not require grad and does not have a grad_fn",
        }
        yield sick(
            "nothing has a graph",
            run_of({"loss": [1.0]}, facts={"model": parameter_facts(fc1={}), "seen": {}, "error": dead}),
        )
        model = {"model": parameter_facts(fc1={})}
        yield sick("no backward", run_of({"val/loss": 2.3}, facts={**model, "seen": {"hollow": 400}}))
        yield well("everything is reached", case())
        yield well("a layer that is never called", case(reached=False, called=False))
        yield well("a teacher outside the optimiser", case(reached=False, stepped=False))
