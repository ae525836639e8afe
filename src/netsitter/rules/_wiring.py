"""Reading the facts that observing states: counters, loss functions, what the graph said."""

from typing import Any

from netsitter.run import Run

SYMPTOMS = (
    "constant-output", "not-learning", "plateau", "underfitting", "overfitting", "oscillation", "loss-spike",
    "too-few-epochs", "lr-too-low", "lr-too-high", "lr-vanished", "vanishing-gradients", "optimizer-eps",
    "exploding-gradients", "dead-units", "saturated-units", "weight-growth", "bad-initial-loss",
    "class-imbalance-collapse",
    "over-regularised", "labels-misaligned", "worse-than-baseline", "non-finite-loss", "clipping-always-on",
    "noisy-validation", "init-too-small", "init-too-large", "dropout-too-high", "validation-leak",
)  # fmt: skip
"""What a training shows whose program is wrong: none of it is worth acting on before the program is right."""

CLASSIFIERS = (
    "cross_entropy", "nll_loss", "log_likelihood", "binary_cross_entropy", "binary_cross_entropy_with_logits",
)  # fmt: skip
"""Losses whose targets are classes."""


def seen(run: Run, counter: str) -> int:
    """How often something was heard; 0 if never."""
    counters = run.facts.get("seen") or {}
    return int(counters.get(counter, 0) or 0)


def since(run: Run, counter: str) -> int | None:
    """The step at which a counter first rose."""
    return (run.facts.get("since") or {}).get(counter)


def main_loss(run: Run) -> dict[str, Any]:
    """What is known of the main loss function; empty when it was written by hand."""
    losses = run.facts.get("losses") or []
    return losses[0] if losses else {}


def graph(run: Run) -> dict[str, Any]:
    return run.facts.get("graph") or {}


def parameters(run: Run) -> dict[str, dict[str, Any]]:
    """Parameters that belong to a module, in the order of the model."""
    model = run.facts.get("model") or {}
    return {
        name: about
        for name, about in (model.get("parameters") or {}).items()
        if about.get("kind") != "Tensor"
    }


def layers(names: list[str]) -> tuple[str, ...]:
    """Parameter names to module names, each once, in order."""
    return tuple(dict.fromkeys(name.rpartition(".")[0] or name for name in names))


def loss_facts(name: str, **more: Any) -> dict[str, Any]:
    """A `losses` entry for a case."""
    entry = {"name": name, "reduction": "mean", "prediction_shape": [32, 10], "target_shape": [32], "sign": 1}
    return {"losses": [{**entry, "target_dtype": "int64", **more}]}


def parameter_facts(**layers: dict[str, Any]) -> dict[str, Any]:
    """A `model` fact for a case: one weight of each layer; ``fc1={"reached": False}``."""
    usual = {"shape": [8, 8], "kind": "Linear", "trainable": True, "optimised": True, "stepped": True}
    usual |= {"reached": True, "elements": 64, "pretrained": False}
    named = {f"{name}.weight": {**usual, "module": name, **about} for name, about in layers.items()}
    modules = {
        name: {"type": "Linear", "called": about.get("called", True)} for name, about in layers.items()
    }
    return {"name": "Net", "parameters": named, "modules": modules, "unregistered": []}
