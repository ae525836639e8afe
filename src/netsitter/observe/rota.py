"""Which iterations are looked at closely."""

import time

from netsitter.observe.anatomy import Anatomy
from netsitter.observe.iteration import Iteration
from netsitter.observe.ledger import Ledger
from netsitter.observe.look import Look
from netsitter.observe.losses import Targets
from netsitter.observe.pace import Pace


class Rota:
    """Opens iterations, with a look where one is due: by the pace, or since something new has begun."""

    def __init__(self, anatomy: Anatomy, targets: Targets, ledger: Ledger, pace: Pace) -> None:
        self._anatomy = anatomy
        self._targets = targets
        self._ledger = ledger
        self._pace = pace
        self.is_compiled = False
        self._burst = 0
        """Looks in a row that are still to come: trainings that take turns are all to be seen."""

    def extend(self, looks: int) -> None:
        """The next iterations are looked at, whatever the pace says."""
        self._burst = max(self._burst, looks)

    def begin(self, now: Iteration) -> Iteration:
        """The iteration that follows."""
        if now.look is not None:
            now.look.close()
        if self._burst == 0 and self._pace.is_due(self._ledger.index):
            self._burst = self._ledger.trainings.burst
        if self._burst == 0:
            return now.again()
        self._burst -= 1
        is_fresh = self._ledger.is_fresh
        look = Look(self._anatomy, self._targets, is_fresh, is_compiled=self.is_compiled)
        return Iteration(began=time.perf_counter(), look=look, has_more=True)
