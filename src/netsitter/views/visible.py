"""Foreign text made harmless wherever it is shown: on a terminal, in a page, in a file."""

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c\ufeff]")
"""Characters that would change how the text around them is drawn, directional overrides among them."""


def visible(text: str) -> str:
    """``text`` with control characters written out as escapes. Escaping for HTML comes after this."""
    return _CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode(), text)
