"""Put remedies into a running program, and take them out again."""

from collections.abc import Iterable

from netsitter.treat.act import Act
from netsitter.treat.patient import Patient
from netsitter.treat.prescription import Dose
from netsitter.treat.remedies import all_remedies


def apply(patient: Patient, dose: Dose, seed: int = 0) -> Act:
    """Put one remedy in. What could not be done is in the act's ``why_not``; nothing is raised.

    A remedy that needs to know the network waits for the first iteration. Settings that it does not know
    are for other engines. ``act.undo()`` takes it back.
    """
    act = Act(dose, seed)
    entry = all_remedies()[dose.name]
    unknown = set(dose.settings) - set(entry.settings)
    known = {name: value for name, value in dose.settings.items() if name not in unknown}
    with act.guarded():
        entry.module.apply(patient, act, **known)
    return act


def apply_all(patient: Patient, doses: Iterable[Dose], seed: int = 0) -> list[Act]:
    """Put in every remedy of a prescription, in its order."""
    return [apply(patient, dose, seed + index) for index, dose in enumerate(doses)]
