"""Inputs on scales that no initialisation is made for."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._progress import if_it_hurts, is_behind
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class UnscaledInputs(Rule):
    """The inputs are far from unit size, or some are orders of magnitude larger than others.

    ## What it does
    Measures the root mean square of every input column of the first batches: the largest, and how far
    the columns lie apart; whether no input at all comes near 1, and whether most
    columns hardly vary around a mean that is not 0.

    ## Why is this bad?
    Initialisations and learning rates assume inputs near 1. A column of thousands decides the first
    layer alone, saturates or kills its units, and forces the rate so low that the others never learn. Beside
    inputs near 0 the biases decide, and all rows look alike.

    ## What to do
    Subtract each column's mean and divide by its standard deviation, both taken from training rows;
    take logarithms of amounts; divide pixels by 255.

    ## When it is wrong
    A norm layer before or right after the first layer takes the scale out again; so do trees and
    embeddings. A run that learns well in spite of it is not reported as sick.

    ## References
    LeCun, Bottou, Orr and Müller, Efficient BackProp, 1998, section 4.3: normalising the inputs.
    """

    code = "D002"
    severity = Severity.SICK
    depth = Depth.SETTING
    needs = ("input/std", "input/mean")
    explains = (
        "lr-too-high", "lr-too-low", "exploding-gradients", "vanishing-gradients", "dead-units",
        "saturated-units", "non-finite-loss", "bad-initial-loss", "init-too-large", "oscillation",
        "loss-spike", "plateau", "not-learning", "constant-output", "underfitting", "weight-growth",
        "too-few-epochs", "labels-misaligned", "noisy-validation", "class-imbalance-collapse",
    )  # fmt: skip

    max_size: float = 10.0
    """Root mean square; standardised columns have 1, pixels of 0..255 about 100."""
    max_ratio: float = 100.0
    """Largest over median column: one-hot columns beside standardised ones reach about 10."""

    min_size: float = 0.02
    """Of the largest input there is, whatever its sign; pixels divided by 255 twice reach 0.004."""
    min_spread: float = 0.1
    """Of a column, over its distance from 0, in the first batch: 1 and more once standardised, a percent
    where marks of -9999 took part in that. Judged where the rows tell more than the network has learnt."""

    def check(self, run: Run) -> Iterator[Finding]:
        most = max(abs(run["input/min"].first), abs(run["input/max"].first))
        if 0 < most < self.min_size and not run.facts.get("norms") and if_it_hurts(run) is Severity.SICK:
            yield self._found(
                f"No input is further from 0 than {most:.2g}: beside the biases they hardly count.",
                evidence={"most": most, "threshold": self.min_size},
            )
            return
        squeezed = _squeezed(run)
        if squeezed < self.min_spread and not run.facts.get("norms") and is_behind(run):
            yield self._found(
                f"Half of the columns spread by less than {squeezed:.2g} of their distance from 0: something "
                "far out, such as marks for missing values, has set their scale.",
                evidence={"spread": squeezed, "threshold": self.min_spread},
            )
            return
        size = math.hypot(run["input/std"].first, run["input/mean"].first)
        ratio = run["input/scale_ratio"].first if "input/scale_ratio" in run else 1.0
        columns = _columns(run)
        largest = max([size, *columns]) if math.isfinite(size) else math.nan
        if not (largest > self.max_size or ratio > self.max_ratio) or not math.isfinite(largest):
            return
        where = sorted(range(len(columns)), key=lambda i: -columns[i])
        normed = bool(run.facts.get("norms"))
        severity = Severity.ODD if normed and run["loss"].first_nonfinite is None else if_it_hurts(run)
        yield self._found(
            f"The inputs are far from unit size: up to {largest:.3g}"
            + (f", and columns differ by a factor of {ratio:.3g}." if ratio > self.max_ratio else "."),
            where=[f"column {i}" for i in where if columns[i] > self.max_size][:20],
            severity=severity,
            evidence={"size": largest, "threshold": self.max_size, "column_ratio": min(ratio, 1e30)},
        )

    def _found(
        self,
        message: str,
        *,
        evidence: dict[str, float],
        where: list[str] | None = None,
        severity: Severity = Severity.SICK,
    ) -> Finding:
        return self.finding(
            message,
            where=where or [],
            since=0,
            severity=severity,
            evidence=evidence,
            remedies=(
                Remedy(
                    name="standardise-inputs",
                    text="Bring every input column to mean 0 and standard deviation 1, measured on "
                    "training rows.",
                    knob=Knob.DATA_SCALE,
                    safety=Safety.UNSAFE,
                    settings={"inputs": "standard"},
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(std: float, mean: float = 0.0, ratio: float = 1.0) -> Run:
            return run_of(
                {"input/std": [std] * 9, "input/mean": [mean] * 9, "input/scale_ratio": [ratio] * 9}
            )

        yield sick("amounts in the thousands", case(5000, 20000))
        yield sick("one column a thousand times the others", case(5, 0, 1000))
        yield sick(
            "pixels divided by 255 twice",
            run_of(
                {
                    "input/std": 1e-3,
                    "input/mean": 1e-3,
                    "input/min": 0.0,
                    "input/max": 4e-3,
                    "loss": [2.3] * 40,
                }
            ),
        )
        marks = {"input_columns": {"mean": [0.12, 0.14, -0.3], "std": [0.006, 0.004, 1.8]}}
        told = {"data/neighbour_agreement": 0.8, "data/neighbour_chance": 0.0, "data/neighbour_rows": 400}
        behind = told | {"input/std": 0.9, "input/mean": 0.0, "metric/r2": [0.0] * 40, "loss": [1.0] * 40}
        yield sick("standardised with marks for missing values among them", run_of(behind, facts=marks))
        learnt = behind | {"metric/r2": [0.9] * 40}
        yield well("columns far from 0, of which all is learnt", run_of(learnt, facts=marks))
        yield well("standardised", case(1.0))
        yield well("pixels between 0 and 1", case(0.3, 0.4))


def _squeezed(run: Run) -> float:
    """The middle column's spread over its mean's distance from 0 in the first batch; inf where unknown."""
    columns = run.facts.get("input_columns") or {}
    mean, std = (np.asarray(columns.get(key) or [], dtype=np.float64) for key in ("mean", "std"))
    if mean.shape != std.shape:
        return math.inf
    varies = np.isfinite(mean) & (std > 0)
    return (
        float(np.median(std[varies] / np.maximum(np.abs(mean[varies]), 1e-30))) if varies.any() else math.inf
    )


def _columns(run: Run) -> list[float]:
    """Root mean square of each input column of the first batch."""
    columns = run.facts.get("input_columns") or {}
    mean, std = (np.asarray(columns.get(key) or [], dtype=np.float64) for key in ("mean", "std"))
    if mean.shape != std.shape:
        return []
    return [float(value) for value in np.hypot(mean, std) if math.isfinite(value)]
