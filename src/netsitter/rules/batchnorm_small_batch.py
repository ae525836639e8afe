"""Batch norm is fed by batches of a few rows."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.curve import level
from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class BatchnormSmallBatch(Rule):
    """Batch norm is fed by batches of a few rows.

    ## What it does
    Compares the number of rows in a batch with what batch norm over vectors needs to estimate a mean and a
    variance.

    ## Why is this bad?
    Statistics of two to four rows are mostly noise: what a row becomes depends on its neighbours by chance,
    and the running statistics used at evaluation fit no batch that was trained on.

    ## What to do
    Larger batches; or layer norm or group norm, which do not look at other rows.

    ## When it is wrong
    Over images every pixel counts as a row, so that small batches do less harm; then it is only odd.

    ## References
    Ioffe and Szegedy, Batch Normalization, 2015; Wu and He, Group Normalization, 2018, figure 1: errors
    rise below 8 a batch.
    """

    code = "M010"
    severity = Severity.SICK
    depth = Depth.MECHANISM
    needs = ("batch/rows",)
    explains = (
        "oscillation",
        "plateau",
        "not-learning",
        "underfitting",
        "overfitting",
        "noisy-validation",
        "loss-spike",
    )

    max_rows: int = 4
    """Wu and He: the error rises steeply from 4 down to 2."""
    min_steps: int = 5

    def check(self, run: Run) -> Iterator[Finding]:
        error = str((run.facts.get("error") or {}).get("message", ""))
        norms = {name: str(about.get("type")) for name, about in (run.facts.get("norms") or {}).items()}
        batch = {name: kind for name, kind in norms.items() if "BatchNorm" in kind}
        rows = level(run["batch/rows"].values)
        died = "more than 1 value per channel when training" in error
        if not died and not (batch and rows <= self.max_rows and run.last_step >= self.min_steps):
            return
        flat = [name for name, kind in batch.items() if kind == "BatchNorm1d"]
        shown = 1.0 if died or not math.isfinite(rows) else rows
        yield self.finding(
            "A batch of one row reached batch norm in training mode, which has no variance to divide by."
            if died
            else f"Batch norm estimates its statistics from {shown:.0f} rows.",
            where=tuple(flat or batch),
            since=max(run.last_step, 0) if died else 0,
            severity=Severity.FATAL if died else None if flat else Severity.ODD,
            evidence={"rows": shown, "threshold": self.max_rows},
            remedies=(
                Remedy(
                    name="drop-last" if died else "larger-batch",
                    text="Use drop_last=True in the data loader."
                    if died
                    else "Use batches of 16 or more, or layer norm.",
                    knob=Knob.BATCH,
                    safety=Safety.UNSAFE,
                    settings={"batch": 32},
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(rows: float, kind: str) -> Run:
            return run_of(
                {"batch/rows": [rows] * 9, "loss": [1.0] * 9}, facts={"norms": {"bn": {"type": kind}}}
            )

        yield sick("batches of two", case(2, "BatchNorm1d"))
        error = {
            "type": "ValueError",
            "message": "Expected more than 1 value per channel when training, got input size",
        }
        yield sick("a last batch of one", run_of({"batch/rows": [8.0] * 4}, facts={"error": error}))
        yield well("batches of 32", case(32, "BatchNorm1d"))
        yield well("layer norm", case(2, "LayerNorm"))
