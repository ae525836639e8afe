"""Linear layers in a row: one linear model in disguise."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import model, run_of
from netsitter.rules._progress import if_it_hurts
from netsitter.run import Run

LINEAR = ("Linear", "Conv1d", "Conv2d", "Conv3d")


@dataclass(frozen=True, kw_only=True)
class NoNonlinearity(Rule):
    """The layers follow each other with no activation between: together they are one linear map.

    ## What it does
    Reads which operation each weighted layer's output meets first on its way to the next one.

    ## Why is this bad?
    Two linear maps in a row are one linear map. The network can learn nothing that a linear model
    could not, at many times the price.

    ## What to do
    Put a ReLU, GELU or tanh after every hidden layer.

    ## When it is wrong
    Linear autoencoders, matrix factorisation and low-rank layers are linear on purpose.

    ## References
    Saxe, McClelland and Ganguli, 2014: deep linear networks, expressive as one layer.
    """

    code = "A003"
    severity = Severity.SICK
    depth = Depth.MECHANISM
    needs = ("@model", "@activations")
    explains = (
        "plateau", "not-learning", "underfitting", "labels-misaligned", "constant-output",
        "too-few-epochs",
    )  # fmt: skip

    min_layers: int = 2
    """One linear layer is a linear model and says so."""
    good: float = 0.85
    """Share learnt from which on a linear model is enough."""

    def check(self, run: Run) -> Iterator[Finding]:
        modules = (run.facts["model"] or {}).get("modules") or {}
        used = {name: about for name, about in modules.items() if about.get("called", True)}
        weighted = [
            name
            for name, about in used.items()
            if about.get("type") in LINEAR and about.get("in") is not None
        ]
        head = run.facts.get("head_layer")
        activations: dict[str, Any] = run.facts["activations"]
        hidden = [name for name in weighted if name != head and name in activations]
        bare = [name for name in hidden if activations[name] is None]
        if len(weighted) < self.min_layers or not bare or _has_other_layers(used) or run.facts.get("norms"):
            return
        whole = len(bare) == len(weighted) - 1
        if not whole and len(bare) < 2:
            return
        yield self.finding(
            f"Nothing stands between {bare[0]} and the layer behind it"
            + (f", nor behind {len(bare) - 1} more" if len(bare) > 1 else "")
            + (": the network is one linear model." if whole else ": these layers are one linear layer."),
            where=bare,
            severity=if_it_hurts(run, self.good)
            if whole and not _is_autoencoder(run) and not _is_recurrent(run, used[weighted[0]])
            else Severity.ODD,
            evidence={"layers": len(weighted), "without_activation": len(bare), "threshold": self.good},
            remedies=(
                Remedy(
                    name="add-activation",
                    text="Put a ReLU after every hidden layer.",
                    knob=Knob.ACTIVATION,
                    safety=Safety.UNSAFE,
                    settings={"activation": "relu"},
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(*activations: str | None) -> Run:
            kinds = ["Linear"] * (len(activations) + 1)
            facts = {
                "model": model(*kinds),
                "activations": {f"layer{i}": name for i, name in enumerate(activations)},
                "head_layer": f"layer{len(activations)}",
            }
            return run_of({}, facts=facts)

        yield sick("three linear layers in a row", case(None, None))
        yield well("ReLU between", case("relu", "relu"))
        yield well("one bottleneck without activation", case("relu", None, "relu"))
        yield well("a linear model", case())


def _has_other_layers(modules: dict[str, Any]) -> bool:
    """Recurrent layers, attention and embeddings bring a nonlinearity of their own."""
    words = ("LSTM", "GRU", "RNN", "Attention", "Transformer", "Embedding", "Bilinear")
    return any(word in str(about.get("type")) for about in modules.values() for word in words)


def _is_recurrent(run: Run, first: dict[str, Any]) -> bool:
    """Whether layers are passed at each place of a sequence: linear recurrences are a kind of their own."""
    shape = run.facts.get("input_shape") or []
    return len(shape) >= 3 and shape[-1] == first.get("in")


def _is_autoencoder(run: Run) -> bool:
    losses = run.facts.get("losses") or [{}]
    shape = losses[0].get("prediction_shape")
    return bool(shape) and len(shape) > 1 and list(shape) == list(run.facts.get("input_shape") or ())
