"""The batch or the target holds NaN or infinite values."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._wiring import SYMPTOMS
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class NonFiniteInput(Rule):
    """The batch or the target holds NaN or infinite values.

    ## What it does
    Counts values that are not finite numbers in the inputs and targets of sampled batches, and in the batch
    on which the loss was lost.

    ## Why is this bad?
    One NaN in one row makes the loss of its batch NaN, and the step after it every weight.

    ## What to do
    Find the columns or files; fill missing values with the training median and add an indicator, or drop
    the rows.

    ## When it is wrong
    Models that mask missing values themselves may be given NaN on purpose; their loss then stays finite.

    ## References
    Rubin, Inference and Missing Data, Biometrika, 1976.
    """

    code = "N002"
    severity = Severity.FATAL
    depth = Depth.MECHANISM
    needs = ("input/nonfinite|target/nonfinite",)
    explains = SYMPTOMS

    min_share: float = 0.0
    """Any value at all: one is enough to lose the weights."""

    def check(self, run: Run) -> Iterator[Finding]:
        origin = run.facts.get("nonfinite") or {}
        kinds = [
            kind
            for kind in ("input", "target")
            if _worst(run, kind) > self.min_share or origin.get("kind") == kind
        ]
        if not kinds or _is_consequence(run, kinds):
            return
        worst = max(_worst(run, kind) for kind in kinds)
        is_lost = run["loss"].first_nonfinite is not None
        series = run[f"{kinds[0]}/nonfinite"]
        bad = series.steps[np.nan_to_num(series.values, nan=1.0) > self.min_share]
        first = origin.get("step") if origin.get("kind") in kinds else None
        yield self.finding(
            f"The {' and the '.join(kinds)} given to the model hold values that are not finite numbers.",
            where=tuple(str(place) for place in origin.get("where") or ())
            if origin.get("kind") in kinds
            else tuple(kinds),
            since=int(bad[0]) if len(bad) else first,
            severity=None if is_lost or "loss" not in run else Severity.ODD,
            evidence={"share": worst, "threshold": self.min_share},
            remedies=(
                Remedy(
                    name="fill-missing",
                    text="Fill missing values with the training median, or drop those rows before training.",
                    knob=Knob.DATA,
                    safety=Safety.UNSAFE,
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        nan = float("nan")
        yield sick("a column with gaps", run_of({"input/nonfinite": [0.0, 0.01], "loss": [1.0, nan]}))
        lost = {"step": 1, "kind": "input", "where": ["input[:, 3]"]}
        seen_late = run_of({"input/nonfinite": [0.0], "loss": [1.0, nan]}, facts={"nonfinite": lost})
        yield sick("only on a batch that was not sampled", seen_late)
        yield well("clean batches", run_of({"input/nonfinite": [0.0, 0.0], "loss": [1.0, 0.9]}))
        yield well("a loss lost by divergence", run_of({"input/nonfinite": [0.0, 0.0], "loss": [1.0, nan]}))
        grown = {"step": 1, "kind": "module", "where": ["rnn"]}
        yield well(
            "a head that is given what a diverging recurrence makes",
            run_of({"input/nonfinite": [0.0, 1.0], "loss": [1.0, nan]}, facts={"nonfinite": grown}),
        )


def _worst(run: Run, kind: str) -> float:
    """The largest share of non-finite values in any sampled batch."""
    return max((float(share) for share in run[f"{kind}/nonfinite"].finite), default=0.0)


def _is_consequence(run: Run, kinds: list[str]) -> bool:
    """Whether the loss was lost before, to something else: what a network's other parts are given then is
    what is left of them."""
    origin, lost = run.facts.get("nonfinite") or {}, run["loss"].first_nonfinite
    if lost is None or origin.get("kind", "input") in ("input", "target"):
        return False
    series = [run[f"{kind}/nonfinite"] for kind in kinds]
    bad = [(s.steps[s.values > 0], s.values[s.values > 0]) for s in series]
    return all(len(steps) and steps[0] >= lost and shares.min() == 1.0 for steps, shares in bad)
