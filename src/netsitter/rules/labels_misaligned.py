"""Labels that have nothing to do with their inputs."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.curve import read_curve
from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import curve, run_of
from netsitter.rules._progress import if_it_hurts, solved
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class LabelsMisaligned(Rule):
    """The labels carry no information about the inputs, as if the two had been shuffled apart.

    ## What it does
    Looks how often a training row's nearest neighbour has the same label, against chance, and for rows of
    tokens how often the words of the other rows tell the label; and whether
    the network, too, learns nothing that holds for new rows. Also, whether a view has taken the scores of
    one place of a sequence or picture for those of others.

    ## Why is this bad?
    If inputs and labels were shuffled, sorted or filtered separately, row 17's label belongs to another
    row. A network can only guess, or learn the rows by heart.

    ## What to do
    Check the code that reads, sorts, shuffles or joins: inputs and labels must go through it together.
    Look at ten rows with their labels by eye.

    ## When it is wrong
    Targets that neighbours do not share: parity, counts, positions in a sequence; a network that learns
    them all the same is not reported. Truly unpredictable targets look alike.

    ## References
    Cover and Hart, Nearest Neighbor Pattern Classification, 1967: its error is at most twice the best
    possible. Zhang et al., Understanding Deep Learning Requires Rethinking Generalization, 2017.
    """

    code = "D014"
    severity = Severity.SICK
    depth = Depth.DYNAMICS
    needs = ("data/neighbour_agreement|data/bag_agreement|@scrambled_output", "loss")
    explains = (
        "not-learning", "plateau", "underfitting", "overfitting", "too-few-epochs", "worse-than-baseline",
    )  # fmt: skip

    max_z: float = 3.5
    """Standard errors above chance that neighbours may agree and still count as unrelated. Rows that are
    each other's neighbours count twice, which makes shuffled labels agree by up to 3."""
    max_told: float = 0.2
    """Share that neighbours tell of the labels; with few rows much lies within chance."""
    max_chance: float = 0.8
    """Where one class has nine rows in ten, neighbours agree anyhow and tell nothing."""
    min_rows: int = 100
    """Fewer rows cannot tell."""
    max_learnt: float = 0.25
    """A network that has learnt more of its training rows, and generalises, refutes the suspicion."""

    max_by_heart: float = 0.5
    """The same for rows of tokens, which a table of embeddings learns by heart in some epochs."""

    def check(self, run: Run) -> Iterator[Finding]:
        scrambled = run.facts.get("scrambled_output")
        if scrambled and if_it_hurts(run) is Severity.SICK:
            yield self.finding(
                f"The outputs were made {scrambled[0]} x {scrambled[1]} by a view that moves no number: the "
                "classes were not last, so that each place's label meets the scores of other places.",
                where=("output",),
                since=0,
                evidence={"rows": scrambled[0], "classes": scrambled[1]},
                remedies=(
                    Remedy(
                        name="permute-outputs",
                        text="Move the classes to the end before the view: permute or transpose.",
                        knob=Knob.WIRING,
                    ),
                ),
            )
            return
        yield from self._unrelated(run)

    def _unrelated(self, run: Run) -> Iterator[Finding]:
        """Neighbours, or words, that tell nothing of the labels, and a network that learns nothing."""
        kind = "neighbour" if "data/neighbour_agreement" in run else "bag"
        agreement, chance, rows = (
            run[f"data/{kind}_{name}"].last for name in ("agreement", "chance", "rows")
        )
        if (
            not math.isfinite(agreement)
            or not 0 <= chance < self.max_chance
            or not self.min_rows <= rows < 1e9
        ):
            return
        # The spread of a share, or (real targets) of a mean of squares over twice the variance.
        spread = math.sqrt((chance * (1 - chance) if chance > 0 else 2.0) / rows)
        z = (agreement - chance) / spread
        told = (agreement - chance) / (1 - chance)
        most = self.max_learnt if kind == "neighbour" else self.max_by_heart
        if z > self.max_z or told > self.max_told or not self._learns_nothing_that_holds(run, most):
            return
        what = "Neighbouring rows agree in" if kind == "neighbour" else "The words of a row tell of"
        yield self.finding(
            f"{what} their label no more than chance ({agreement:.1%} against {chance:.1%}), and "
            "nothing the network learns holds for new rows: inputs and labels seem shuffled apart.",
            evidence={
                "agreement": agreement,
                "chance": chance,
                "z": z,
                "threshold": self.max_z,
                "rows": rows,
            },
            remedies=(
                Remedy(
                    name="check-alignment",
                    text="Check that inputs and labels are read, shuffled, sorted and filtered together.",
                    knob=Knob.DATA,
                ),
            ),
        )

    def _learns_nothing_that_holds(self, run: Run, most: float) -> bool:
        learnt, val = solved(run), read_curve(run["val/loss"])
        if val is None:
            return not learnt > most
        ignorant = run["init/loss_expected"].first
        floor = ignorant if math.isfinite(ignorant) else run["val/loss"].first
        return val.best > 0.95 * floor if floor > 0 else val.gain <= 2 * val.noise

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(agreement: float, end: float, **more) -> Run:
            loss = curve(1.61, end, noise=0.01)
            neighbours = {"agreement": agreement, "chance": 0.2, "rows": 512}
            return run_of(
                {"loss": loss, "init/loss": loss[0], "init/loss_expected": 1.61}
                | {f"data/neighbour_{name}": value for name, value in neighbours.items()}
                | {name.replace("__", "/"): value for name, value in more.items()}
            )

        yield sick("neighbours differ and nothing is learnt", case(0.21, 1.58))
        yield sick("learnt by heart", case(0.2, 0.05, val__loss=curve(1.62, 3.0, steps=20)))
        words = {"data/bag_agreement": 0.5, "data/bag_chance": 0.52, "data/bag_rows": 500}
        by_heart = {"loss": curve(0.7, 0.54), "init/loss": 0.7, "init/loss_expected": 0.69}
        yield sick("words that tell nothing of the label", run_of(by_heart | words))
        told = words | {"data/bag_agreement": 0.9}
        yield well("words that tell the label", run_of(by_heart | told))
        cut = run_of({"loss": curve(1.6, 1.6, noise=0.05)}, facts={"scrambled_output": [200, 5]})
        yield sick("a view took the places' scores for those of others", cut)
        yield well("neighbours agree", case(0.7, 1.6))
        yield well("learnt all the same", case(0.2, 0.1))
