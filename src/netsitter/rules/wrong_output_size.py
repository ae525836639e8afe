"""The number of outputs is not the number of classes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._wiring import SYMPTOMS, loss_facts, main_loss
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class WrongOutputSize(Rule):
    """The number of outputs is not the number of classes.

    ## What it does
    Compares the width of the prediction with the classes that the targets hold, and reads the error of a
    loss function that was given a class too many.

    ## Why is this bad?
    One unit tells two classes apart, not three; a class without an output cannot be predicted; a softmax
    over one output is constant.

    ## What to do
    Give the last layer as many outputs as there are classes, and use cross_entropy; or one output and 0/1
    labels.

    ## When it is wrong
    Outputs for classes that this data happens not to hold are wasteful, not wrong.

    ## References
    PyTorch documentation, nn.CrossEntropyLoss.
    """

    code = "O006"
    severity = Severity.SICK
    depth = Depth.MECHANISM
    needs = ("@losses|@error",)
    explains = SYMPTOMS

    max_ratio: float = 3.0
    """Outputs over classes; far more outputs than classes are only odd. Vocabularies are left out."""
    max_width: int = 2000
    min_labels: int = 500
    """Labels seen before classes that did not come are believed not to come."""

    def check(self, run: Run) -> Iterator[Finding]:
        error = run.facts.get("error") or {}
        about = error.get("loss") or main_loss(run)
        shape = about.get("prediction_shape") or []
        width = int(shape[1]) if len(shape) > 1 else 1
        top = float(run["target/max"].finite.max(initial=-1.0))
        if error.get("loss"):
            top = max(top, float(error.get("target_max") or -1.0))
        classes = int(run["target/classes"].finite.max(initial=0.0))
        found = self._problem(run, about, width, top)
        if found is None:
            return
        problem, severity = found
        yield self.finding(
            f"{problem[0].upper()}{problem[1:]}.",
            where=(str(run.facts["head_layer"]),) if run.facts.get("head_layer") else (),
            since=max(run.last_step, 0) if error.get("loss") else 0,
            severity=severity,
            evidence={
                "outputs": width,
                "largest_class": top,
                "classes": classes,
                "threshold": self.max_ratio,
            },
            remedies=(
                Remedy(
                    name="match-outputs",
                    text="Give the last layer one output a class and use cross_entropy.",
                    knob=Knob.OUTPUT,
                ),
            ),
        )

    def _problem(
        self, run: Run, about: dict[str, Any], width: int, top: float
    ) -> tuple[str, Severity] | None:
        name, shape = str(about.get("name")), about.get("prediction_shape") or []
        has_died = bool((run.facts.get("error") or {}).get("loss"))
        whole = run["target/integer"].finite
        is_whole = len(whole) > 0 and bool((whole == 1).all())
        classes = int(run["target/classes"].finite.max(initial=0.0))
        # Classes are counted from 0; whole numbers that never come near it are amounts, or coded otherwise.
        least = float(run["target/min"].finite.min(initial=top))
        distinct = run["target/distinct"].finite
        # Masks of 0 and 255 have two classes.
        is_counted = is_whole and least <= 0 and top >= 2 and not (len(distinct) and distinct.max() <= 2)
        if name.startswith("binary_cross_entropy") and width == 1 and is_counted:
            return f"one output unit is to tell {int(top) + 1} classes apart", Severity.SICK
        if name in ("cross_entropy", "nll_loss") and has_died and top >= width:
            outputs = f"outputs for 0 to {width - 1}"
            return f"class {int(top)} was asked for, and there are {outputs}", Severity.FATAL
        if name == "cross_entropy" and width == 1 and len(shape) > 1:
            return "cross_entropy over one output is always 0", Severity.FATAL
        if name == "cross_entropy" and self._is_wasteful(run, width, classes):
            return f"there are {width} outputs for {classes} classes", Severity.ODD
        return None

    def _is_wasteful(self, run: Run, width: int, classes: int) -> bool:
        labels = float(run["batch/rows"].finite.sum())
        return (
            classes > 1
            and width <= self.max_width
            and width >= self.max_ratio * classes
            and labels >= self.min_labels
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(
            name: str, shape: list[int], top: float, classes: float, low: float = 0, **facts: object
        ) -> Run:
            numbers = {
                "target/min": [low] * 40,
                "target/max": [top] * 40,
                "target/classes": [classes] * 40,
                "target/integer": [1.0] * 40,
            }
            rows = {"batch/rows": [32.0] * 40}
            return run_of({**numbers, **rows}, facts={**loss_facts(name, prediction_shape=shape), **facts})

        bce = "binary_cross_entropy_with_logits"
        yield sick("three classes on one unit", case(bce, [16, 1], 2, 3))
        died = {
            "loss": {"name": "cross_entropy", "prediction_shape": [32, 10]},
            "target_max": 10.0,
            "message": "out of bounds",
        }
        yield sick("labels from 1 to 10", case("cross_entropy", [32, 10], 9, 10, error=died))
        yield sick("a hundred outputs for ten classes", case("cross_entropy", [32, 100], 9, 10))
        mask = case(bce, [16, 1], 255, 0)
        mask.append(40, {"target/distinct": 2.0})
        yield well("masks of 0 and 255, whose range is what is wrong", mask)
        yield well("ratings from 1 to 5 are amounts", case(bce, [16, 1], 5, 5, low=1))
        yield well("ten for ten", case("cross_entropy", [32, 10], 9, 10))
        yield well("0 and 1 on one unit", case(bce, [32, 1], 1, 2))
