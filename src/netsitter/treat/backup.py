"""Write a proven change into the user's files, each after a copy of it as it was."""

import shutil
from pathlib import Path

from netsitter.errors import UsageError
from netsitter.treat.repair import Repair


def apply(repair: Repair) -> list[dict[str, str]]:
    """Change the files; returns ``{"file", "backup"}`` for each. All or none are written.

    Raises UsageError if a file is no longer what was tried, OSError if one cannot be written.
    """
    for path in repair.mended:
        if Path(path).read_bytes().decode("utf-8", errors="replace") != repair.texts[path]:
            raise UsageError(f"{path} has changed since it was tried; nothing was written.")
    done: list[dict[str, str]] = []
    for path, text in repair.mended.items():
        backup = _unused(Path(path))
        shutil.copy2(path, backup)
        fresh = Path(path).with_name(f".{Path(path).name}.netsitter")
        try:
            fresh.write_bytes(text.encode("utf-8"))
            shutil.copymode(path, fresh)
            fresh.replace(path)
        except OSError:
            fresh.unlink(missing_ok=True)
            for one in done:
                shutil.copy2(one["backup"], one["file"])
            raise
        done.append({"file": path, "backup": str(backup)})
    return done


def _unused(path: Path) -> Path:
    """``train.py.orig``, or the next name that is free."""
    names = [f"{path.name}.orig", *(f"{path.name}.orig{n}" for n in range(2, 1000))]
    return next(path.with_name(name) for name in names if not path.with_name(name).exists())
