"""trackio: the project's SQLite file, by default in ~/.cache/huggingface/trackio."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from netsitter.adapters.logs._names import choose_run, run_of
from netsitter.errors import DataError
from netsitter.run import Run

MAGIC = b"SQLite format 3\x00"


def recognises(path: Path) -> bool:
    """An SQLite file with a table of metrics by run."""
    if path.is_dir():
        return False
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def read(path: Path, run: str | None) -> Run:
    """trackio writes NaN as a string or null; what is null is missing."""
    try:
        # Read-only, so that looking at a log never changes or locks it.
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            names = [row[0] for row in database.execute("SELECT DISTINCT run_name FROM metrics")]
            chosen = choose_run(names, run, str(path))
            rows = database.execute(
                "SELECT step, metrics FROM metrics WHERE run_name = ? ORDER BY step, id", (chosen,)
            ).fetchall()
            records = [(int(step), json.loads(text)) for step, text in rows]
    except (sqlite3.Error, ValueError, TypeError) as error:
        raise DataError(f"{path} is no trackio project: {error}.") from None
    return run_of(records, f"{path}, run {chosen}")
