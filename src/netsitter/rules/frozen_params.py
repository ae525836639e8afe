"""Parameters meant to learn never get a gradient."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._progress import if_it_hurts, learnable, solved
from netsitter.rules._wiring import SYMPTOMS, layers, parameter_facts, parameters, seen
from netsitter.run import Run


def _unfreeze(layer: str) -> Remedy:
    return Remedy(
        name="unfreeze",
        text=f"Set requires_grad to True on {layer}, or check that forward uses it.",
        knob=Knob.WIRING,
        safety=Safety.UNSAFE,
    )


@dataclass(frozen=True, kw_only=True)
class FrozenParams(Rule):
    """Parameters meant to learn never get a gradient.

    ## What it does
    Looks for an optimiser none of whose parameters ever got a gradient, for a last layer that is frozen
    though it was never trained or loaded, and for a good part of the network that is.

    ## Why is this bad?
    The optimiser steps and nothing moves; or the features learn for an output layer that stays random.

    ## What to do
    Look where requires_grad is set to False (a name filter that catches more than it should) and whether
    the layer is used in forward at all.

    ## When it is wrong
    A frozen random last layer is a known trick of some papers (fixed classifiers), and so are random
    features; where such a network learns well it is only odd.

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
    min_chance: int = 100
    """Steps before what a head has not learnt is laid at the door of what feeds it."""
    min_frozen: float = 0.2
    """Share of the called weights that stay as they were drawn; less is a detail."""
    gap: float = 0.15
    """By so much more the nearest neighbour may know of a label before the frozen weights are blamed."""

    hardly: float = 0.2
    """Share of what an ignorant answer leaves open that counts as next to nothing."""

    def check(self, run: Run) -> Iterator[Finding]:
        known, head = parameters(run), run.facts.get("head_layer")
        held = {name: about for name, about in known.items() if about.get("stepped")}
        idle = [
            name
            for name, about in held.items()
            if not about.get("trainable") or about.get("reached") is False
        ]
        own = {name: about for name, about in known.items() if name.startswith(f"{head}.")}
        # An adapter beside a frozen layer trains the layer: only a head with nothing to train is frozen.
        learns = any(about.get("trainable") for about in own.values())
        frozen = [] if learns else [name for name, about in own.items() if not about.get("pretrained")]
        drawn, share = _left_as_drawn(run)
        moves_nothing = bool(held) and len(idle) == len(held)
        if seen(run, "steps") < self.min_steps or not (moves_nothing or frozen or share >= self.min_frozen):
            return
        where = layers(idle if moves_nothing else frozen or drawn)
        if moves_nothing:
            what, severity = "None of the parameters that the optimiser holds ever gets", Severity.FATAL
        elif frozen:
            what, severity = f"The last layer {head!r} never gets", if_it_hurts(run)
        else:
            what = f"Layers from {where[0]!r} on stay as they were drawn at random: they never get"
            severity = Severity.SICK if self._lags(run) else Severity.ODD
        yield self.finding(
            f"{what} a gradient.",
            where=where,
            severity=severity,
            evidence={
                "without_gradient": len(idle),
                "held": len(held),
                "frozen_head": len(frozen),
                "frozen_share": share,
                "threshold": self.min_frozen,
            },
            remedies=(_unfreeze(where[0]),),
        )

    def _lags(self, run: Run) -> bool:
        """Whether the rows say more of their labels than the network has learnt in its time, or where that
        is not known, whether it has learnt next to nothing."""
        knows_more = learnable(run) - solved(run) > self.gap or solved(run) < self.hardly
        return seen(run, "steps") >= self.min_chance and knows_more

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
        yield sick("the layers before the head are frozen as they were drawn", _random_features(0.3))
        yield well("a loaded backbone stays frozen", _random_features(0.95, pretrained=True))
        yield well("only the head is trained", case())
        yield well("nobody has looked where gradients come to", case(reached=None))
        adapted = case(trainable=False, stepped=False, optimised=False)
        adapter = parameter_facts(**{"fc2.adapter": {}})["parameters"]
        adapted.facts["model"]["parameters"].update(adapter)
        yield well("an adapter trains beside the frozen head", adapted)


def _left_as_drawn(run: Run) -> tuple[list[str], float]:
    """Weights of called layers that are frozen and were neither trained nor loaded, and their share."""
    modules = (run.facts.get("model") or {}).get("modules") or {}
    used = {
        name: about
        for name, about in parameters(run).items()
        if (modules.get(str(about.get("module"))) or {}).get("called")
    }
    learning = [name for name, about in parameters(run).items() if about.get("trainable")]
    frozen = [
        name
        for name, about in used.items()
        if not (about.get("trainable") or about.get("pretrained") or _is_adapted(about, learning))
    ]
    total = sum(int(about.get("elements") or 0) for about in used.values())
    return frozen, sum(int(used[name].get("elements") or 0) for name in frozen) / max(total, 1)


def _is_adapted(about: dict[str, Any], learning: list[str]) -> bool:
    """Whether something beside or below the layer learns in its stead, as an adapter does."""
    module = str(about.get("module"))
    block = module.rpartition(".")[0] or module
    return any(name.startswith(f"{block}.") for name in learning)


def _random_features(accuracy: float, **fc1: object) -> Run:
    """A head trained on a frozen layer."""
    about = {"trainable": False, "reached": False, "optimised": False, "stepped": False, **fc1}
    facts = {"model": parameter_facts(fc1=about, fc2={}), "seen": {"steps": 200}, "head_layer": "fc2"}
    told = {"data/neighbour_agreement": 0.95, "data/neighbour_chance": 0.1, "data/neighbour_rows": 400}
    numbers = {"loss": [1.0] * 50, "metric/accuracy": [accuracy] * 9, "target/top_share_all": 0.1}
    return run_of({**numbers, **told}, facts=facts)
