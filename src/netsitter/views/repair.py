"""A repair for the terminal: from the document that `netsitter fix --json` prints."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

BARS = "▁▂▃▄▅▆▇█"
WIDE = 100.0
"""Curves that span more than this are drawn by their logarithm."""
SHOWN = 8
"""Attempts listed one by one; the rest are counted."""


def text(document: Mapping[str, Any]) -> str:
    """The whole report."""
    if document["healthy"] and not document["has_trained"]:
        return f"{document['program']}: no training of PyTorch was seen; nothing was changed."
    if document["healthy"]:
        return f"{document['program']}: nothing wrong was found; nothing was changed."
    lines = [f"{document['program']}: {_illness(document)}"]
    if document["proven"]:
        lines += _remedies(document)
    elif document["remedies"] or document["gain"]:
        lines.append("No remedy held on every seed; nothing is recommended.")
    else:
        lines.append("None of the remedies that were tried helped.")
    lines += _curves(document["curves"]) if document["proven"] else []
    lines += _attempts(document)
    lines.append(f"cost: {document['trials']} runs, {document['seconds']:.0f} s")
    if document["diff"]:
        lines += ["", document["diff"].rstrip("\n")]
    return "\n".join(lines)


def _illness(document: Mapping[str, Any]) -> str:
    findings = [f for f in document["findings"] if f["severity"] != "odd" and not f.get("explained_by")]
    if not findings:
        return f"it ended with status {document['status']}"
    return "; ".join(f"{f['name']}: {f['message']}" for f in findings[:3])


def _remedies(document: Mapping[str, Any]) -> list[str]:
    lines = []
    for one in document["remedies"]:
        lines.append(f"remedy for {one['illness']}: {one['text']}")
        if one["score"] is not None and one["before"] is not None:
            lines.append(
                f"    {one['score']} {one['before']:.4g} → {one['after']:.4g} in {one['seconds']:.1f} s"
            )
        if not one["in_source"]:
            lines.append(
                "    not in the diff, for its place in the source is not certain: make this change by hand"
            )
        for place in one["places"][:3]:
            lines.append(f"    look at {place['file']}:{place['line']} ({place['what']})")
    gain = document["gain"]
    before, after = (" ".join(_number(v) for v in gain[side]) for side in ("before", "after"))
    seeds = ", ".join(map(str, document["seeds"]))
    lines.append(f"proven on seeds {seeds}: {gain['score']} {before} → {after}: {worth(gain)}")
    if gain["corrected"]:
        lines.append("This sets right what is measured: the score before was not true.")
    if document["left"]:
        lines.append(f"still found: {', '.join(document['left'])}")
    return lines


def worth(gain: Mapping[str, Any]) -> str:
    """A gain in words: a difference, or how many times less."""
    mean, low, high = gain["gain"], gain["low"], gain["high"]
    if mean is None or not math.isfinite(mean):
        return "a number where there was none"
    if gain["scale"] == "difference":
        return f"{mean:+.3g} (90 % interval {low:+.3g} to {high:+.3g})"
    if any(value is not None and value <= 0 for side in ("before", "after") for value in gain[side]):
        return "less"
    return f"{math.exp(mean):.3g} times less (90 % interval {math.exp(low):.3g} to {math.exp(high):.3g})"


def _curves(curves: Mapping[str, Any] | None) -> list[str]:
    if curves is None:
        return []
    known = [v for side in ("untreated", "treated") for v in curves[side] if _is_number(v)]
    is_wide = bool(known) and min(known) > 0 and max(known) > WIDE * min(known)

    def height(value: float | None) -> float | None:
        return math.log(value) if value is not None and is_wide and _is_number(value) else value

    ends = [height(value) or 0.0 for value in known]
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    return [
        f"{side:9} {spark(list(map(height, curves[side])), low, high)} {_number(curves[side][-1])}"
        f"  {curves['score']}"
        for side in ("untreated", "treated")
    ]


def spark(values: Sequence[float | None], low: float, high: float) -> str:
    """A curve in one line of block characters; a cross where there is no number."""
    span = (high - low) or 1.0
    return "".join(
        BARS[round((v - low) / span * (len(BARS) - 1))] if v is not None and _is_number(v) else "×"
        for v in values
    )


def _is_number(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _attempts(document: Mapping[str, Any]) -> list[str]:
    tried = document["tried"]
    lines = [f"tried and not kept: {one['text']} {one['result']}" for one in tried[:SHOWN]]
    return lines + ([f"and {len(tried) - SHOWN} more"] if len(tried) > SHOWN else [])


def _number(value: float | None) -> str:
    return "none" if value is None or not math.isfinite(value) else f"{value:.4g}"
