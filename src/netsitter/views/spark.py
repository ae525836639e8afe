"""A curve in one line of text."""

import math
from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇█"
PLAIN = "_.-=+*#@"
"""For terminals that cannot show the blocks."""
LOST, PLAIN_LOST = "×", "x"


def spark(values: Sequence[float], width: int = 16, *, encoding: str = "utf-8") -> str:
    """The values as blocks of eight heights, at most ``width`` of them; a cross where one is no number.

    Of values that share a block the one farthest from the median is shown: a spike is never averaged away.
    The heights are logarithmic where all values are positive and span more than a hundredfold.
    """
    blocks, lost = (BLOCKS, LOST) if encoding.lower().startswith("utf") else (PLAIN, PLAIN_LOST)
    finite = sorted(value for value in values if math.isfinite(value))
    if not finite or width < 1:
        return lost * min(len(values), max(width, 0))
    middle = finite[len(finite) // 2]
    size = math.ceil(len(values) / width)
    shown = [_farthest(values[start : start + size], middle) for start in range(0, len(values), size)]
    is_log = finite[0] > 0 and finite[-1] / finite[0] > 100
    low, high = (math.log(finite[0]), math.log(finite[-1])) if is_log else (finite[0], finite[-1])
    wide = (high - low) or 1.0
    places = [(math.log(v) if is_log else v) if math.isfinite(v) else math.nan for v in shown]
    return "".join(lost if math.isnan(p) else blocks[min(7, int(8 * (p - low) / wide))] for p in places)


def _farthest(part: Sequence[float], middle: float) -> float:
    return max(part, key=lambda value: abs(value - middle) if math.isfinite(value) else math.inf)
