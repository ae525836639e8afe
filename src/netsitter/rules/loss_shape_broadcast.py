"""Prediction and target have shapes that broadcast: every row is compared with every other."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._progress import if_it_hurts
from netsitter.rules._wiring import SYMPTOMS, graph, loss_facts, main_loss
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class LossShapeBroadcast(Rule):
    """Prediction and target have shapes that broadcast: every row is compared with every other.

    ## What it does
    Looks in the loss's graph and arguments for a prediction of shape (N, 1) that meets a target of shape
    (N,), which gives N x N differences; or for one output a row that meets several targets.

    ## Why is this bad?
    The loss then asks each prediction to match all targets of the batch: the best answer is their mean, and
    the network learns to ignore its input.

    ## What to do
    Give both the same shape: prediction.squeeze(1), or target.unsqueeze(1).

    ## When it is wrong
    Differences between all pairs are meant in ranking and contrastive losses, where both sides are learnt;
    those are not counted.

    ## References
    NumPy documentation, Broadcasting.
    """

    code = "O007"
    severity = Severity.SICK
    depth = Depth.MECHANISM
    needs = ("@graph|@losses",)
    explains = ("unscaled-target", "no-nonlinearity", *SYMPTOMS)

    min_rows: int = 2
    """With one row nothing is broadcast."""

    def check(self, run: Run) -> Iterator[Finding]:
        about = main_loss(run)
        found = graph(run).get("broadcast")
        prediction, target = about.get("prediction_shape") or [], about.get("target_shape") or []
        if found:
            prediction, result = found.get("prediction") or [], found.get("result") or []
        elif about.get("name") in _ELEMENTWISE and _both_grow(prediction, target, self.min_rows):
            result = [max(a, b) for a, b in zip([1, *prediction][-2:], [1, *target][-2:], strict=True)]
        elif about.get("name") in _ELEMENTWISE and _is_stretched(prediction, target, self.min_rows):
            result = target
        else:
            return
        is_square = list(result) != list(target)
        yield self.finding(
            f"The prediction has shape {tuple(prediction)}, what is compared {tuple(result)}: each "
            + (
                "row is compared with every other row's target."
                if is_square
                else "output is to be several numbers."
            ),
            since=0,
            severity=None if is_square else if_it_hurts(run),
            evidence={"prediction": list(prediction), "result": list(result), "threshold": self.min_rows},
            remedies=(
                Remedy(
                    name="same-shape",
                    text="Make the shapes equal first: prediction.squeeze(1) or target.unsqueeze(1).",
                    knob=Knob.LOSS,
                    safety=Safety.UNSAFE,
                    settings={"squeeze": 1},
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(prediction: list[int], target: list[int], **graph: object) -> Run:
            facts = loss_facts("mse_loss", prediction_shape=prediction, target_shape=target)
            return run_of({"loss": [1.0] * 5}, facts={**facts, "graph": graph})

        yield sick("(N, 1) against (N,)", case([32, 1], [32]))
        by_hand = {"prediction": [32, 1], "result": [32, 32]}
        yield sick("written by hand", case([32, 1], [32, 1], broadcast=by_hand))
        yield sick("one output, two coordinates", case([32, 1], [32, 2]))
        yield well("several outputs, one target: quantiles", case([32, 3], [32, 1]))
        yield well("equal shapes", case([32, 1], [32, 1], broadcast=None))
        yield well("one target for all", case([32, 1], [1]))


_ELEMENTWISE = ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss")


def _both_grow(prediction: list[int], target: list[int], min_rows: int) -> bool:
    """Whether broadcasting makes more numbers than either side has."""
    rank = max(len(prediction), len(target))
    left = [1] * (rank - len(prediction)) + list(prediction)
    right = [1] * (rank - len(target)) + list(target)
    both = [max(a, b) for a, b in zip(left, right, strict=True)]
    return math.prod(both) > max(math.prod(left), math.prod(right)) and max(both, default=0) >= min_rows


def _is_stretched(prediction: list[int], target: list[int], min_rows: int) -> bool:
    """Whether each row's one output is compared with several numbers of the same row."""
    if len(prediction) != len(target) or prediction[:1] != target[:1] or target[0] < min_rows:
        return False
    return math.prod(prediction) < math.prod(target)
