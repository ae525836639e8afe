"""What was raised inside a model or a loss function, whether or not the program catches it."""

from typing import Any

from netsitter.observe.losses import LossCall


class Failure:
    """Remembers the last exception, and what the loss function that raised it had been given."""

    def __init__(self) -> None:
        self.facts: dict[str, Any] = {}
        self._at = -1

    def note(self, error: Exception, at: int, call: LossCall | None = None) -> None:
        """``at`` is the iteration; an error that passes through a model and its loss is told by the first."""
        if self.facts and self._at == at:
            return
        self.facts, self._at = {"type": type(error).__name__, "message": str(error)[:500]}, at
        if call is not None:
            self.facts |= {"loss": call.facts(0), **call.target_range}

    def is_last(self, now: int) -> bool:
        """Whether nothing has been trained since: the program has caught it, and not gone on."""
        return bool(self.facts) and self._at == now
