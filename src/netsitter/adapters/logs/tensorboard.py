"""TensorBoard: an event file, or the folder that holds some."""

from collections.abc import Iterator
from pathlib import Path

from netsitter.adapters.logs._names import choose_run, run_of
from netsitter.errors import UsageError
from netsitter.run import Run

MARK = "tfevents"


def recognises(path: Path) -> bool:
    """Event files are known by name; TensorBoard itself goes by that."""
    return bool(_folders(path)) if path.is_dir() else MARK in path.name


def read(path: Path, run: str | None) -> Run:
    """All scalars of one folder of events, by step."""
    if path.is_dir():
        folders = _folders(path)
        path = folders[choose_run(folders, run, str(path))]
    return run_of(_records(path), str(path))


def _folders(folder: Path) -> dict[str, Path]:
    files = [
        file for pattern in (f"*{MARK}*", f"*/*{MARK}*", f"*/*/*{MARK}*") for file in folder.glob(pattern)
    ]
    return {str(file.parent.relative_to(folder)): file.parent for file in files}


def _records(path: Path) -> Iterator[tuple[int, dict[str, float]]]:
    try:
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    except ImportError:
        raise UsageError(f"Reading {path} needs tensorboard: pip install 'netsitter[tensorboard]'.") from None
    # 0 is its word for all; by default it keeps a sample of 10,000 points.
    events = EventAccumulator(str(path), size_guidance={"scalars": 0, "tensors": 0})
    events.Reload()
    for name in events.Tags()["scalars"]:
        for event in events.Scalars(name):
            yield int(event.step), {name: float(event.value)}
