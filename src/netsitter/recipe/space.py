"""What the search may vary, and the settings it starts from.

Settings come in two kinds. Those of the *shape* (layers, units, embeddings, batch size, …) must agree
among networks that are trained as one population, so they are drawn once for a group. Those of a
*member* (rate, decay, dropout, schedule, …) are drawn for every network of the group.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import optuna

from netsitter.recipe.context import Candidate, Context
from netsitter.tables.schema import Task

Draw = Callable[[optuna.Trial], Any]

SHORTEST = 5
"""Epochs: less is no training."""
LEAST_DECAY = 1e-4
"""As good as none: the search is on a log scale, which has no 0."""
LEAST_RATE, HIGHEST_RATE = 3e-4, 1e-2
"""Rates of Adam between which networks for tables are found (Gorishniy et al. 2021, appendix: 1e-5 to
1e-2; the lower ones need more epochs than a short search has)."""


@dataclass(frozen=True, kw_only=True)
class Space:
    """Setting → how it is drawn."""

    shape: Mapping[str, Draw]
    member: Mapping[str, Draw]

    def draw(self, trial: optuna.Trial) -> dict[str, Any]:
        return {key: draw(trial) for key, draw in (*self.shape.items(), *self.member.items())}

    def within(self, point: Mapping[str, Any]) -> dict[str, Any]:
        """The settings of a point that are searched."""
        return {
            key: value
            for key, value in point.items()
            if value is not None and (key in self.shape or key in self.member)
        }


def search_space(context: Context, start: Candidate, epochs: int) -> Space:
    """Architecture, embeddings, rate and schedule, regularisation, start and loss, less what is pinned.

    ``epochs`` is the longest training; a half and a quarter of it let the rate fall to 0 sooner, which
    a table that is quickly overfitted needs.
    """
    shape = {**_architecture(start), **_embeddings(context, start), **_pace(start, epochs), **_loss(context)}
    member = _member(start)
    if context.problem.task is not Task.REGRESSION:
        member["fit.label_smoothing"] = lambda t: t.suggest_float("fit.label_smoothing", 0.0, 0.1)
    free = context.is_free
    return Space(
        shape={key: draw for key, draw in shape.items() if free(key)},
        member={key: draw for key, draw in member.items() if free(key)},
    )


def _one_of(key: str, choices: list[Any]) -> Draw:
    return lambda trial: trial.suggest_categorical(key, choices)


def _architecture(start: Candidate) -> dict[str, Draw]:
    return {
        "net.width": _one_of("net.width", sorted({64, 128, 256, start.net.width})),
        "net.depth": lambda t: t.suggest_int("net.depth", 1, 4),
        "net.activation": _one_of("net.activation", ["relu", "silu", "mish", "selu"]),
        "net.norm": _one_of("net.norm", ["none", "batch-before", "layer"]),
        "net.residual": _one_of("net.residual", [False, True]),
    }


def _embeddings(context: Context, start: Candidate) -> dict[str, Draw]:
    encoder = context.problem.fold().encoder
    space: dict[str, Draw] = {}
    if any(encoder.is_continuous):
        space["net.numeric_embedding"] = _one_of(
            "net.numeric_embedding", ["none", "pbld", "periodic", "piecewise-linear"]
        )
        size = start.net.numeric_embedding_size
        space["net.numeric_embedding_size"] = _one_of("net.numeric_embedding_size", sorted({8, 16, size}))
        space["net.bins"] = _one_of("net.bins", [16, 48, 128])
    if encoder.cardinalities:
        space["net.embedding_size"] = _one_of("net.embedding_size", [0, 4, 8, 16])
    return space


def _pace(start: Candidate, epochs: int) -> dict[str, Draw]:
    batch = start.fit.batch_size
    lengths = sorted({max(SHORTEST, round(epochs / part)) for part in (1, 2, 4)})
    space = {"fit.batch_size": _one_of("fit.batch_size", sorted({max(batch // 2, 16), batch, batch * 2}))}
    if len(lengths) > 1:
        space["fit.epochs"] = _one_of("fit.epochs", lengths)
    return space


def _loss(context: Context) -> dict[str, Draw]:
    """For numbers: the advised loss against the squared one, the advised scale against the plain one."""
    advice = context.problem.advice
    if context.problem.task is not Task.REGRESSION:
        return {}
    space = {"fit.loss": _one_of("fit.loss", sorted({advice["loss"], "mse", "huber"}))}
    if advice["transformation"] != "identity":
        space["fit.transformation"] = _one_of("fit.transformation", [advice["transformation"], "identity"])
    return space


def _member(start: Candidate) -> dict[str, Draw]:
    low, high = min(LEAST_RATE, start.fit.lr / 3), max(HIGHEST_RATE, start.fit.lr * 3)
    return {
        "fit.lr": lambda t: t.suggest_float("fit.lr", low, high, log=True),
        "fit.weight_decay": lambda t: t.suggest_float("fit.weight_decay", LEAST_DECAY, 1.0, log=True),
        "net.dropout": lambda t: t.suggest_float("net.dropout", 0.0, 0.5),
        "net.frequency_scale": lambda t: t.suggest_float("net.frequency_scale", 0.05, 3.0, log=True),
        "net.init": _one_of("net.init", ["he", "lecun", "orthogonal", "lsuv"]),
        "fit.schedule": _one_of("fit.schedule", ["cosine", "one-cycle", "coslog4", "flat-then-anneal"]),
        "fit.averaging": _one_of("fit.averaging", [0.0, 0.995]),
    }


BINS = {"net.numeric_embedding": "piecewise-linear", "net.bins": 48}
KNOWN: tuple[dict[str, Any], ...] = (
    # TabM (Gorishniy et al. 2025): bins of every number before a plain network with little dropout; its
    # gain over one network comes from averaging many, as here.
    {
        **BINS,
        "net.width": 128,
        "net.depth": 3,
        "net.activation": "relu",
        "net.norm": "none",
        "net.dropout": 0.1,
        "fit.lr": 2e-3,
        "fit.weight_decay": 3e-4,
    },
    # A wide and shallow one with batch norm, the habit of Kaggle's tabular solutions: quick to train.
    {**BINS, "net.width": 256, "net.depth": 2, "net.norm": "batch-before", "net.dropout": 0.2},
    # A small, heavily regularised network: small and noisy tables (the cocktail of Kadra et al. 2021).
    {
        "net.width": 64,
        "net.depth": 2,
        "net.dropout": 0.4,
        "fit.weight_decay": 0.3,
        "fit.averaging": 0.995,
    },
    # MLP-PLR of Gorishniy et al. 2022: periodic embeddings before a plain network.
    {"net.numeric_embedding": "periodic", "net.frequency_scale": 0.3, "net.dropout": 0.1},
    # RealMLP-TD (Holzmüller et al. 2024): three layers of 256, PBLD embeddings, dropout 0.15.
    {
        "net.width": 256,
        "net.depth": 3,
        "net.activation": "mish",
        "net.numeric_embedding": "pbld",
        "net.frequency_scale": 0.1,
        "net.dropout": 0.15,
        "net.norm": "none",
        "fit.schedule": "coslog4",
        "fit.weight_decay": 0.02,
    },
)
"""What others found to be good on tables, each as changes to what the stage before has chosen."""


def known_good(start: Candidate) -> list[dict[str, Any]]:
    """Starting points: what the stage before chose, and that with each of ``KNOWN``."""
    own = {
        **{f"net.{f}": getattr(start.net, f) for f in start.net.__struct_fields__},
        **{f"fit.{f}": getattr(start.fit, f) for f in start.fit.__struct_fields__},
        "fit.weight_decay": max(start.fit.weight_decay, LEAST_DECAY),
    }
    return [own] + [{**own, **point} for point in KNOWN]
