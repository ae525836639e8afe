"""The loss function does not fit the kind of target."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.curve import level
from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.rules._progress import learnable
from netsitter.rules._wiring import loss_facts, main_loss
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class WrongLoss(Rule):
    """The loss function does not fit the kind of target.

    ## What it does
    Compares the loss function with the targets it is given: class indices, one-hot rows, probabilities,
    counts, reals.

    ## Why is this bad?
    Squared error on class numbers says that class 9 is further from 1 than 2 is; cross-entropy on reals
    that are no probabilities has no meaning at all.

    ## What to do
    Classes: cross_entropy on raw scores. Yes or no: binary_cross_entropy_with_logits. Reals: mse, l1 or
    huber. Counts: poisson_nll.

    ## When it is wrong
    Squared error on one-hot rows or 0/1 labels is a known choice (the Brier score) and is only odd.

    ## References
    Hui and Belkin, Evaluation of Neural Architectures Trained with Square Loss vs Cross-Entropy, 2021.
    """

    code = "O005"
    severity = Severity.SICK
    depth = Depth.SETTING
    needs = ("@losses", "target/min", "target/max")

    max_classes: int = 20
    """Whole-number targets with no more distinct values than this look like classes."""
    min_classes: int = 3
    max_ordinality: float = 0.6
    """Correlation between the distance of two classes' inputs and that of their numbers; amounts have
    0.8 and more, names -0.6 to 0.55 over ten made-up tables."""
    max_excess: float = 0.1
    """Of a row of class probabilities over its sum of 1, as a mean; rounding and padding stay below."""
    min_told: float = 0.5
    """Share that neighbours tell of the labels; below, the order of the classes cannot be seen."""

    def check(self, run: Run) -> Iterator[Finding]:
        name = str(main_loss(run).get("name"))
        low, high = run["target/min"].finite, run["target/max"].finite
        if not len(low) or not len(high):
            return
        least, most = float(low.min()), float(high.max())
        problem = self._misfit(run, name, least, most)
        doubt = "" if problem else self._doubt(run, name, least, most)
        if not problem and not doubt:
            return
        yield self.finding(
            f"{name} {problem or doubt}.",
            since=0,
            severity=None if problem else Severity.ODD,
            evidence={"loss": name, "target_min": least, "target_max": most, "threshold": self.max_classes},
            remedies=(
                Remedy(
                    name="fitting-loss",
                    text="Use cross_entropy for classes, and mse, l1 or huber for reals.",
                    knob=Knob.LOSS,
                    safety=Safety.UNSAFE,
                    settings={"loss": "mse_loss" if problem else "cross_entropy"},
                ),
            ),
        )

    def _are_names(self, run: Run, name: str, distinct: float, least: float, most: float) -> bool:
        """Whole numbers from 0 on, each as good as the next: classes 3 and 4 no nearer than 3 and 9."""
        return (
            self._are_whole(run, name, distinct, least, most)
            and distinct > self.min_classes
            and run["data/ordinality"].last < self.max_ordinality
            and learnable(run) > self.min_told
        )

    def _are_whole(self, run: Run, name: str, distinct: float, least: float, most: float) -> bool:
        """Whole numbers from 0 on, as amounts."""
        whole = run["target/integer"].finite
        return (
            name in ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss")
            and bool(len(whole) and (whole == 1).all())
            and self.min_classes <= distinct <= self.max_classes
            and least == 0
            and most == distinct - 1
        )

    def _misfit(self, run: Run, name: str, least: float, most: float) -> str:
        """What cannot be right."""
        about = main_loss(run)
        prediction, target = about.get("prediction_shape") or [], about.get("target_shape") or []
        is_dense = len(target) == len(prediction) > 1
        if name == "cross_entropy" and is_dense and (most > 1.001 or least < -0.001):
            return f"is given targets from {least:.3g} to {most:.3g}, which are no probabilities"
        rows = run["target/mean"].finite * (target[1] if is_dense else 0)
        if name == "cross_entropy" and is_dense and abs(level(rows) - 1) > self.max_excess:
            return (
                f"is given rows of targets that sum to {level(rows):.3g} instead of 1: several tags a row "
                "need a binary cross-entropy each"
            )
        shares = run["output/row_sum"].finite
        if (
            name == "binary_cross_entropy"
            and is_dense
            and len(rows)
            and len(shares)
            and shares.max() < self.max_excess / 100
            and abs(level(rows) - 1) > self.max_excess
        ):
            return (
                f"is given rows of outputs that sum to 1 and rows of targets that sum to {level(rows):.3g}: "
                "several tags a row need a sigmoid each, not a softmax"
            )
        distinct = float(run["target/distinct"].finite.max(initial=0.0))
        copied = run["target/copied"].finite
        if len(copied) and (copied == 1).all() and self._are_whole(run, name, distinct, least, most):
            return f"compares each of the outputs with the same class number, of {distinct:.0f} classes"
        if self._are_names(run, name, distinct, least, most):
            return (
                f"takes {distinct:.0f} class numbers for amounts, and their order says nothing of the inputs"
            )
        if name == "poisson_nll_loss" and least < 0:
            return f"is given targets down to {least:.3g}, which are no counts"
        return ""

    def _doubt(self, run: Run, name: str, least: float, most: float) -> str:
        """What may be meant."""
        target = main_loss(run).get("target_shape") or []
        whole = run["target/integer"].finite
        if name not in ("mse_loss", "l1_loss") or not len(whole) or not bool((whole == 1).all()):
            return ""
        distinct = float(run["target/distinct"].finite.max(initial=0.0))
        if len(target) > 1 and target[-1] > 1 and (least, most) == (0.0, 1.0) and distinct == 2:
            return "compares one-hot rows; cross-entropy punishes confident mistakes harder"
        if self.min_classes <= distinct <= self.max_classes and least >= 0 and most < self.max_classes:
            return f"takes {distinct:.0f} whole-number targets for amounts; classes need cross-entropy"
        return ""

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(name: str, shape: list[int], low: float, high: float, distinct: float, whole: float) -> Run:
            numbers = {
                "target/min": low,
                "target/max": high,
                "target/distinct": distinct,
                "target/integer": whole,
            }
            facts = loss_facts(name, prediction_shape=shape, target_shape=shape)
            return run_of({key: [value] * 3 for key, value in numbers.items()}, facts=facts)

        yield sick("cross-entropy on reals", case("cross_entropy", [32, 4], -2.0, 3.5, 128, 0))
        tags = case("cross_entropy", [32, 5], 0, 1, 2, 1)
        tags.append(3, {"target/mean": 0.42})
        yield sick("cross-entropy on several tags a row", tags)
        shared = case("binary_cross_entropy", [32, 5], 0, 1, 2, 1)
        shared.append(3, {"target/mean": 0.42, "output/row_sum": 1e-7})
        yield sick("several tags a row against a softmax", shared)
        one_hot = case("binary_cross_entropy", [32, 5], 0, 1, 2, 1)
        one_hot.append(3, {"target/mean": 0.2, "output/row_sum": 1e-7})
        yield well("binary cross-entropy between a softmax and one class a row", one_hot)
        yield sick("squared error on one-hot rows", case("mse_loss", [32, 10], 0, 1, 2, 1))
        names = case("mse_loss", [32], 0, 9, 10, 1)
        names.append(3, {"data/ordinality": 0.1, **_NEIGHBOURS})
        yield sick("squared error on class numbers that have no order", names)
        expanded = case("mse_loss", [32, 4], 0, 3, 4, 1)
        expanded.append(3, {"target/copied": 1.0})
        yield sick("squared error on a class number that is copied to each output", expanded)
        yield well("cross-entropy on probabilities", case("cross_entropy", [32, 4], 0.02, 0.94, 128, 0))
        yield well("squared error on reals", case("mse_loss", [32, 1], -2.0, 3.5, 32, 0))


_NEIGHBOURS = {"data/neighbour_agreement": 0.9, "data/neighbour_chance": 0.1, "data/neighbour_rows": 400}
