"""The model trains in evaluation mode."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._wiring import SYMPTOMS, parameters, seen, since
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class EvalModeDuringTraining(Rule):
    """The model trains in evaluation mode.

    ## What it does
    Looks at model.training in each training forward of a model that holds dropout or batch norm.

    ## Why is this bad?
    Dropout is off, so nothing regularises; batch norm uses running statistics that never update, so inputs
    of a raw scale pass through unnormalised.

    ## What to do
    Call model.train() at the start of each epoch; a validation helper that calls eval() must call train()
    again.

    ## When it is wrong
    Fine-tuning with all batch norm statistics frozen, or without dropout, is done on purpose sometimes;
    a loaded model that never trained in training mode and holds no batch norm is only odd.

    ## References
    PyTorch documentation, nn.Module.train and nn.Module.eval.
    """

    code = "M008"
    severity = Severity.SICK
    depth = Depth.MECHANISM
    needs = ("@seen",)
    explains = SYMPTOMS

    min_share: float = 0.3
    """Of the steps: a validation helper that forgets train() leaves nearly all of them."""
    min_steps: int = 5

    def check(self, run: Run) -> Iterator[Finding]:
        wrong, steps = seen(run, "eval_mode"), seen(run, "steps")
        if steps < self.min_steps or wrong < self.min_share * steps:
            return
        norms = [
            name
            for name, about in (run.facts.get("norms") or {}).items()
            if "BatchNorm" in str(about.get("type"))
        ]
        dropouts = list(run.facts.get("dropouts") or {})
        began = since(run, "eval_mode") or 0
        yield self.finding(
            f"{wrong} of {steps} training steps ran in evaluation mode: dropout or batch norm rest.",
            where=tuple(norms + dropouts),
            since=began,
            severity=None if norms or began > 0 or (dropouts and not _is_finetuned(run)) else Severity.ODD,
            evidence={
                "share": wrong / steps,
                "batch_norms": len(norms),
                "dropouts": len(dropouts),
                "threshold": self.min_share,
            },
            remedies=(
                Remedy(
                    name="call-train",
                    text="Call model.train() before each training epoch.",
                    knob=Knob.MODE,
                    safety=Safety.UNSAFE,
                    settings={"mode": "train"},
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(wrong: int, first: int) -> Run:
            facts = {"seen": {"steps": 100, "eval_mode": wrong}, "since": {"eval_mode": first}}
            return run_of({"loss": [1.0] * 100}, facts={**facts, "norms": {"bn1": {"type": "BatchNorm1d"}}})

        yield sick("after the first validation", case(90, 10))
        yield sick("from the start", case(100, 0))
        yield well("never", case(0, 0))


def _is_finetuned(run: Run) -> bool:
    """Whether weights were loaded or trained before."""
    return any(about.get("pretrained") for about in parameters(run).values())
