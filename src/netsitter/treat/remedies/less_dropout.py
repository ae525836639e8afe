"""Drop fewer units.

## What it does
Dropout is called with probability ``dropout`` where the program asks for more. Chance is drawn as before,
so that the data keep their order.

## When it helps
So many units are dropped that the network cannot fit its training rows.

## When it hurts
A network that overfits without it.

## How it is undone
Dropout is called with the program's probability again.

## References
Srivastava et al., Dropout: a simple way to prevent neural networks from overfitting, 2014, section 7.3.
"""

from typing import Any

from netsitter.treat.act import Act, CannotApplyError
from netsitter.treat.calls import PASS, Call
from netsitter.treat.patient import Patient
from netsitter.treat.places import here

DROPOUTS = ("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_dropout")


def apply(patient: Patient, act: Act, dropout: float = 0.2) -> None:
    def drop(call: Call) -> Any:
        if call.given(1, "p", 0.5) <= dropout:
            return PASS
        act.took(call.name, place=None if len(act.places) > 8 else here("dropout"))
        if dropout == 0:
            call.proceed()
            return call.given(0, "input")
        call.give(1, "p", dropout)
        return PASS

    patient.on_call(DROPOUTS, act, drop)
    raise CannotApplyError(f"No dropout above {dropout:g} is called.")


def amend(candidate: Any, dropout: float = 0.2) -> dict[str, Any]:
    return {"net.dropout": min(dropout, candidate.net.dropout)}
