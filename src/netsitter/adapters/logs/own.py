"""Our own run.jsonl, or the folder that holds one."""

from pathlib import Path

from netsitter.adapters.logs._names import choose_run
from netsitter.errors import DataError
from netsitter.run import FILE_NAME, Run


def recognises(path: Path) -> bool:
    """By name, by the folder that holds it, or by its first line."""
    if path.is_dir():
        return bool(_runs(path))
    if path.name == FILE_NAME:
        return True
    with path.open("rb") as file:
        first = file.readline(4096)
    return path.suffix == ".jsonl" and b'"kind"' in first


def read(path: Path, run: str | None) -> Run:
    """A watched program that trained several times left several runs: the folder's own is the first."""
    if path.is_dir():
        runs = _runs(path)
        path = runs[choose_run(runs, "." if run is None and "." in runs else run, str(path))]
    try:
        return Run.open(path)
    except ValueError as error:
        raise DataError(f"{error}.") from None


def _runs(folder: Path) -> dict[str, Path]:
    files = [folder / FILE_NAME, *sorted(folder.glob(f"*/{FILE_NAME}"))]
    return {str(file.parent.relative_to(folder)): file for file in files if file.is_file()}
