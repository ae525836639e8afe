"""Targets lie outside what the loss function accepts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._wiring import SYMPTOMS, graph, loss_facts, main_loss
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class TargetOutOfRange(Rule):
    """Targets lie outside what the loss function accepts.

    ## What it does
    Compares the targets' range with the one that the loss function is defined on, and reads the error of a
    loss function that refused them.

    ## Why is this bad?
    Binary cross-entropy on a target of 2 has no minimum: it falls for ever. A negative class, or one too
    many, stops the program or, on a GPU, the device.

    ## What to do
    Labels of binary cross-entropy are 0 and 1 (or lie between), those of a margin -1 and 1; classes are
    counted from 0.

    ## When it is wrong
    Label smoothing and soft labels stay within [0, 1] and are fine; so is an ignore index.

    ## References
    PyTorch documentation, nn.BCEWithLogitsLoss, nn.CrossEntropyLoss.
    """

    code = "O009"
    severity = Severity.SICK
    depth = Depth.MECHANISM
    needs = ("@losses|@error|@graph", "target/min|@error|@graph")
    explains = SYMPTOMS

    slack: float = 1e-3
    """Rounding of soft labels."""

    def check(self, run: Run) -> Iterator[Finding]:
        error = run.facts.get("error") or {}
        about = error.get("loss") or main_loss(run)
        name = str(about.get("name"))
        lows = [*run["target/min"].finite, *_given(error, "target_min")]
        highs = [*run["target/max"].finite, *_given(error, "target_max")]
        least, most = (float(min(lows)), float(max(highs))) if lows and highs else (0.0, 0.0)
        shape = about.get("prediction_shape") or []
        died = bool(error.get("loss"))
        if graph(run).get("margin_of_flags") or (name in _MARGINS and least == 0 and most == 1):
            message = (
                "The margin is taken of scores times labels of 0 and 1: of rows labelled 0 nothing is asked."
            )
            yield self._found(run, message, {"target_min": 0.0, "target_max": 1.0, "low": -1.0, "high": 1.0})
            return
        if name.startswith("binary_cross_entropy"):
            low, high = 0.0, 1.0
        elif name in ("cross_entropy", "nll_loss") and died and len(shape) > 1:
            low, high = 0.0, float(shape[1] - 1)
        else:
            return
        if least < low - self.slack or most > high + self.slack:
            message = (
                f"{name} accepts targets from {low:g} to {high:g}, and was given {least:.3g} to {most:.3g}."
            )
            yield self._found(
                run, message, {"target_min": least, "target_max": most, "low": low, "high": high}, died=died
            )

    def _found(self, run: Run, message: str, evidence: dict[str, float], *, died: bool = False) -> Finding:
        return self.finding(
            message,
            since=max(run.last_step, 0) if died else 0,
            severity=Severity.FATAL if died else None,
            evidence={**evidence, "threshold": self.slack},
            remedies=(
                Remedy(
                    name="recode-target",
                    text="Count classes from 0, and use cross_entropy for more than two of them; margins "
                    "want labels of -1 and 1.",
                    knob=Knob.DATA,
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(name: str, low: float, high: float, **facts: object) -> Run:
            return run_of(
                {"target/min": [low] * 3, "target/max": [high] * 3}, facts={**loss_facts(name), **facts}
            )

        yield sick("class 2 in binary cross-entropy", case("binary_cross_entropy_with_logits", 0, 2))
        died = {
            "message": "Target 10 is out of bounds.",
            "loss": {"name": "cross_entropy", "prediction_shape": [32, 10]},
        }
        yield sick(
            "class 10 of 10",
            case("cross_entropy", 1, 9, error={**died, "target_min": 1.0, "target_max": 10.0}),
        )
        yield sick("a smooth margin of 0 and 1", case("soft_margin_loss", 0, 1))
        flags = {"graph": {"margin_of_flags": True}}
        yield sick("a hinge by hand of 0 and 1", run_of({"loss": [0.4] * 3}, facts=flags))
        yield well("a smooth margin of -1 and 1", case("soft_margin_loss", -1, 1))
        yield well("0 and 1", case("binary_cross_entropy_with_logits", 0, 1))
        yield well("ignored rows", case("cross_entropy", -100, 9))


_MARGINS = ("soft_margin_loss", "hinge_embedding_loss")
"""Losses of a score times a label of -1 or 1."""


def _given(error: dict[str, Any], name: str) -> list[float]:
    """The bound of the targets on which a loss function raised."""
    return [float(error[name])] if isinstance(error.get(name), int | float) else []
