"""What netsitter raises. One sentence a person can act on, and the exit code of the command line.

NetsitterError
├── UsageError      exit 2: a wrong option, a name that does not exist
├── DataError       exit 3: the table cannot be learnt from as it is
└── TrainingError   exit 4: training failed, there is no usable model
"""

import difflib
from collections.abc import Iterable


class NetsitterError(Exception):
    """Base of all; its text is one clear sentence that names the place and the mend."""

    exit_code = 1


class UsageError(NetsitterError):
    exit_code = 2


class DataError(NetsitterError):
    exit_code = 3


class TrainingError(NetsitterError):
    exit_code = 4


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``" Did you mean 'x'?"``, or the first few names there are; empty when there are none."""
    names = list(known)
    folded = {name.casefold(): name for name in names}
    close = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    if close:
        return f" Did you mean {folded[close[0]]!r}?"
    if not names:
        return ""
    shown = ", ".join(repr(name) for name in names[:8])
    return f" There are: {shown}{', …' if len(names) > 8 else ''}."
