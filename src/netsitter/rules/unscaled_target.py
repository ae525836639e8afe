"""The regression target is many scales away from what the network gives."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.curve import level
from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._wiring import SYMPTOMS, loss_facts, main_loss
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class UnscaledTarget(Rule):
    """The regression target is many scales away from what the network gives.

    ## What it does
    Compares the size of the targets with the size of the network's first outputs, in a run that has not got
    far.

    ## Why is this bad?
    The output layer must first grow by that factor, which a normal learning rate does not manage; the loss
    and its gradients are as large as the target's square.

    ## What to do
    Standardise the target with the training rows' mean and standard deviation, or take its logarithm, and
    transform predictions back.

    ## When it is wrong
    A run that explains its target all the same is left alone.

    ## References
    LeCun et al., Efficient BackProp, 1998; Bishop, Neural Networks for Pattern Recognition, 1995, section
    8.2.
    """

    code = "O010"
    severity = Severity.SICK
    depth = Depth.SETTING
    needs = ("@losses", "target/std", "output/std")
    explains = SYMPTOMS

    max_ratio: float = 30.0
    """Target over output. A standardised target lies between 1 and 10 at the usual initialisations."""
    min_learnt: float = 0.9
    """Of the target's variance; above it the scale does no harm."""
    min_steps: int = 20

    def check(self, run: Run) -> Iterator[Finding]:
        name = str(main_loss(run).get("name"))
        if (
            name not in ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss")
            or run.last_step < self.min_steps
        ):
            return
        mean, std = run["target/mean"].finite, run["target/std"].finite
        out_mean, out_std = run["output/mean"].finite, run["output/std"].finite
        if not all(map(len, (mean, std, out_mean, out_std))):
            return
        target = math.hypot(level(mean), level(std))
        output = math.hypot(float(out_mean[0]), float(out_std[0]))
        learnt = level(run["metric/r2"].tail(5))
        # Weights that start at 0 give no output to compare with: any other start gives one near 1.
        ratio = target / (output if output > 0 else 1.0)
        if not math.isfinite(ratio) or ratio < self.max_ratio or target < self.max_ratio / 3:
            return
        if math.isfinite(learnt) and learnt > self.min_learnt:
            return
        yield self.finding(
            f"Targets are of size {target:.3g}, and the network began with outputs of size {output:.2g}.",
            where=("target",),
            since=0,
            evidence={"target": target, "output": output, "ratio": ratio, "threshold": self.max_ratio},
            remedies=(
                Remedy(
                    name="standardise-target",
                    text="Standardise the target: subtract the training mean, divide by the spread.",
                    knob=Knob.DATA_SCALE,
                    safety=Safety.UNSAFE,
                    settings={"target": "standardise"},
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(size: float, learnt: float) -> Run:
            target = {"target/mean": [0.0] * 40, "target/std": [size] * 40, "metric/r2": [learnt] * 40}
            numbers = {**target, "output/mean": [0.0] * 40, "output/std": [0.3] * 40}
            return run_of({"loss": [1.0] * 40, **numbers}, facts=loss_facts("mse_loss"))

        yield sick("prices in full", case(3e5, -0.5))
        yield well("standardised", case(1.0, 0.1))
        yield well("large, and learnt all the same", case(100.0, 0.97))
