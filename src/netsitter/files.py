"""Writing files so that a crash leaves the old one or the new one, never half of one; naming new folders."""

import os
import tempfile
import time
from pathlib import Path


def write_atomic(path: Path, content: bytes | str) -> None:
    """Write ``content`` to ``path`` by way of a temporary file beside it and a rename.

    Raises OSError if the folder cannot be written; what was at ``path`` is then still there.
    """
    data = content.encode() if isinstance(content, str) else content
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files private; the result should have the permissions of any other file.
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def fresh_folder(name: str) -> Path:
    """``runs/NAME-DATE-TIME``, a folder that is not there yet; NAME without folders and endings."""
    stem = f"{Path(name).name.partition('.')[0]}-{time.strftime('%Y%m%d-%H%M%S')}"
    path, number = Path("runs") / stem, 2
    while path.exists():
        path, number = Path("runs") / f"{stem}-{number}", number + 1
    return path
