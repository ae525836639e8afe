"""The six-stage recipe on a small table, against networks trained without it.

After Karpathy 2019, "A Recipe for Training Neural Networks": look, baselines, overfit, regularise, tune,
squeeze. The table is scikit-learn's diabetes data (442 patients; Efron et al. 2004).
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from netsitter.lab.chart import Chart
from netsitter.lab.result import Check, Result
from netsitter.recipe.config import STAGES

CLAIM = "The recipe's network beats the dumb baseline clearly, and its stages are all there."
NAMED: dict[str, tuple[str, ...]] = {}
SEEDS = (0,)
BUDGET = 15.0


def measure() -> Result:
    import pandas as pd
    from sklearn.datasets import load_diabetes

    import netsitter

    x, y = load_diabetes(return_X_y=True)
    frame = pd.DataFrame(x).rename(columns="column {}".format).assign(target=y)
    with tempfile.TemporaryDirectory() as folder:
        result = netsitter.train(
            frame, "target", out=Path(folder) / "run", settings={"recipe": {"budget": BUDGET, "seed": 0}}
        )
        run = netsitter.Run.open(result.path)
    metric, (network, dumb, best) = _scores(run)
    loss, validation = run["loss"], run["val/loss"]
    done = [stage for stage in STAGES if stage in run.facts["stages"]]
    return Result(
        seeds=SEEDS,
        columns=(f"test {metric}",),
        rows={"network": [network], "constant": [dumb], "best baseline": [best]},
        checks=_checks(done, network, dumb, metric, best),
        charts=(
            Chart(
                title="The best trial of the search",
                x="step",
                y="loss",
                lines={
                    "training": (loss.steps.tolist(), loss.values.tolist()),
                    "validation": (validation.steps.tolist(), validation.values.tolist()),
                },
                log_y=True,
            ),
        ),
    )


def _checks(done: Sequence[str], network: float, dumb: float, metric: str, best: float) -> tuple[Check, ...]:
    return (
        Check(
            text="all six stages were gone through",
            held=done == list(STAGES),
            measured=", ".join(done),
        ),
        Check(
            text="the network's error is at least 15 % below that of a constant",
            held=network < 0.85 * dumb,
            measured=f"{metric} {network:.4g} against {dumb:.4g}; the best baseline has {best:.4g}",
        ),
    )


def _scores(run) -> tuple[str, tuple[float, float, float]]:
    """The metric, and what the network, a constant and the best baseline score on the test rows."""
    metric = run.facts["metric"]["name"]
    baselines = {name: scores[metric] for name, scores in run.facts["baselines"].items()}
    values = {name: s["value"] if isinstance(s, dict) else s for name, s in baselines.items()}
    return metric, (
        run.facts["test"][metric]["value"],
        max(values.values()),
        min(values.values()),
    )
