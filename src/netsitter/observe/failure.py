"""What was raised inside a model or a loss function, whether or not the program catches it."""

from typing import Any

from netsitter.observe.ledger import Ledger
from netsitter.observe.losses import LossCall, call_of


class Failure:
    """Remembers the last exception, and what the loss function that raised it had been given."""

    def __init__(self, ledger: Ledger) -> None:
        self.facts: dict[str, Any] = {}
        self._ledger = ledger
        self._at = -1

    def note(self, error: Exception, call: LossCall | None = None) -> None:
        """An error that passes through a model and its loss is told by the first."""
        if self.facts and self.is_last():
            return
        self._at = self._ledger.index
        self.facts = {"type": type(error).__name__, "message": str(error)[:500]}
        if call is not None:
            self.facts |= {"loss": call.facts(0), **call.target_range}

    def in_loss(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], error: Exception) -> None:
        """A loss function raised it."""
        self.note(error, call_of(name, args, kwargs, None))

    def is_last(self) -> bool:
        """Whether nothing has been trained since: the program has caught it, and not gone on."""
        return bool(self.facts) and self._at == self._ledger.index
