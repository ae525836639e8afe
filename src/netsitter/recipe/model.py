"""The finished model: networks with their encoders, as files that no code runs from."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from netsitter.errors import DataError, UsageError
from netsitter.files import write_atomic
from netsitter.nets.blocks import TableNet
from netsitter.nets.losses import make_loss
from netsitter.nets.save import describe_network, load_network
from netsitter.recipe.ensemble import apply_temperature
from netsitter.recipe.fit import predict_raw
from netsitter.recipe.objective import Objective
from netsitter.recipe.rows import Rows
from netsitter.tables.encode import Encoded, TableEncoder, TargetEncoder
from netsitter.tables.schema import Schema, Task

WEIGHTS, DESCRIPTION = "model.safetensors", "model.json"
FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class Member:
    """One network of the ensemble, with what encodes its inputs and decodes its outputs."""

    weight: float
    net: TableNet
    encoder: TableEncoder
    target_encoder: TargetEncoder
    loss: str
    loss_settings: dict[str, Any]

    def predict(self, task: Task, encoded: Encoded) -> np.ndarray:
        """Of rows that its own encoder has encoded."""
        rows = Rows(
            numeric=torch.from_numpy(encoded.numeric),
            codes=torch.from_numpy(encoded.codes),
            target=torch.zeros(len(encoded)),
        )
        objective = Objective(
            task=task, loss=make_loss(self.loss, **self.loss_settings), decode=self.target_encoder.inverse
        )
        return objective.predict(predict_raw(self.net, rows))


@dataclass(frozen=True, kw_only=True)
class Model:
    """What `predict` needs, and nothing else."""

    schema: Schema
    classes: tuple[Any, ...]
    """Class labels in the order of the probabilities; empty for regression."""
    members: tuple[Member, ...]
    temperature: float = 1.0
    interval: tuple[float, float] | None = None
    """Residual quantiles on the scale of ``scale``."""
    scale: TargetEncoder | None = None

    def predict_scores(self, frame: pd.DataFrame) -> np.ndarray:
        """Probabilities (n, classes), or values (n,) in the target's unit."""
        # Members that learnt from the same rows share an encoder, which costs as much as a network.
        encoders = {id(member.encoder): member.encoder for member in self.members}
        encoded = {key: encoder.transform(frame) for key, encoder in encoders.items()}
        with torch.inference_mode():
            parts = [m.weight * m.predict(self.schema.task, encoded[id(m.encoder)]) for m in self.members]
        mean = np.sum(parts, axis=0) / sum(member.weight for member in self.members)
        return mean if self.schema.task is Task.REGRESSION else apply_temperature(mean, self.temperature)

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame:
        """One row per row of ``frame``, in order: ``prediction``, then ``probability_CLASS`` for every
        class, or ``lower`` and ``upper`` for a regression. Raises DataError if a column is missing."""
        scores = self.predict_scores(frame)
        if self.schema.task is Task.REGRESSION:
            lower, upper = self.bounds(scores)
            columns = {"prediction": scores, "lower": lower, "upper": upper}
        else:
            labels = np.asarray(self.classes, dtype=object)
            columns = {"prediction": labels[scores.argmax(axis=1)]}
            columns |= {f"probability_{label}": scores[:, i] for i, label in enumerate(self.classes)}
        return pd.DataFrame(columns, index=frame.index)

    def bounds(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Ends of the conformal interval around predicted values."""
        if self.interval is None or self.scale is None:
            nothing = np.full(len(values), np.nan)
            return nothing, nothing
        scaled = on_scale(self.scale, values)
        low, high = (self.scale.inverse(scaled + end) for end in self.interval)
        return low, high


def on_scale(scale: TargetEncoder, values: np.ndarray) -> np.ndarray:
    """Values in the user's unit → the scale on which residuals are alike for small and large ones."""
    low = scale.inverse(np.array(scale.low - (scale.high - scale.low) / 2))
    return scale.transform(pd.Series(np.maximum(values, low))).astype(np.float64)


def save_model(model: Model, folder: Path) -> None:
    """Write ``model.safetensors`` and ``model.json``; the description last, it makes the model whole."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors: dict[str, torch.Tensor] = {}
    members = []
    for number, member in enumerate(model.members):
        tensors |= {f"{number}.{name}": t.contiguous().cpu() for name, t in member.net.state_dict().items()}
        members.append(
            {
                "weight": member.weight,
                "network": describe_network(member.net),
                "encoder": json.loads(member.encoder.to_json()),
                "target_encoder": json.loads(member.target_encoder.to_json()),
                "loss": member.loss,
                "loss_settings": member.loss_settings,
            }
        )
    description = {
        "format": FORMAT,
        "schema": msgspec.to_builtins(model.schema),
        "classes": list(model.classes),
        "members": members,
        "temperature": model.temperature,
        "interval": model.interval,
        "scale": None if model.scale is None else json.loads(model.scale.to_json()),
    }
    write_atomic(folder / WEIGHTS, save(tensors))
    write_atomic(folder / DESCRIPTION, json.dumps(description, indent=1))


def load_model(folder: Path) -> Model:
    """Read a model back. Raises UsageError if there is none, DataError if it is damaged."""
    if not (folder / DESCRIPTION).exists():
        raise UsageError(
            f"there is no finished model in {folder}; train one, or resume the run that makes it."
        )
    try:
        described = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        tensors = load_file(folder / WEIGHTS)
        members = tuple(_member(number, entry, tensors) for number, entry in enumerate(described["members"]))
        return Model(
            schema=msgspec.convert(described["schema"], Schema),
            classes=tuple(described["classes"]),
            members=members,
            temperature=described["temperature"],
            interval=tuple(described["interval"]) if described["interval"] else None,
            scale=TargetEncoder.from_json(json.dumps(described["scale"])) if described["scale"] else None,
        )
    except (ValueError, KeyError, TypeError, OSError, SafetensorError) as error:
        raise DataError(f"the model in {folder} is damaged ({error}); train it again.") from None


def _member(number: int, entry: dict[str, Any], tensors: dict[str, torch.Tensor]) -> Member:
    mark = f"{number}."
    weights = save({name[len(mark) :]: t for name, t in tensors.items() if name.startswith(mark)})
    return Member(
        weight=entry["weight"],
        net=load_network(entry["network"], weights),
        encoder=TableEncoder.from_json(json.dumps(entry["encoder"])),
        target_encoder=TargetEncoder.from_json(json.dumps(entry["target_encoder"])),
        loss=entry["loss"],
        loss_settings=entry["loss_settings"],
    )
