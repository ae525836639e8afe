"""An epsilon that decides the step."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import curve, layers, model, run_of
from netsitter.rules._progress import if_it_hurts, weights
from netsitter.run import Run

ADAPTIVE = ("Adam", "AdamW", "NAdam", "RAdam", "RMSprop", "Adagrad", "Adamax", "SparseAdam")


@dataclass(frozen=True, kw_only=True)
class OptimizerEps(Rule):
    """The optimiser's epsilon is as large as the gradients: it no longer adapts, and hardly moves.

    ## What it does
    Compares the epsilon of Adam and its kin with the typical size of a gradient entry at the start of
    the run, when gradients are at their largest.

    ## Why is this bad?
    Adam divides by the gradient's size plus epsilon. Where epsilon is larger, it decides the step: Adam
    becomes plain SGD at a rate of lr / epsilon, often a thousand times too low. With an epsilon of 0 a
    gradient of zero becomes 0 / 0.

    ## What to do
    Use the default (1e-8), or 1e-6 in half precision.

    ## When it is wrong
    Large epsilons (0.1 to 1) are tuned on purpose in some vision and reinforcement recipes, together with
    a larger rate; a run that learns well is not reported as sick.

    ## References
    Kingma and Ba, Adam, 2015, section 2; Choi et al., On Empirical Comparisons of Optimizers, 2019.
    """

    code = "L004"
    severity = Severity.SICK
    depth = Depth.MECHANISM
    needs = ("@model", "@optimizers", "grad_norm/*")
    explains = (
        "lr-too-low", "not-learning", "plateau", "underfitting", "constant-output", "too-few-epochs",
        "labels-misaligned", "vanishing-gradients", "class-imbalance-collapse",
    )  # fmt: skip

    max_ratio: float = 10.0
    """Epsilon over the root mean square of a gradient entry: the step is then a tenth of what it would
    be, and follows the gradient's size instead of its sign."""
    usual: float = 1e-6
    """Epsilons up to here are defaults somewhere; a gradient smaller still has vanished."""

    def check(self, run: Run) -> Iterator[Finding]:
        eps = max((_eps(group) for group in run.facts["optimizers"]), default=0.0)
        if eps <= self.usual:
            return
        ratios = {}
        for name, about in weights(run).items():
            size = float(about.get("elements") or math.prod(about.get("shape") or (1,)))
            norms = run[f"grad_norm/{name}"].head(4)
            norms = norms[np.isfinite(norms)]
            if len(norms) and norms.max() > 0:
                ratios[name] = eps * math.sqrt(size) / float(norms.max())
        where = sorted((name for name in ratios if ratios[name] >= self.max_ratio), key=lambda n: -ratios[n])
        if not where or len(where) * 2 < len(ratios):
            return
        typical = float(np.median(list(ratios.values())))
        yield self.finding(
            f"The optimiser's epsilon of {eps:g} is {typical:.3g} times as large as a typical gradient "
            "entry: steps "
            "are that much shorter than the learning rate says.",
            where=where,
            since=0,
            severity=if_it_hurts(run),
            evidence={"eps": eps, "eps_over_gradient": typical, "threshold": self.max_ratio},
            remedies=(
                Remedy(
                    name="default-eps",
                    text="Set eps back to 1e-8.",
                    knob=Knob.OPTIMIZER,
                    safety=Safety.UNSAFE,
                    settings={"eps": 1e-8},
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(eps: float) -> Run:
            return run_of(
                {"loss": curve(2.3, 2.3, noise=0.01)} | layers(0.5, 0.5, name="grad_norm/layer{}.weight"),
                facts={"model": model("Linear", "Linear"), "optimizers": [{"type": "Adam", "eps": eps}]},
            )

        yield sick("an epsilon of 10", case(10.0))
        yield well("the default", case(1e-8))
        yield well("below the gradients", case(1e-4))


def _eps(group: dict[str, Any]) -> float:
    return float(group.get("eps") or 0.0) if group.get("type") in ADAPTIVE else 0.0
