"""Lines of the program: where an optimiser is made, a loss is called, an activation is used."""

import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

TORCH = str(Path(torch.__file__).parent)
OURS = str(Path(__file__).resolve().parents[1])
WATCHERS = tuple(f"{OURS}{os.sep}{folder}{os.sep}" for folder in ("observe", "treat"))
PASSAGES = ("seams.py", "calls.py")
"""Of ours, but only passed through on the way from the program to torch."""
LIBRARIES = ("site-packages", "dist-packages", f"{os.sep}lib{os.sep}python")


@dataclass(frozen=True, kw_only=True)
class Place:
    """A line of the program and what is done there."""

    what: str
    """``optimizer`` ``layer`` ``loader`` ``schedule`` where they are made; ``loss`` ``backward`` ``step``
    ``zero_grad`` ``clip``, or a function such as ``softmax``, where they are called."""
    file: str
    line: int
    function: str
    detail: str = ""
    """The optimiser's type, the loss function's name, the module's path."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def here(what: str, detail: str = "") -> Place | None:
    """The innermost line of the program, not of a library if there is one, that is being executed."""
    outside = list(frames())
    own = [frame for frame in outside if not any(part in frame.f_code.co_filename for part in LIBRARIES)]
    frame = next(iter(own or outside), None)
    if frame is None:
        return None
    code = frame.f_code
    return Place(what=what, file=code.co_filename, line=frame.f_lineno, function=code.co_name, detail=detail)


def frames() -> Iterator[Any]:
    """Frames of the program and its libraries, innermost first; not torch's, not ours."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        if not is_outside(frame.f_code.co_filename):
            yield frame
        frame = frame.f_back


def is_outside(file: str) -> bool:
    return file.startswith((TORCH, OURS, "<frozen "))


def is_own_call() -> bool:
    """Whether we ourselves are calling torch, to look at something."""
    frame: Any = sys._getframe(2)
    while frame is not None:
        file = frame.f_code.co_filename
        if not file.startswith(TORCH) and not file.endswith(PASSAGES):
            return file.startswith(WATCHERS)
        frame = frame.f_back
    return False


def caller_module() -> nn.Module | None:
    """The module of torch's own whose ``forward`` makes this call; None if the program's code does."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        if code.co_filename.startswith(TORCH):
            if code.co_name == "forward":
                owner = frame.f_locals.get("self")
                return owner if isinstance(owner, nn.Module) else None
        elif not code.co_filename.startswith(OURS):
            return None
        frame = frame.f_back
    return None
