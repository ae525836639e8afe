"""Validation runs with dropout or batch norm in training mode."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class TrainModeDuringEval(Rule):
    """Validation runs with dropout or batch norm in training mode.

    ## What it does
    Looks, in each pass without gradients over rows that are not trained on, whether dropout or batch norm
    were active.

    ## Why is this bad?
    Scores depend on chance and on which rows share a batch, batch norm's running statistics take in the
    validation rows, and the score reported is not the model's.

    ## What to do
    Call model.eval() before validation and model.train() after it.

    ## When it is wrong
    Monte Carlo dropout keeps dropout on over several passes of the same rows on purpose; passes that repeat
    rows are only odd.

    ## References
    PyTorch documentation, nn.Module.eval; Gal and Ghahramani, Dropout as a Bayesian Approximation, 2016.
    """

    code = "M009"
    severity = Severity.SICK
    depth = Depth.MECHANISM
    needs = ("val/train_mode",)
    explains = ("noisy-validation", "overfitting", "validation-leak")

    max_passes: float = 0.5
    """Passes a step. A pass without gradients at nearly every step is part of training (a teacher, a target
    network), not validation."""
    min_steps: int = 10

    def check(self, run: Run) -> Iterator[Finding]:
        modes, repeats = run["val/train_mode"], run["val/repeats"]
        steps = max(run.last_step + 1, 1)
        active = int((modes.finite > 0).sum())
        if (
            not active
            or 2 * active < len(modes)
            or steps < self.min_steps
            or modes.count > self.max_passes * steps
        ):
            return
        norms = [
            name
            for name, about in (run.facts.get("norms") or {}).items()
            if "BatchNorm" in str(about.get("type"))
        ]
        where = tuple(norms + list(run.facts.get("dropouts") or {}))
        is_sampling = bool((repeats.finite > 0).any())
        yield self.finding(
            f"{active} of {len(modes)} validation passes ran with dropout or batch norm in training mode.",
            where=where,
            since=int(modes.steps[modes.values > 0][0]),
            severity=Severity.ODD if is_sampling else None,
            evidence={"passes": active, "repeats": float(repeats.finite.max(initial=0.0)), "threshold": 0},
            remedies=(
                Remedy(
                    name="call-eval",
                    text="Call model.eval() before validation, and model.train() after it.",
                    knob=Knob.MODE,
                    safety=Safety.SAFE,
                    settings={"mode": "eval"},
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(mode: float) -> Run:
            run = run_of({"loss": [1.0] * 100}, facts={"norms": {"bn1": {"type": "BatchNorm2d"}}})
            for step in (24, 49, 74, 99):
                run.append(step, {"val/train_mode": mode, "val/repeats": 0.0})
            return run

        yield sick("eval() is never called", case(1.0))
        yield well("eval() is called", case(0.0))
