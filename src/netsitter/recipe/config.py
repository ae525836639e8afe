"""What can be set: one tree of typed settings, from a TOML file, the command line, or Python.

A wrong key or value is named by its path, with the nearest right one. What the user set is
*pinned*: no stage varies it.
"""

import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from netsitter.errors import UsageError, did_you_mean
from netsitter.nets.config import NetConfig

NUMBER = r"(\d+\.?\d*|\.\d+)"
DURATION = re.compile(rf"(?:{NUMBER}h)?(?:{NUMBER}m)?(?:{NUMBER}s?)?", re.ASCII)
STAGES = ("look", "baselines", "overfit", "regularize", "tune", "squeeze")


class DataConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which table, which columns, which rows."""

    task: str | None = None
    """regression, binary or multiclass; guessed and stated when not set."""
    columns: dict[str, str] = {}
    """Column name → kind, where the guess is wrong."""
    drop: tuple[str, ...] = ()
    group: str | None = None
    """Rows of one group stay on one side of every split."""
    time: str | None = None
    """Newest rows are kept for the test."""
    validation: str | None = None
    test: str | None = None
    test_fraction: float = 0.15
    validation_fraction: float = 0.15


class FitConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one network is trained."""

    loss: str | None = None
    """A name of `netsitter.nets.losses`; chosen from the target's distribution when not set."""
    loss_parameters: dict[str, float] = {}
    transformation: str | None = None
    """Of a regression target: identity, log, log1p or yeo-johnson; chosen by its skew when not set."""
    label_smoothing: float = 0.0
    class_weights: bool = False
    optimizer: str = "adamw"
    lr: float = 1e-3
    schedule: str = "cosine"
    warmup: float = 0.05
    """Share of all steps over which the rate rises from 0."""
    weight_decay: float = 0.0
    batch_size: int = 256
    epochs: int = 60
    patience: int = 16
    """Epochs without a better validation score before the training ends; 0 never ends early."""
    clip: float = 0.0
    """Largest gradient norm; 0 does not clip."""
    averaging: float = 0.0
    """Decay of an exponential moving average of the weights, per step; 0 keeps none."""


class RecipeConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long, how far, with which seed, where."""

    budget: float | None = None
    """Seconds for the whole recipe; chosen from the table's size and stated when not set."""
    until: str = STAGES[-1]
    seed: int = 0
    device: str = "cpu"
    threads: int | None = None
    """Torch threads; chosen by trying when not set."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """Of the matrix products when many networks are trained together; weights are float32 in either case."""
    max_trials: int = 400
    folds: int = 5
    refit: bool = True
    """After the test score, train the chosen networks once more with the test rows included."""


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    data: DataConfig = msgspec.field(default_factory=DataConfig)
    net: NetConfig = msgspec.field(default_factory=NetConfig)
    fit: FitConfig = msgspec.field(default_factory=FitConfig)
    recipe: RecipeConfig = msgspec.field(default_factory=RecipeConfig)
    pinned: tuple[str, ...] = ()
    """Dotted keys that the user set, for example ``net.activation``."""


def read_config_file(path: Path) -> dict[str, Any]:
    """The settings of a TOML file, not yet checked. Raises UsageError if it cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot read the configuration file {path}: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}.") from None


def parse_assignment(text: str) -> dict[str, Any]:
    """``net.width=64`` as a nested dict; the value is TOML, or else a plain string."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise UsageError(f"{text!r} is not SECTION.KEY=VALUE, for example --set net.activation=gelu.")
    try:
        parsed: Any = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        parsed = value.strip()
    for part in reversed(key.strip().split(".")):
        parsed = {part: parsed}
    return parsed


def build_config(layers: Iterable[Mapping[str, Any]]) -> Config:
    """Merge settings, later layers over earlier ones, and check them.

    Raises UsageError that names the path of the wrong key or value.
    """
    tree: dict[str, Any] = {}
    for layer in layers:
        _merge(tree, layer)
    _check_keys(tree, Config, "")
    pinned = sorted(_leaves(tree))
    try:
        config = msgspec.convert({**tree, "pinned": pinned}, Config)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at ")
        raise UsageError(f"setting {path.strip('`').removeprefix('$.')}: {message}.") from None
    _check_values(config)
    return config


def _merge(tree: dict[str, Any], layer: Mapping[str, Any]) -> None:
    for key, value in layer.items():
        if isinstance(value, Mapping):
            branch = tree.setdefault(key, {})
            if isinstance(branch, dict):
                _merge(branch, value)
        elif value is not None:
            tree[key] = value


def _check_keys(tree: Mapping[str, Any], section: type[msgspec.Struct], path: str) -> None:
    types = {field.name: field.type for field in msgspec.structs.fields(section) if field.name != "pinned"}
    for key, value in tree.items():
        if key not in types:
            raise UsageError(f"there is no setting {path + key!r}.{did_you_mean(key, types)}")
        kind = types[key]
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            if not isinstance(value, Mapping):
                raise UsageError(f"setting {path + key!r} is a table of settings, not {value!r}.")
            _check_keys(value, kind, f"{path}{key}.")


def _leaves(tree: Mapping[str, Any], path: str = "") -> Iterable[str]:
    for key, value in tree.items():
        if isinstance(value, Mapping) and path == "":
            yield from _leaves(value, f"{key}.")
        else:
            yield path + key


def _check_values(config: Config) -> None:
    from netsitter.nets.activations import ACTIVATIONS
    from netsitter.nets.initializers import INITIALIZERS
    from netsitter.nets.losses import LOSSES
    from netsitter.nets.optimizers import OPTIMIZERS
    from netsitter.nets.schedules import SCHEDULES

    choices = {
        "recipe.until": (config.recipe.until, STAGES),
        "fit.loss": (config.fit.loss, LOSSES),
        "fit.optimizer": (config.fit.optimizer, OPTIMIZERS),
        "fit.schedule": (config.fit.schedule, SCHEDULES),
        "net.activation": (config.net.activation, ACTIVATIONS),
        "net.init": (config.net.init, INITIALIZERS),
    }
    for key, (value, known) in choices.items():
        if value is not None and value not in known:
            raise UsageError(f"setting {key}: there is no {value!r}.{did_you_mean(value, known)}")
    fit, recipe, data = config.fit, config.recipe, config.data
    ranges = {
        "fit.lr": (fit.lr, 0 < fit.lr < float("inf"), "above 0"),
        "fit.batch_size": (fit.batch_size, fit.batch_size >= 1, "at least 1"),
        "fit.epochs": (fit.epochs, fit.epochs >= 1, "at least 1"),
        "fit.patience": (fit.patience, fit.patience >= 0, "at least 0"),
        "fit.weight_decay": (fit.weight_decay, fit.weight_decay >= 0, "at least 0"),
        "fit.label_smoothing": (fit.label_smoothing, 0 <= fit.label_smoothing < 1, "in [0, 1)"),
        "fit.averaging": (fit.averaging, 0 <= fit.averaging < 1, "in [0, 1)"),
        "fit.warmup": (fit.warmup, 0 <= fit.warmup < 1, "in [0, 1)"),
        "recipe.budget": (recipe.budget, recipe.budget is None or recipe.budget > 0, "above 0 seconds"),
        "recipe.folds": (recipe.folds, recipe.folds >= 2, "at least 2"),
        "recipe.threads": (recipe.threads, recipe.threads is None or recipe.threads >= 1, "at least 1"),
        "data.test_fraction": (data.test_fraction, 0 < data.test_fraction < 0.9, "between 0 and 0.9"),
        "data.validation_fraction": (
            data.validation_fraction,
            0 < data.validation_fraction < 0.9,
            "between 0 and 0.9",
        ),
    }
    for key, (value, is_right, must) in ranges.items():
        if not is_right:
            raise UsageError(f"setting {key} is {value}; it must be {must}.")


def parse_seconds(text: str) -> float:
    """``90``, ``90s``, ``5m`` or ``1h30m`` in seconds. Raises UsageError."""
    parts = DURATION.fullmatch(text.strip().lower())
    hours, minutes, seconds = (float(part or 0) for part in parts.groups()) if parts else (0.0, 0.0, 0.0)
    total = 3600 * hours + 60 * minutes + seconds
    if not 0 < total < math.inf:
        raise UsageError(f"{text!r} is not a duration; write for example 90s, 5m or 1h30m.")
    return total
