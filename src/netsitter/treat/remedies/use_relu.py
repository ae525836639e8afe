"""Replace the sigmoids and tanhs inside the network.

## What it does
From the first step on, every sigmoid or tanh between two layers is answered by ``activation``, and the
weights are drawn anew by the scheme ``init`` that goes with it.

## When it helps
Gradients vanish on their way through many flat activations, or units sit at their flat ends.

## When it hurts
Gates, which need their values between 0 and 1, and shallow networks whose outputs are smooth.

## How it is undone
The calls reach the old functions again, and the old weights are copied back.

## References
Glorot, Bordes and Bengio, Deep sparse rectifier neural networks, 2011. Ramachandran et al., Searching for
activation functions, 2017. He et al., Delving deep into rectifiers, 2015.
"""

from typing import Any

from netsitter.treat.act import Act
from netsitter.treat.calls import Call
from netsitter.treat.examine import Bend, Exam
from netsitter.treat.patient import Patient
from netsitter.treat.remedies._init import fill, scheme_named
from netsitter.treat.remedies._sites import FLAT, Answer, function_of, given, swap


def apply(patient: Patient, act: Act, activation: str = "relu", init: str | None = "he") -> None:
    better = function_of(activation)

    def answer(call: Call) -> object:
        return better(given(call))

    def wanted(bend: Bend, exam: Exam) -> Answer | None:
        return answer if bend.kind in FLAT and not bend.is_head else None

    swap(patient, act, wanted, "It has no sigmoid or tanh between two layers.")
    if init:
        patient.when_examined(act, lambda exam: fill(act, exam, init) if act.is_applied else None)


def amend(candidate: Any, activation: str = "relu", init: str = "he") -> dict[str, Any]:
    return {"net.activation": activation.replace("_", "-"), "net.init": scheme_named(init)}
