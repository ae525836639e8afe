"""More threads than cores."""

from collections.abc import Iterator
from dataclasses import dataclass

from netsitter.finding import Depth, Finding, Severity
from netsitter.remedy import Knob, Remedy, Safety
from netsitter.rule import Case, Rule, sick, well
from netsitter.rules._examples import run_of
from netsitter.run import Run


@dataclass(frozen=True, kw_only=True)
class ThreadOversubscription(Rule):
    """More threads compute than there are free cores: they wait for each other.

    ## What it does
    Adds torch's threads to what else keeps the machine busy and compares that with the cores that this
    process may use.

    ## Why is this bad?
    Threads of one operation meet at its end. If one of them has no core, all others wait for it, and a
    step of milliseconds can take a tenth of a second.

    ## What to do
    `torch.set_num_threads(1)` (or OMP_NUM_THREADS=1) for small networks and on busy machines; one
    thread a core at most.

    ## When it is wrong
    If the other work ends soon, so does the waiting.

    ## References
    PyTorch, CPU threading and TorchScript inference: tuning the number of threads.
    """

    code = "P002"
    severity = Severity.ODD
    depth = Depth.SETTING
    needs = ("@threads",)

    slack: float = 0.5
    """Cores that the load may exceed what there is: load averages count half-idle processes."""

    def check(self, run: Run) -> Iterator[Finding]:
        threads = run.facts["threads"] or {}
        torch, cores, load = (float(threads.get(key) or 0) for key in ("torch", "cores", "load"))
        if torch <= 1 or cores <= 0 or torch + load <= cores + self.slack:
            return
        if torch <= cores and load < self.slack:
            return
        yield self.finding(
            f"torch computes with {torch:.0f} threads on {cores:.0f} cores that are already loaded "
            f"with {load:.1f}.",
            evidence={"threads": torch, "cores": cores, "load": load},
            remedies=(
                Remedy(
                    name="one-thread",
                    text="Set OMP_NUM_THREADS=1, or torch.set_num_threads(1), and compare the time of "
                    "a step.",
                    knob=Knob.SPEED,
                    safety=Safety.SAFE,
                    settings={"threads": 1},
                ),
            ),
        )

    @staticmethod
    def cases() -> Iterator[Case]:
        def case(torch: int, cores: int, load: float) -> Run:
            return run_of({}, facts={"threads": {"torch": torch, "cores": cores, "load": load}})

        yield sick("two threads on two busy cores", case(2, 2, 1.8))
        yield sick("more threads than cores", case(16, 4, 0.0))
        yield well("a thread a core on a quiet machine", case(4, 4, 0.1))
        yield well("one thread on a busy machine", case(1, 2, 2.0))
