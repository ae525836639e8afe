"""skorch: history.json, as written by ``net.save_params(f_history=...)`` or ``history.to_file``."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from netsitter.adapters.logs._names import run_of
from netsitter.errors import DataError
from netsitter.run import Run


def recognises(path: Path) -> bool:
    """A JSON list of epochs, each with its batches."""
    if path.is_dir() or path.suffix != ".json":
        return False
    start = path.read_bytes()[:4096].lstrip()
    return start.startswith(b"[") and b'"batches"' in start


def read(path: Path, run: str | None) -> Run:
    """Training losses are read batch by batch, where the history has them; steps count batches."""
    try:
        history = json.loads(path.read_text(encoding="utf-8"))
        return run_of(_records(history), str(path))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path} is no skorch history: {error}.") from None


def _records(history: list[dict[str, Any]]) -> Iterator[tuple[int, dict[str, Any]]]:
    step = 0
    for epoch in history:
        for batch in epoch.get("batches") or ():
            if "train_loss" in batch:
                yield step, {"train_loss": batch["train_loss"]}
                step += 1
        has_batches = step > 0
        yield (
            step,
            {
                name: value
                for name, value in epoch.items()
                if not (name == "train_loss" and has_batches) and name not in ("batches", "epoch")
            },
        )
        step += not has_batches
