"""How a population is spread over this machine now: measured in a second or two, not assumed.

A population trains fastest when the members that take each step together work on about as much memory
as is near the processor, and when workers have a core each. Both depend on the machine and on who else
uses it. What was measured is a decision in the run's journal, so that a repeated run need not measure.
The rows of a batch are not chosen here: they change what is learnt, so they are a setting of the search.
"""

import copy
import os
import time
from collections.abc import Sequence

import msgspec

from netsitter.recipe.fit_population import Pace, fit_population
from netsitter.recipe.folder import RunFolder
from netsitter.recipe.members import Member

KEY = "plan/machine"
"""Under which, with a population's name, the journal remembers its machine."""
STEPS = 6
"""Of every member that is timed."""
ROUNDS = 3
"""Each choice is timed so often, in turns, and judged by its best: other work comes and goes."""
PARTS = tuple(2**20 * size for size in (1, 4, 16, 64))
"""Bytes that a part works on: a second-level cache, and more, which hides the overhead of a step."""
WORTH = 1.15
"""Another choice must be this many times as fast as the plainest: timings differ by as much by chance."""
FALLEN = 0.5
"""Of the throughput that was measured; below it the machine is measured again."""
WORTH_MEASURING = 60_000
"""Steps of members that lie ahead; fewer are done before the best choice is found."""
MOST_IN_PART = 64
MOST_BYTES = 2**30
"""Memory of a whole population."""


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """What trains fastest here, and how fast that was."""

    workers: int = 1
    """Parts of a population side by side."""
    part_bytes: int = PARTS[2]
    """What the members that take each step together work on."""
    bytes_per_second: float = 0.0
    """What all members together worked on. Hardly depends on their size, as steps a second do."""

    def pace(self, member: Member) -> Pace:
        """The pace for a population of such members."""
        if member.train.target.device.type != "cpu":
            return Pace(part=most_together(member))  # an accelerator takes all of them at once
        part = self.part_bytes // member_bytes(member)
        return Pace(part=min(max(part, 1), MOST_IN_PART), workers=self.workers)


def most_together(member: Member) -> int:
    """How many such members one population may have without filling the memory."""
    return max(MOST_BYTES // member_bytes(member), 1)


def member_bytes(member: Member) -> int:
    """What a member reads and writes at every step: weights, gradient, moments; rows at every layer."""
    weights = sum(parameter.numel() for parameter in member.net.parameters())
    units = sum(member.net.config.widths) + member.train.numeric.shape[1]
    return 4 * (6 * weights + 4 * units * member.config.batch_size)


def machine_for(folder: RunFolder, name: str, members: Sequence[Member]) -> Machine:
    """How to train the population ``name``: as the one before it, or measured if the machine has changed.

    Before every population of some length its pace is tried for a moment; a throughput that has fallen
    to a half of what was measured means that the machine has other work now. Says so in the run.
    """
    ahead = sum(m.config.epochs * len(m.train) // m.config.batch_size for m in members)
    if ahead < WORTH_MEASURING or members[0].train.target.device.type != "cpu":
        return Machine()

    def look() -> dict[str, object]:
        last = folder.newest(f"{KEY}/")
        if last is not None:
            machine = msgspec.convert(last, Machine)
            if _throughput(machine.pace(members[0]), members[0]) >= FALLEN * machine.bytes_per_second:
                return last
        machine = measure(members[0])
        folder.run.note(stage="machine", text=describe(machine, members[0], slower=last is not None))
        return msgspec.to_builtins(machine)

    return msgspec.convert(folder.decide(f"{KEY}/{name}", look), Machine)


def measure(member: Member, cores: int | None = None) -> Machine:
    """Time populations of copies of ``member``, spread in every way that may be fastest here.

    ``cores`` is how many this process may use, by default all that the system gives it.
    """
    cores = cores or _cores()
    machines = {
        Machine(workers=workers, part_bytes=size).pace(member): Machine(workers=workers, part_bytes=size)
        for workers in sorted({1, cores})
        for size in reversed(PARTS)
    }  # of sizes that come to one and the same pace, the smallest
    best = dict.fromkeys(machines, 0.0)
    for _ in range(ROUNDS):
        for pace in machines:
            best[pace] = max(best[pace], _throughput(pace, member))
    chosen = next(iter(best))
    for pace, speed in best.items():
        # The plainest choice stays unless another is clearly faster; among the others the fastest wins.
        if speed > best[chosen] * (WORTH if pace.workers > chosen.workers else 1.0):
            chosen = pace
    return msgspec.structs.replace(machines[chosen], bytes_per_second=round(best[chosen]))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def describe(machine: Machine, member: Member, *, slower: bool) -> str:
    pace = machine.pace(member)
    steps = machine.bytes_per_second / member_bytes(member)
    why = "The machine has become slower, so it was measured again" if slower else "The machine was measured"
    together = f"{pace.part} networks take each step together" if pace.part > 1 else "each network by itself"
    rows = member.config.batch_size
    return (
        f"{why}: {together}, {pace.workers} such part{'s' * (pace.workers > 1)} at a time, which gives "
        f"{steps:,.0f} steps a second on batches of {rows} rows. The rows are left as they are: "
        f"what is learnt depends on it."
    )


def _throughput(pace: Pace, member: Member) -> float:
    """Bytes a second of a population that keeps all workers busy, for a few steps."""
    count = pace.part * pace.workers
    rows = member.train.head(STEPS * member.config.batch_size)
    config = msgspec.structs.replace(member.config, epochs=1)
    copies = [
        Member(
            net=copy.deepcopy(member.net),
            objective=member.objective,
            train=rows,
            validation=member.validation.head(16),
            config=config,
            seed=0,
        )
        for _ in range(count)
    ]
    started = time.monotonic()
    fits = fit_population(copies, pace=pace)
    return sum(fit.steps for fit in fits) * member_bytes(member) / (time.monotonic() - started)
