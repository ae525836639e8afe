"""Weights & Biases: the folder of an offline run."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from netsitter.adapters.logs._names import choose_run, run_of
from netsitter.errors import DataError, UsageError
from netsitter.run import Run

HISTORY = "wandb-history.jsonl"


def recognises(path: Path) -> bool:
    """A run's folder, a folder of runs, the .wandb file in one, or a history file."""
    if path.is_dir():
        return bool(_runs(path))
    return path.suffix == ".wandb" or path.name == HISTORY


def read(path: Path, run: str | None) -> Run:
    """The text history of older versions as it is; the .wandb file by the wandb package."""
    if path.is_dir():
        runs = _runs(path)
        path = runs[choose_run(runs, run, str(path))]
    records = _text(path) if path.name == HISTORY else _binary(path)
    return run_of(records, str(path))


def _runs(folder: Path) -> dict[str, Path]:
    """History files by run; the text history first, since it needs no package."""
    found: dict[str, Path] = {}
    for pattern in ("*.wandb", "*/*.wandb", f"files/{HISTORY}", f"*/files/{HISTORY}"):
        for file in sorted(folder.glob(pattern)):
            home = file.parent.parent if file.name == HISTORY else file.parent
            found[home.resolve().name] = file
    return found


def _text(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        try:
            record = json.loads(line)
            yield int(record.get("_step", number)), record
        except (ValueError, TypeError, AttributeError) as error:
            raise DataError(f"{path}, line {number + 1}: {error}.") from None


def _binary(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        from wandb.proto import wandb_internal_pb2
        from wandb.sdk.internal.datastore import DataStore
    except ImportError:
        raise UsageError(f"Reading {path} needs wandb: pip install 'netsitter[wandb]'.") from None
    store = DataStore()
    store.open_for_scan(str(path))
    while (data := store.scan_data()) is not None:
        record = wandb_internal_pb2.Record()
        record.ParseFromString(data)
        if record.WhichOneof("record_type") == "history":
            items = {
                item.key or "/".join(item.nested_key): json.loads(item.value_json)
                for item in record.history.item
            }
            yield int(items.get("_step", record.history.step.num)), items
