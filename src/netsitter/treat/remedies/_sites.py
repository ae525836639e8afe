"""Activations answered by something else, wherever the program calls them."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch.nn import functional

from netsitter.errors import UsageError, did_you_mean
from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.calls import PASS, Call
from netsitter.treat.examine import BENDS, Bend, Exam, Site, site_of
from netsitter.treat.patient import Patient

Answer = Callable[[Call], Any]

ACTIVATIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "relu": functional.relu,
    "leaky_relu": functional.leaky_relu,
    "silu": functional.silu,
    "gelu": functional.gelu,
    "elu": functional.elu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "selu": functional.selu,
}
FLAT = {"sigmoid", "tanh", "hardsigmoid", "hardtanh", "relu6"}
"""Activations with two flat ends: most of their gradient is lost there."""


def function_of(name: str) -> Callable[[torch.Tensor], torch.Tensor]:
    """The function of that name. Raises UsageError if there is none."""
    key = name.replace("-", "_")
    if key not in ACTIVATIONS:
        raise UsageError(f"There is no activation {name!r}.{did_you_mean(key, ACTIVATIONS)}")
    return ACTIVATIONS[key]


class Sites:
    """Answers for chosen calls. A line in a loop has one answer for each of its turns in a forward pass."""

    def __init__(self, patient: Patient, act: Act, names: Iterable[str] = BENDS) -> None:
        self._patient = patient
        self._answers: dict[tuple[Site, int], Answer] = {}
        self._rounds: Counter[Site] = Counter()
        """Calls of a site in one forward pass."""
        self._turns: Counter[Site] = Counter()
        patient.on_call(names, act, self._answer)
        patient.at("after_forward", act, lambda _: self._turns.clear())

    def give(self, exam: Exam, bend: Bend, answer: Answer) -> None:
        """From now on, this call is answered by ``answer``."""
        calls = sum(other.site == bend.site for other in exam.bends)
        self._rounds[bend.site] = max(1, calls // max(len(exam.calls), 1))
        self._answers[bend.site, bend.turn % self._rounds[bend.site]] = answer

    def _answer(self, call: Call) -> Any:
        if not self._answers:
            return PASS
        site = site_of(self._patient, call.name)
        if site not in self._rounds:
            return PASS
        turn = self._turns[site]
        self._turns[site] = (turn + 1) % self._rounds[site]
        answer = self._answers.get((site, turn))
        return PASS if answer is None else answer(call)


def given(call: Call) -> torch.Tensor:
    """What the activation is called with."""
    return call.given(0, "input")


def swap(patient: Patient, act: Act, wanted: Callable[[Bend, Exam], Answer | None], nothing: str) -> None:
    """Answer every call of the examined iteration for which ``wanted`` has an answer, or say ``nothing``."""
    sites = Sites(patient, act)

    def operate(exam: Exam) -> None:
        found = False
        for bend in exam.bends:
            answer = None if bend.kind.endswith("_") else wanted(bend, exam)
            if answer is not None:
                sites.give(exam, bend, answer)
                act.took(bend.site.name, place=bend.site.place)
                found = True
        if not found:
            raise CannotApplyError(nothing)
        exam.cancel()

    patient.when_examined(act, operate)
