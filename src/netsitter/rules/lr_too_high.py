"""Steps so long that they overshoot."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from netsitter.curve import Curve, level, noise, read_curve
from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import curve, run_of
from netsitter.rules._progress import has_learnt, if_it_hurts, is_adversarial, solved, thrives, weights
from netsitter.run import Run

OPENING = 20
"""First steps, whose batches scatter more than later ones."""


@dataclass(frozen=True, kw_only=True)
class LrTooHigh(Rule):
    """The learning rate is so high that steps overshoot: the loss diverges or never settles.

    ## What it does
    Looks for a loss that ends above its start or overflows, and for weights that change by a twentieth
    of themselves in every step while the loss only jumps about.

    ## Why is this bad?
    Each step lands further up the other side of the valley than the last, or bounces between its
    sides for ever.

    ## What to do
    Divide the learning rate by 10, and again until the loss falls. Warm-up and clipping help through
    the first steps.

    ## When it is wrong
    A loss without a floor, maximised by mistake, runs away at any rate. Unscaled inputs make any rate
    too high: scale them first.

    ## References
    LeCun, Bottou, Orr and Müller, Efficient BackProp, 1998; Smith, Cyclical Learning Rates, 2017. The
    ratio of update to weight near 1e-3 is Karpathy's rule of thumb (CS231n).
    """

    code = "L001"
    severity = Severity.SICK
    depth = Depth.SETTING
    needs = ("loss",)
    explains = (
        "non-finite-loss", "exploding-gradients", "oscillation", "loss-spike", "weight-growth",
        "dead-units", "saturated-units", "not-learning", "plateau", "constant-output", "underfitting",
        "noisy-validation", "vanishing-gradients", "class-imbalance-collapse", "lr-too-low",
        "overfitting", "labels-misaligned",
    )  # fmt: skip

    min_points: int = 20
    """Fewer points show no trend."""
    rise: float = 0.5
    """The end lies above the start by this share of everything the curve went through."""
    slight: float = 0.15
    """Share of what knowing nothing costs."""
    max_update: float = 0.05
    """Usual change of the weight matrix that moves most, in one step, relative to its norm. Published
    limits are 0.1; healthy runs keep to 1e-4..1e-2 after their first steps."""

    wild: float = 0.1
    """The published limit; between the two a run may only be near its floor."""

    thrown: float = 0.2
    """Change of the usual weight matrix by each of the first steps: five of them replace what the
    initialisation gave. Healthy runs start between 1e-4 and 0.05."""

    burst: float = 10.0
    """Rise of the loss over its start, in units of all it ever gained, that no good run shows."""
    hardly: float = 0.4
    """Share of what there is to learn: less, after such a start, is owed to it."""

    def check(self, run: Run) -> Iterator[Finding]:
        read = read_curve(run["loss"])
        if is_adversarial(run) or _input_is_broken(run):
            return
        broke = run["loss"].first_nonfinite
        if broke is not None and _exploded(run):
            yield self._found(
                f"The loss grows until it overflows at step {broke}.", broke, {"nonfinite_since": broke}
            )
            return
        if read is None or read.count < self.min_points:
            return
        peak = float(np.max(read.levels))
        span = max(peak, read.start) - min(read.best, read.start)
        rises = read.end - read.start > max(self.rise * span, 10 * read.level_noise) and read.fallen < -10
        if rises and self._is_large(run, read):
            yield self._found(
                f"The loss rises from {read.start:.4g} to {read.end:.4g} instead of falling.",
                read.best_step,
                {"start": read.start, "end": read.end, "threshold": self.rise},
            )
            return
        update = _update(run)
        is_lost = read.noise > read.gain / 2
        restless = read.noise > 0.15 * max(read.gain, 1e-300) or read.lost > 0.15 * read.gain
        if update > self.max_update and restless and _settles_nowhere(read):
            yield self._found(
                f"Each step changes the weights by {update:.1%}, and the loss jumps about without "
                "falling further.",
                read.best_step,
                {
                    "update_ratio": update,
                    "threshold": self.max_update,
                    "noise": read.noise,
                    "gain": read.gain,
                },
                if_it_hurts(run) if (update > self.wild or is_lost) and not thrives(run) else Severity.ODD,
            )
            return
        yield from self._thrown(run, read)

    def _is_large(self, run: Run, read: Curve) -> bool:
        """Whether a rise is more than a first batch that happened to be easy."""
        opening = run["loss"].head(OPENING)
        usual = level(opening[:5])
        return (
            read.end - usual > 3 * noise(opening)
            or read.end - read.start > self.slight * run["init/loss_expected"].first
        )

    def _thrown(self, run: Run, read: Curve) -> Iterator[Finding]:
        """The first steps, which may kill the network; what follows then moves as little as it likes."""
        kick, learnt = _first_steps(run), solved(run)
        burst = (float(run["loss"].finite.max()) - read.start) / max(read.gain, read.level_noise)
        is_idle = not has_learnt(run) if math.isnan(learnt) else learnt < self.hardly
        if kick > self.thrown and (is_idle or burst > self.burst):
            yield self._found(
                f"Each of the first steps changed the weights by {kick:.0%}: nothing is left of the "
                "initialisation, and "
                + ("little came of it." if is_idle else f"the loss shot up by {burst:.0f} times its gain."),
                0,
                {"first_updates": kick, "threshold": self.thrown, "learnt": learnt, "burst": burst},
            )

    def _found(
        self, message: str, since: int, evidence: dict[str, float], severity: Severity = Severity.SICK
    ) -> Finding:
        return self.finding(
            message,
            since=since,
            evidence=evidence,
            severity=severity,
            remedies=(
                Remedy(
                    name="lower-rate",
                    text="Divide the learning rate by 10.",
                    knob=Knob.LR,
                    safety=Safety.UNSAFE,
                    settings={"factor": 0.1},
                ),
                Remedy(
                    name="clip-gradients",
                    text="Clip the gradient norm to its usual value.",
                    knob=Knob.CLIP,
                    safety=Safety.SAFE,
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        blown = [*np.geomspace(2, 1e30, 40), np.inf, *[np.nan] * 20]
        jumping = {
            "loss": curve(1.0, 0.5, pace=40, noise=0.6, steps=2000),
            "update_ratio/layer0.weight": [0.2] * 40,
        }
        yield sick("diverges to infinity", run_of({"loss": blown}))
        yield sick("rises", run_of({"loss": curve(2.3, 9.0)}))
        yield sick("long steps that get nowhere", run_of(jumping))
        thrown = {
            "loss": curve(2.3, 2.3, noise=0.02), "init/loss": 2.3, "init/loss_expected": 2.3,
            "update_ratio/layer0.weight": [0.9, 0.5, 0.4, 0.3, *[0.001] * 40],
        }  # fmt: skip
        yield sick("the first steps throw the weights, and nothing moves after", run_of(thrown))
        yield well("falls", run_of({"loss": curve(2.3, 0.2), "update_ratio/layer0.weight": [0.01] * 40}))
        yield well(
            "broken input, not a long step",
            run_of({"loss": [np.nan] * 40}, facts={"nonfinite": {"kind": "input"}}),
        )
        yield well("flat", run_of({"loss": curve(2.3, 2.3, noise=0.1)}))


def _update(run: Run) -> float:
    """The usual relative step of the matrix that moves most; the first samples may be wild."""
    moves = run.match("update_ratio/*")
    matrices = weights(run) or moves
    ratios = [level(moves[name].values[4:]) for name in matrices if name in moves and len(moves[name]) >= 8]
    return max((ratio for ratio in ratios if np.isfinite(ratio)), default=0.0)


def _first_steps(run: Run) -> float:
    """How far each of the first steps moved the usual weight matrix, of those that did not begin at 0."""
    moves = run.match("update_ratio/*")
    matrices = weights(run) or moves
    firsts = [
        level(moves[name].values[:4])
        for name in matrices
        if name in moves and len(moves[name]) >= 6 and run[f"init/zero/{name}"].first != 1
    ]
    return level(np.array([first for first in firsts if first < 1e6]))


def _settles_nowhere(read: Curve) -> bool:
    """The second half brings no new gain."""
    half = read.levels[len(read.levels) // 2]
    return half - read.end < 0.1 * max(read.gain, 0.0) + 2 * read.level_noise


def _exploded(run: Run) -> bool:
    """The loss grew before the first value that is not finite: overflow, and not a NaN out of nothing."""
    values = run["loss"].finite
    return len(values) >= 2 and float(values.max()) > 10 * abs(float(values[0])) and values[-1] > values[0]


def _input_is_broken(run: Run) -> bool:
    return (run.facts.get("nonfinite") or {}).get("kind") in ("input", "target")
