"""Numbers and foreign text as a report shows them."""

import math
from typing import Any

from netsitter.views.visible import visible

__all__ = ["duration", "number", "percent", "setting", "short", "visible"]

LONGEST_NAME = 60
LARGE = 1e8
"""From here on a measured number is written as a power of ten; a count never is."""


def short(text: Any, longest: int = LONGEST_NAME) -> str:
    """A name that fits: its beginning and its end."""
    text = visible(str(text))
    half = (longest - 1) // 2
    return text if len(text) <= longest else f"{text[:half]}…{text[-half:]}"


def number(value: Any, digits: int = 4) -> str:
    """Four significant digits, thousands set apart; a dash for what is no finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return "–"
    if isinstance(value, int) or (1000 <= abs(value) < LARGE):
        return f"{value:,.0f}".replace("-", "−")
    mantissa, _, exponent = f"{value:.{digits}g}".replace("-", "−", 1 if value < 0 else 0).partition("e")
    if not exponent:
        return mantissa
    power = f"10{str(int(exponent)).translate(_SUPERSCRIPT)}"
    return power if mantissa == "1" else f"{mantissa}·{power}"


_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def duration(seconds: Any) -> str:
    """``42 s``, ``3 min 20 s``, ``1 h 5 min``."""
    if not isinstance(seconds, int | float) or not math.isfinite(seconds):
        return "–"
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def percent(share: Any) -> str:
    """A share of 1 as a percentage; a share above 0 is never shown as 0 %."""
    if not isinstance(share, int | float) or not math.isfinite(share):
        return "–"
    if 0 < share < 0.001:
        return "<0.1 %"
    return f"{100 * share:.1f} %" if 0 < share < 0.1 else f"{100 * share:.0f} %"


def setting(value: Any) -> str:
    """A configuration value in one line."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return " × ".join(setting(v) for v in value) if value else "none"
    if isinstance(value, dict):
        return ", ".join(f"{k} {setting(v)}" for k, v in value.items()) or "none"
    return number(value) if isinstance(value, int | float) else "–" if value is None else str(value)
