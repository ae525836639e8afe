"""Decay pulls harder than the data."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from netsitter.curve import level
from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import curve, layers, model, run_of
from netsitter.rules._progress import at_same_steps, if_it_hurts, solved, weights
from netsitter.rules._wiring import graph
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class OverRegularised(Rule):
    """Weight decay pulls the weights to zero harder than the data's gradient holds them.

    ## What it does
    Compares, for every weight matrix, the pull of decay (decay x weight norm) with the gradient of the
    loss, and looks whether the weights have shrunk away; where decay acts on the weights directly,
    within how many steps it takes back what a step has taught; and whether the other terms of a loss that
    began larger than the one that reads the targets have left the outputs the same for every input.

    ## Why is this bad?
    The network is taught to be small instead of to be right. Its outputs shrink towards a constant.

    ## What to do
    Divide the weight decay by 100, or turn it off until the training loss falls, then raise it slowly.

    ## When it is wrong
    At the end of a long regularised run the two pulls balance; that is why shrunken weights and a poor
    training loss are asked for as well.

    ## References
    Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019: with Adam, L2 and decay differ.
    Wang and Aitchison, How to set AdamW's weight decay as you scale model and dataset size, 2024: weights
    are an average over the last 1 / (rate x decay) steps, which should be an epoch or more.
    """

    code = "F010"
    severity = Severity.SICK
    depth = Depth.SETTING
    needs = ("@model", "@optimizers", "weight_norm/*", "grad_norm/*")
    explains = (
        "not-learning", "plateau", "underfitting", "constant-output", "vanishing-gradients", "dead-units",
        "too-few-epochs", "class-imbalance-collapse", "labels-misaligned", "lr-too-low", "lr-too-high",
        "init-too-small",
    )  # fmt: skip

    min_pull: float = 1.0
    """Decay over gradient: at 1 the data no longer decides."""
    min_shrink: float = 0.5
    """Weight norm against its start. Healthy decay (1e-4..1e-2) shrinks by a few percent a run."""
    vanished: float = 0.05
    """Weights that shrink to a twentieth are pulled by something, be it a penalty written into the loss."""
    memory: float = 50.0
    """Steps that the weights remember: the papers' epochs have hundreds to thousands, and usual settings
    (rate 1e-3, decay 0.01 to 0.1) remember 1e4 to 1e5."""
    good: float = 0.5
    """A run that has learnt this share of what there is does not suffer from its decay."""

    same: float = 0.2
    """Spread of the outputs over that of the targets, both from row to row: an autoencoder that works has
    0.5 to 1, one whose code has collapsed 0.01 to 0.15."""
    heavy: float = 0.05
    """What the other terms of the loss add at the start, over the term that reads the targets."""
    gone: float = 0.2
    """Share of them that is left at the end: they were minimised, and with them what the code says."""

    def check(self, run: Run) -> Iterator[Finding]:
        if (spread := self._collapsed(run)) is not None:
            yield self.finding(
                "The other terms of the loss outweigh the one that reads the targets: the outputs differ "
                f"between inputs by only {spread:.1%} of what the targets do.",
                where=("loss",),
                evidence={"spread": spread, "threshold": self.same},
                remedies=(_LIGHTER_PENALTY,),
            )
        else:
            yield from self._decayed(run)

    def _decayed(self, run: Run) -> Iterator[Finding]:
        """Decay that takes back what steps teach, or pulls the weights to zero."""
        decay = max((_decay(group) for group in run.facts["optimizers"]), default=0.0)
        remembered = min((_memory(group) for group in run.facts["optimizers"]), default=math.inf)
        if remembered < self.memory and if_it_hurts(run) is Severity.SICK:
            yield self.finding(
                f"Weight decay of {decay:g} at this learning rate takes back within {remembered:.0f} steps "
                "what a step has taught.",
                since=0,
                evidence={"weight_decay": decay, "memory": remembered, "threshold": self.memory},
                remedies=(_LESS_DECAY,),
            )
            return
        if solved(run) >= self.good:
            return
        penalty = _penalty(run)
        pulled = {
            name: (shrink, pull)
            for name in weights(run)
            for shrink, pull in _shrink_and_pull(run, name, decay)
            if (shrink < self.min_shrink and max(pull, penalty) >= self.min_pull) or shrink < self.vanished
        }
        if len(pulled) * 2 < max(1, len(weights(run))):
            return
        where = sorted(pulled, key=lambda name: pulled[name][0])
        yield self.finding(
            (f"Weight decay of {decay:g}" if decay else "A penalty in the loss")
            + f" pulls {len(pulled)} weight matrices to zero: {where[0]} has shrunk to "
            f"{pulled[where[0]][0]:.1%} of its start.",
            where=where,
            since=0,
            evidence={
                "weight_decay": decay,
                "shrink": pulled[where[0]][0],
                "pull_over_gradient": pulled[where[0]][1],
                "threshold": self.min_pull,
            },
            remedies=(_LESS_DECAY,),
        )

    def _collapsed(self, run: Run) -> float | None:
        """What is left of the outputs' spread where heavy terms beside the main one took it; else None."""
        made, wanted = run["output/row_std"], level(run["target/row_std"].values)
        if len(graph(run).get("terms") or ()) < 2 or len(made) < 12 or not wanted > 0:
            return None
        spread, added = level(made.tail(6)) / wanted, _added(run)
        if len(added) < 12 or not spread <= self.same or made.last > made.first:
            return None
        is_heavy = added[0] > self.heavy * abs(run["loss/call"].first)
        return spread if is_heavy and level(added[-6:]) < self.gone * added[0] else None

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(decay: float, last: float, loss_end: float, **group: object) -> Run:
            norms = {f"weight_norm/layer{i}.weight": np.geomspace(8, last, 40) for i in range(3)}
            loss = curve(2.3, loss_end, noise=0.0)
            return run_of(
                {"loss": loss, "init/loss": loss[0], "init/loss_expected": 2.3, **norms}
                | layers(0.3, 0.3, 0.3, name="grad_norm/layer{}.weight"),
                facts={
                    "model": model("Linear", "Linear", "Linear"),
                    "optimizers": [{"weight_decay": decay, **group}],
                },
            )

        yield sick("all weights decay away", case(0.3, 0.05, 2.3))

        def vae(spread: float, terms: int = 3) -> Run:
            return run_of(
                {
                    "loss": np.geomspace(1.1, 0.21, 40),
                    "loss/call": [0.2] * 40,
                    "output/row_std": [spread] * 40,
                }
                | {"target/row_std": [0.25] * 40, "weight_norm/layer0.weight": [1.0] * 40}
                | {"grad_norm/layer0.weight": [1.0] * 40},
                facts={"model": model("Linear"), "optimizers": [{}], "graph": {"terms": ["custom"] * terms}},
            )

        yield sick("a divergence so heavy that the code says nothing", vae(0.01))
        yield well("a divergence that leaves the code its sense", vae(0.2))
        yield well("nothing beside the main term", vae(0.01, terms=1))
        yield sick("a penalty written into the loss", case(0.0, 1e-6, 2.3))
        forgets = {"type": "AdamW", "lr": 0.01, "weight_decay": 8.0}
        yield sick("what was learnt is gone within a dozen steps", case(8.0, 7.0, 1.6, **forgets))
        yield well("ordinary decay", case(1e-3, 7.0, 0.4))
        yield well("weights that shrink while the network learns", case(0.3, 1.0, 0.1))


_LIGHTER_PENALTY = Remedy(
    name="lighter-penalty",
    text="Divide the weight of the penalty (the divergence of a VAE) by 10, or raise it slowly.",
    knob=Knob.REGULARIZATION,
)
_LESS_DECAY = Remedy(
    name="less-decay",
    text="Divide the weight decay by 100.",
    knob=Knob.REGULARIZATION,
    safety=Safety.UNSAFE,
    settings={"weight_decay_factor": 0.01},
)


def _memory(group: dict[str, Any]) -> float:
    """Steps after which decay has left 1 / e of a step, where it acts on the weights directly."""
    pull = float(group.get("lr") or 0.0) * _decay(group)
    is_direct = str(group.get("type")) in ("AdamW", "SGD")
    return (1 - float(group.get("momentum") or 0.0)) / pull if is_direct and pull > 0 else math.inf


def _decay(group: dict[str, Any]) -> float:
    return float(group.get("weight_decay") or 0.0)


def _shrink_and_pull(run: Run, name: str, decay: float) -> Iterator[tuple[float, float]]:
    """A matrix's last norm over its first, and decay's pull over the gradient in the first half."""
    norms, grads = run[f"weight_norm/{name}"].finite, run[f"grad_norm/{name}"].finite
    if len(norms) >= 4 and norms[0] > 0:
        half = len(norms) // 2
        pull = decay * float(np.median(norms[:half])) / max(level(grads[:half]), 1e-30)
        yield float(norms[-1] / norms[0]), pull if pull < 1e9 else 1e9 if pull > 0 else 0.0


def _penalty(run: Run) -> float:
    """What was added to the loss function's own value at the start, in units of that value; 0 if nothing."""
    own, whole = run["loss/call"].first, run["loss"].first
    return (whole - own) / own if own > 0 and math.isfinite(whole) else 0.0


def _added(run: Run) -> np.ndarray:
    """What other terms add to the one that reads the targets, on sampled steps."""
    return np.array([whole - own for whole, own in at_same_steps(run["loss"], run["loss/call"])])
