"""Weights & Biases: the folder of an offline run."""

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from netsitter.adapters.logs._names import choose_run, run_of
from netsitter.errors import DataError, UsageError
from netsitter.run import Run

HISTORY = "wandb-history.jsonl"
FILE_HEADER, FRAGMENT_HEADER, BLOCK = 7, 7, 32768


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
    except ImportError:
        raise UsageError(f"Reading {path} needs wandb: pip install 'netsitter[wandb]'.") from None
    for data in _log_records(path.read_bytes()):
        record = wandb_internal_pb2.Record()  # pyright: ignore[reportAttributeAccessIssue]
        record.ParseFromString(data)
        if record.WhichOneof("record_type") == "history":
            history = record.history
            items = {
                item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in history.item
            }
            yield int(items.get("_step", history.step.num)), items


def _log_records(data: bytes) -> Iterator[bytes]:
    """The records of a LevelDB log behind W&B's own file header; a torn end is passed over.

    Blocks of 32 kB hold fragments, each led by checksum (4 bytes), length (2) and kind (1): whole,
    first, middle or last. Format: github.com/google/leveldb, doc/log_format.md.
    """
    whole, first, _, last = 1, 2, 3, 4
    at, parts = FILE_HEADER, []
    while at + FRAGMENT_HEADER <= len(data):
        if BLOCK - at % BLOCK < FRAGMENT_HEADER:
            at += BLOCK - at % BLOCK
            continue
        length, kind = struct.unpack_from("<HB", data, at + 4)
        fragment = data[at + FRAGMENT_HEADER : at + FRAGMENT_HEADER + length]
        at += FRAGMENT_HEADER + length
        parts = [fragment] if kind in (whole, first) else [*parts, fragment]
        if kind in (whole, last) and len(fragment) == length and parts:
            yield b"".join(parts)
            parts = []
