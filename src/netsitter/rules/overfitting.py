"""Validation turns up while training goes on falling."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from netsitter.curve import Curve, level, read_curve
from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import curve, run_of
from netsitter.run import Run

REMEDIES = (
    Remedy(
        name="stop-early",
        text="Keep the weights of the best validation loss and stop when it has not improved for a while.",
        knob=Knob.EPOCHS,
        safety=Safety.SAFE,
    ),
    Remedy(
        name="more-dropout",
        text="Add dropout of 0.3 to 0.5 before the last layers.",
        knob=Knob.REGULARIZATION,
        safety=Safety.UNSAFE,
        settings={"dropout": 0.3},
    ),
    Remedy(
        name="smaller-network",
        text="Use a smaller network, or more data.",
        knob=Knob.CAPACITY,
        safety=Safety.UNSAFE,
        settings={"width_factor": 0.5},
    ),
)


@dataclass(frozen=True, kw_only=True)
class Overfitting(Rule):
    """The validation loss has turned up while the training loss went on falling.

    ## What it does
    Measures how far the validation loss has risen since its best, in units of what it had gained from
    the start, and whether the training loss fell meanwhile.

    ## Why is this bad?
    From the best step on the network learns the training rows by heart. Its last weights are worse on
    new rows than weights it once had.

    ## What to do
    Keep the weights of the best step. Then regularise (dropout, weight decay, augmentation), take a
    smaller network, or get more data.

    ## When it is wrong
    If you keep the best weights, the rise costs only time. The loss can rise while the accuracy still
    improves: the network grows too sure of itself rather than wrong more often. Where validation never
    improved at all this is only `odd`: then rows unlike the training rows are the likelier cause.

    ## References
    Prechelt, Early Stopping: But When?, 1998: generalisation loss in units of the best.
    """

    code = "F006"
    severity = Severity.SICK
    depth = Depth.OUTCOME
    needs = ("loss", "val/loss")
    explains = ("noisy-validation",)

    min_rise: float = 0.15
    """Share of the validation gain that is lost again. Healthy early-stopped runs lose up to a tenth
    within their patience."""
    patience: float = 0.5
    """The same for a run whose best lies in its later half: it was watched, and stopped."""
    slight: float = 0.05
    """Share of what knowing nothing costs: a task that can hardly be learnt gains little and soon loses much
    of that, while its loss hardly moves."""
    min_noise: float = 3.0
    """Rise in units of the validation loss's own scatter."""
    min_passes: int = 5
    """Validation passes needed to see a turn."""

    def check(self, run: Run) -> Iterator[Finding]:
        train, val = read_curve(run["loss"]), read_curve(run["val/loss"], windows=10)
        if train is None or val is None or val.count < self.min_passes:
            return
        start = _first(run, val)
        gain, memorised = start - min(val.best, _lowest(run)), _fall_since(train, val.best_step)
        if memorised < 3 * train.level_noise or val.lost < self.min_noise * val.noise:
            return
        never = gain <= max(3 * val.noise, 0.02 * (train.start - train.best)) and not _holds(run)
        slight = val.lost < self.slight * run["init/loss_expected"].first
        share = val.lost / gain if gain > 0 else math.inf
        patient = share < self.patience and val.best_step > run.last_step / 2
        if share < self.min_rise:
            return
        yield self.finding(
            f"Since step {val.best_step} the validation loss rises, from {val.best:.4g} to "
            f"{val.end:.4g}, while the "
            f"training loss falls to {train.end:.4g}.",
            since=val.best_step,
            severity=Severity.ODD if never or slight or patient else Severity.SICK,
            evidence={
                "best_step": val.best_step,
                "best": val.best,
                "end": val.end,
                "share_lost": min(share, 1e9),
                "threshold": self.min_rise,
            },
            remedies=REMEDIES,
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        train = curve(0.7, 0.01)
        down, up = curve(0.7, 0.4, steps=20, noise=0.01), curve(0.4, 0.9, steps=20, pace=0, noise=0.01)
        yield sick("turns up and stays up", _validated(train, [*down, *up]))
        soon = [0.69, 0.63, 0.62, 0.64, *curve(0.8, 2.0, steps=56, noise=0.01)]
        yield sick("turns up within the first tenth of the passes", _validated(train, soon))
        yield sick("never turns down", _validated(train, [*curve(0.7, 1.9, steps=30)]))
        yield well("levels out", _validated(train, [*down, *curve(0.4, 0.4, steps=20, noise=0.01)]))
        yield well("stopped within its patience", _validated(train, [*down, 0.405, 0.41, 0.42]))
        yield well(
            "rises with the training loss: that is no overfitting",
            _validated(curve(0.7, 1.4, pace=0), curve(0.7, 1.4, steps=30, pace=0)),
        )


def _validated(train, val) -> Run:
    run = run_of({"loss": train})
    for index, value in enumerate(val):
        run.append((index + 1) * len(train) // len(val), {"val/loss": float(value)})
    return run


def _first(run: Run, val: Curve) -> float:
    """The loss before any learning: validation comes first when an epoch is already over."""
    first = run["val/loss"].finite[0]
    opening = run["init/loss"].first if "init/loss" in run else run["loss"].first
    if "init/loss_expected" in run:
        # Large first weights start above what knowing nothing costs: coming down from there is no gain.
        opening = min(opening, run["init/loss_expected"].first)
    return max(first, opening) if math.isfinite(opening) and opening < 3 * abs(first) else first


def _fall_since(train: Curve, step: int) -> float:
    """How far the training loss has fallen since that step."""
    at = max((i for i, s in enumerate(train.steps) if s <= step), default=0)
    return train.levels[at] - train.end


def _lowest(run: Run) -> float:
    """The lowest validation loss of any three passes in a row, by their median: a network that learns by
    heart within some epochs is at its best before the first tenth of the passes is over."""
    values = run["val/loss"].finite
    return float(np.median(np.stack([values[:-2], values[1:-1], values[2:]]), axis=0).min())


SURE = 3.0
"""Standard errors."""


def _holds(run: Run) -> bool:
    """Whether the network does better on validation rows than the commonest class would, beyond chance."""
    accuracy, rows = level(run["val/metric/accuracy"].tail(8)), run["val/rows"].last
    chance = run["val/target/top_share"].last
    return (
        accuracy - chance > SURE * math.sqrt(max(chance * (1 - chance), 0.0) / rows) if rows >= 1 else False
    )
