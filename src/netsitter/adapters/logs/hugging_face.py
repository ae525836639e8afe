"""Hugging Face: trainer_state.json, beside a checkpoint of transformers' Trainer."""

import json
from pathlib import Path

from netsitter.adapters.logs._names import choose_run, run_of
from netsitter.errors import DataError
from netsitter.run import Run

FILE = "trainer_state.json"


def recognises(path: Path) -> bool:
    """The file, a checkpoint's folder, or the folder of checkpoints."""
    return (
        bool(_states(path))
        if path.is_dir()
        else path.suffix == ".json" and b'"log_history"' in path.read_bytes()
    )


def read(path: Path, run: str | None) -> Run:
    """The newest checkpoint's state holds the whole history."""
    if path.is_dir():
        states = _states(path)
        newest = max(states, key=lambda name: (_number(name), name))
        path = states[choose_run(states, run or newest, str(path))]
    try:
        history = json.loads(path.read_text(encoding="utf-8"))["log_history"]
        records = [(int(entry.get("step", index)), entry) for index, entry in enumerate(history)]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path} is no trainer state: {error}.") from None
    # The last entry sums up the run: its train_loss is a mean over all steps, not a point of the curve.
    return run_of((record for record in records if "train_runtime" not in record[1]), str(path))


def _states(folder: Path) -> dict[str, Path]:
    files = [folder / FILE, *sorted(folder.glob(f"checkpoint-*/{FILE}"))]
    return {str(file.parent.relative_to(folder)): file for file in files if file.is_file()}


def _number(name: str) -> int:
    digits = name.rpartition("-")[2]
    return int(digits) if digits.isdigit() else 1 << 60
