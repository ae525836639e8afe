"""The loss became NaN or infinite."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.run import Run

REMEDIES = (
    Remedy(
        name="lower-rate",
        text="Start again with a tenth of the learning rate, or clip the gradient norm.",
        knob=Knob.LR,
        safety=Safety.UNSAFE,
        settings={"factor": 0.1},
    ),
    Remedy(
        name="clip-gradients",
        text="Clip the gradient norm to 1.",
        knob=Knob.CLIP,
        safety=Safety.UNSAFE,
        settings={"max_norm": 1.0},
    ),
    Remedy(
        name="skip-bad-batch",
        text="Leave out a batch whose loss is not finite.",
        knob=Knob.DATA,
        safety=Safety.UNSAFE,
    ),
)


@dataclass(frozen=True, kw_only=True)
class NonFiniteLoss(Rule):
    """The loss became NaN or infinite.

    ## What it does
    Looks for the first loss that is not a finite number, and names the first input, parameter or layer in
    which a NaN or an infinity appeared.

    ## Why is this bad?
    From that step on every weight is NaN and stays so: whatever follows is lost time.

    ## What to do
    Lower the learning rate, scale the inputs, clip the gradient; where one operation made the NaN (a
    logarithm of 0, a division by 0, a root of 0), give it a small epsilon.

    ## When it is wrong
    With automatic mixed precision a first infinite loss may be skipped by the scaler; the run then goes on.

    ## References
    Goldberg, What Every Computer Scientist Should Know About Floating-Point Arithmetic, 1991.
    """

    code = "N001"
    severity = Severity.FATAL
    depth = Depth.DYNAMICS
    needs = ("loss",)
    explains = ("not-learning", "plateau", "underfitting", "loss-spike", "oscillation", "worse-than-baseline")

    max_recovered: float = 0.5
    """Where at least this share of the losses after the first is finite, the run has recovered."""

    def check(self, run: Run) -> Iterator[Finding]:
        series = run["loss"]
        first = series.first_nonfinite
        if first is None:
            return
        after = series.values[series.steps > first]
        recovered = len(after) > 0 and float(np.isfinite(after).mean()) >= self.max_recovered
        origin = run.facts.get("nonfinite") or {}
        where = tuple(str(place) for place in origin.get("where") or ())
        yield self.finding(
            f"The loss is not a number from step {first} on{_story(origin)}.",
            where=where,
            since=first,
            severity=Severity.ODD if recovered else None,
            evidence={
                "step": first,
                "kind": origin.get("kind", ""),
                "operation": origin.get("operation", ""),
                "finite_after": float(np.isfinite(after).mean()) if len(after) else 0.0,
                "threshold": self.max_recovered,
            },
            remedies=REMEDIES,
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(*losses: float, origin: dict[str, object] | None = None) -> Run:
            return run_of({"loss": losses}, facts={"nonfinite": origin} if origin else {})

        parameter = {"step": 2, "kind": "parameter", "where": ["fc1.weight"]}
        yield sick("weights overflowed", case(1.0, 1e20, float("nan"), float("nan"), origin=parameter))
        yield sick("the last loss is infinite", case(1.0, 2.0, float("inf")))
        yield well("large but finite", case(1.0, 1e20, 1e30))


def _story(origin: Mapping[str, Any]) -> str:
    """In words, where it began."""
    where = ", ".join(str(place) for place in (origin.get("where") or [])[:3])
    kind, operation = origin.get("kind"), origin.get("operation")
    if kind in ("input", "target"):
        return f": the {kind} already held a NaN or infinity"
    if kind == "parameter":
        return f": the step before had made {where or 'parameters'} non-finite"
    if kind == "module" and operation:
        return f": finite inputs became non-finite in {operation}" + (f" after {where}" if where else "")
    if kind == "loss":
        return ": every layer was finite, the loss itself was not"
    return ""
