"""The first layers get almost no gradient."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import curve, layers, model, run_of
from netsitter.rules._progress import if_it_hurts, share, weights
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class VanishingGradients(Rule):
    """The early layers receive almost no gradient, measured against the later ones.

    ## What it does
    Compares, step by step, each weight matrix's gradient in units of its own weights with that of the
    layer that gets most, and looks how deep the early layers lie below it. For a recurrence, compares the
    gradient at the first step of a sequence with that at the last.

    ## Why is this bad?
    Layers without gradient stay as random as they began. The last layers then learn from noise, or
    from nothing that depends on the input.

    ## What to do
    ReLU-like activations instead of sigmoid or tanh, He or Glorot initialisation, batch or layer norm,
    residual connections, fewer layers. For sequences, an LSTM with a forget bias of 1, or a GRU.

    ## When it is wrong
    Layers frozen or fine-tuned on purpose at a lower rate still get their gradient, and are not meant.

    ## References
    Hochreiter, 1991; Glorot and Bengio, Understanding the Difficulty of Training Deep Feedforward Neural
    Networks, 2010; Pascanu, Mikolov and Bengio, On the Difficulty of Training Recurrent Neural Networks,
    2013.
    """

    code = "G001"
    severity = Severity.SICK
    depth = Depth.DYNAMICS
    needs = ("@model", "grad_share/*|init/through_time/*")
    explains = (
        "constant-output", "not-learning", "plateau", "underfitting", "lr-too-low", "labels-misaligned",
        "too-few-epochs", "class-imbalance-collapse",
    )  # fmt: skip

    min_share: float = 1e-3
    """Early layer over the strongest. Published 1e-3 to 1e-4; healthy runs here lie above 1e-2."""
    min_steps: int = 40
    """Fewer steps are the beginning of a run."""
    min_layers: int = 4
    """Fewer layers have no depth for a gradient to vanish in."""
    rounding: float = 2.0**-24
    """First step of a sequence over the last one: below, single precision loses the first step's part of the
    weights' gradient when it is added to the last one's."""
    early: float = 0.5
    """The part of the network, from the input, that counts as early."""

    def check(self, run: Run) -> Iterator[Finding]:
        found = next(self._over_depth(run), None) or next(self._over_time(run), None)
        if found is not None:
            yield found

    def _over_time(self, run: Run) -> Iterator[Finding]:
        kept = {
            name.removeprefix("init/through_time/"): series.first
            for name, series in run.match("init/through_time/*").items()
        }
        faded = sorted((name for name in kept if kept[name] < self.rounding), key=lambda name: kept[name])
        # Without need of the first steps none of it matters, and many recurrences that learn are like this.
        blown_up = run["loss"].first_nonfinite is not None
        # A gate on a state that begins at zero has no gradient at first; the other gates then have one.
        if not faded or len(faded) < len(kept) or blown_up or if_it_hurts(run) is Severity.ODD:
            return
        yield self.finding(
            f"The gradient at the first step of a sequence is {kept[faded[0]]:.1g} of that at the last: "
            f"{faded[0]} cannot learn from the beginning.",
            where=faded,
            since=0,
            evidence={"share": kept[faded[0]], "threshold": self.rounding},
            remedies=(_GATES,),
        )

    def _over_depth(self, run: Run) -> Iterator[Finding]:
        names = [name for name in weights(run) if f"grad_share/{name}" in run]
        if len(names) < self.min_layers:
            return
        shares = _shares(run, names)
        if shares is None:
            return
        early = max(1, int(len(names) * self.early))
        faint = [index for index in range(early) if shares[index] < self.min_share]
        # The first layer itself, and not one odd matrix in the middle of a network that learns.
        if not faint or faint[0] > 1:
            return
        has_begun = run.last_step + 1 >= self.min_steps
        where = sorted((names[index] for index in faint), key=lambda name: shares[names.index(name)])
        yield self.finding(
            f"{where[0]} gets {shares[names.index(where[0])]:.1g} of the gradient of the layer that "
            "gets most, and so "
            f"do {len(where)} of {len(names)} layers from the input on.",
            where=where,
            since=int(run[f"grad_share/{where[0]}"].steps[0]),
            severity=if_it_hurts(run) if has_begun else Severity.ODD,
            evidence={"share": share(shares[faint]), "threshold": self.min_share, "layers": len(names)},
            remedies=(_RELU, _NORM),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(*shares: float, end: float = 2.3) -> Run:
            loss = curve(2.3, end, noise=0.01)
            return run_of(
                {"loss": loss, "init/loss": loss[0], "init/loss_expected": 2.3, **layers(*shares)},
                facts={"model": model(*["Linear"] * len(shares))},
            )

        yield sick("a sigmoid stack", case(1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1))
        flat = curve(1.39, 1.38, noise=0.01)
        time = {"loss": flat, "init/loss": 1.39, "init/loss_expected": 1.39}
        one = {"model": model("RNN")}
        yield sick("sixty sigmoid steps", run_of({**time, "init/through_time/w": 1e-30}, facts=one))
        yield well("a recurrence that keeps", run_of({**time, "init/through_time/w": 0.01}, facts=one))
        gates = {"init/through_time/reset": 0.0, "init/through_time/update": 0.2}
        yield well("a reset gate on a state of zeros", run_of({**time, **gates}, facts=one))
        yield well("all layers within a decade", case(0.02, 0.03, 0.02, 0.05, 0.1))
        yield well("two layers", case(1e-4, 1e-1))
        yield well("a quiet layer near the output", case(0.1, 0.1, 0.1, 1e-5))


_RELU = Remedy(
    name="use-relu",
    text="Use ReLU or GELU with He initialisation instead of sigmoid or tanh.",
    knob=Knob.ACTIVATION,
    safety=Safety.UNSAFE,
    settings={"activation": "relu", "init": "he"},
)
_NORM = Remedy(
    name="add-norm",
    text="Put batch norm or layer norm between the layers.",
    knob=Knob.NORM,
    safety=Safety.UNSAFE,
    settings={"norm": "batch"},
)
_GATES = Remedy(
    name="use-gates",
    text="Use an LSTM with a forget bias of 1, or a GRU, or read the sequence in fewer steps.",
    knob=Knob.ACTIVATION,
)


def _shares(run: Run, names: list[str]) -> np.ndarray | None:
    """Each matrix's gradient over that of the strongest, median over the samples; None without samples."""
    samples = min(len(run[f"grad_share/{name}"]) for name in names)
    table = np.array([run[f"grad_share/{name}"].tail(samples) for name in names])
    alive = np.all(np.isfinite(table), axis=0) & np.any(table > 0, axis=0)
    if not alive.any():
        return None
    return np.median(table[:, alive] / table[:, alive].max(axis=0), axis=1)
