"""MLflow: the folder of a run, an experiment, or mlruns itself; metrics are plain text files."""

from collections.abc import Iterator
from pathlib import Path

from netsitter.adapters.logs._names import choose_run, run_of
from netsitter.errors import DataError
from netsitter.run import Run


def recognises(path: Path) -> bool:
    """A folder with runs, each with meta.yaml beside metrics/."""
    return path.is_dir() and bool(_runs(path))


def read(path: Path, run: str | None) -> Run:
    """Each file under metrics/ is one number; a line is ``timestamp value step``."""
    runs = _runs(path)
    folder = runs[choose_run(runs, run, str(path))] / "metrics"
    return run_of(_records(folder), str(folder.parent))


def _runs(path: Path) -> dict[str, Path]:
    metas = [path / "meta.yaml", *path.glob("*/meta.yaml"), *path.glob("*/*/meta.yaml")]
    return {meta.parent.name: meta.parent for meta in metas if (meta.parent / "metrics").is_dir()}


def _records(folder: Path) -> Iterator[tuple[int, dict[str, float]]]:
    for file in sorted(folder.rglob("*")):
        if not file.is_file():
            continue
        name = file.relative_to(folder).as_posix()
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            try:
                _, value, step = [*line.split(), "0"][:3]
                yield int(step), {name: float(value)}
            except ValueError:
                raise DataError(
                    f"{file}, line {number} is no `timestamp value step`: {line[:80]!r}."
                ) from None
