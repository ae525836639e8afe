"""Dropout takes more than the network can spare."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import curve, run_of
from netsitter.rules._progress import if_it_hurts
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class DropoutTooHigh(Rule):
    """So many units are dropped that too little of the signal arrives.

    ## What it does
    Reads the rate of every dropout module.

    ## Why is this bad?
    At a rate of 0.8 a layer passes on a fifth of its units and multiplies them by five: the noise is
    larger than the signal, and two such layers pass on a twenty-fifth.

    ## What to do
    0.1 to 0.5. Check that the number is the rate of dropping, not of keeping: frameworks differ.

    ## When it is wrong
    Very wide layers (thousands of units) and inputs with many copies of the same information bear more.

    ## References
    Srivastava et al., Dropout, 2014: 0.5 for hidden units, 0.2 for inputs; figure 9 shows harm above 0.7.
    """

    code = "F011"
    severity = Severity.SICK
    depth = Depth.SETTING
    needs = ("@dropouts", "loss")
    explains = ("not-learning", "plateau", "underfitting", "oscillation", "too-few-epochs")

    max_rate: float = 0.7
    """Srivastava et al. 2014, section A.4: training error rises steeply beyond."""
    sick_rate: float = 0.8
    """Below, a wide network on little data may need it."""

    def check(self, run: Run) -> Iterator[Finding]:
        rates = {name: _rate(about) for name, about in run.facts["dropouts"].items()}
        high = sorted(
            (name for name, rate in rates.items() if rate >= self.max_rate), key=lambda n: -rates[n]
        )
        if high:
            yield self.finding(
                f"Dropout of {rates[high[0]]:g} leaves {1 - rates[high[0]]:.0%} of the units.",
                where=high,
                severity=if_it_hurts(run) if rates[high[0]] >= self.sick_rate else Severity.ODD,
                evidence={"rate": rates[high[0]], "threshold": self.max_rate},
                remedies=(
                    Remedy(
                        name="less-dropout",
                        text="Set dropout to 0.2.",
                        knob=Knob.REGULARIZATION,
                        safety=Safety.UNSAFE,
                        settings={"dropout": 0.2},
                    ),
                ),
            )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(rate: float) -> Run:
            return run_of(
                {"loss": curve(2.3, 2.0)}, facts={"dropouts": {"drop": {"type": "Dropout", "p": rate}}}
            )

        yield sick("four of five units dropped", case(0.8))
        yield well("every second unit dropped", case(0.5))
        yield well("dropout switched off", case(0.0))


def _rate(about: dict) -> float:
    return float(about.get("p") or 0.0)
