"""The searches that `benchmarks.repair` compares: over the same mends, arms, scores and number of runs."""

import random
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from netsitter.treat.account import diff
from netsitter.treat.arm import Job, Outcome, Program
from netsitter.treat.attempt import attempt
from netsitter.treat.candidates import Candidate, State, candidates, known_facts
from netsitter.treat.fix import fix
from netsitter.treat.prescription import Dose
from netsitter.treat.repair import Repair
from netsitter.treat.source import Case, all_mends
from netsitter.treat.sources import import_heavy, program_files
from netsitter.treat.trial import bench

AUTOTRAINER = (
    ("vanishing-gradients", ("swap-activation", "batch-norm")),
    ("exploding-gradients", ("swap-activation", "clip-gradients", "batch-norm")),
    ("dead-units", ("batch-norm", "scaled-init", "swap-activation")),
    ("oscillation", ("use-adam", "lower-rate", "anneal-rate", "larger-batch", "scaled-init")),
    ("lr-too-low", ("use-adam", "raise-rate")),
    ("not-learning", ("use-adam", "raise-rate", "scaled-init")),
    ("overfitting", ("more-decay", "stop-early", "more-dropout")),
    ("output-activation", ("linear-output", "sigmoid-output")),
    ("wrong-loss", ("swap-loss",)),
    ("unscaled-inputs", ("standardise-inputs",)),
)
"""AutoTrainer's problems and its remedies for each, in the order of its default strategy ("balance"):
`repair_strategy` in AutoTrainer/utils/repair.py, github.com/shiningrain/AUTOTRAINER at 03a463e, as far as
there are mends for them (not for SELU, momentum and noise on the inputs). Its slow convergence is two of our
names. All are tried, whether its own detector would have seen the problem or not: that favours it."""


Reaches = Callable[[str], bool]
"""Whether what a program printed reaches its target."""


def search(
    strategy: str, target: str, *, seeds: tuple[int, ...], trials: int, budget: float, reaches: Reaches
) -> dict[str, Any]:
    """Run one strategy on a program in the working folder; then its result on every seed."""
    program = Program(target=target)
    if strategy == "netsitter":
        repair = fix(program, seeds=seeds, budget=budget, max_trials=trials, at_a_time=1)
        state = repair.state if repair.is_proven else State(texts=repair.texts)
    else:
        repair = _simple(strategy, program, seeds, trials, reaches)
        state = repair.state
    return {
        "outputs": _outputs(program, state, seeds, reaches),
        "changed": state != State(texts=repair.texts),
        "proven": repair.is_proven,
        "remedies": [one.candidate.name for one in repair.kept],
        "found": [finding["name"] for finding in repair.untreated.sick],
        "trials": repair.trials,
        "arm_seconds": repair.seconds,
        "run_seconds": repair.untreated.seconds,
        "diff": diff(repair),
        "in_source": not state.doses,
    }


def _outputs(program: Program, state: State, seeds: tuple[int, ...], reaches: Reaches) -> list[str]:
    """What the mended program prints, as plain source unless a remedy needs its hooks.

    Seed after seed, up to the first that falls short of the target.
    """
    outputs: list[str] = []
    with bench(at_a_time=1, budget=3600, max_trials=len(seeds)) as arms:
        for seed in seeds:
            job = Job(
                program=program, texts=state.texts, doses=state.doses, seed=seed, is_watched=bool(state.doses)
            )
            (outcome,) = arms.run([job])
            outputs.append(outcome.output if outcome is not None else "")
            if not reaches(outputs[-1]):
                break
    return outputs


def _simple(strategy: str, program: Program, seeds: tuple[int, ...], trials: int, reaches: Reaches) -> Repair:
    """Try candidates one after the other on the first seed; keep each that raises the score."""
    texts = program_files(program)
    import_heavy(texts)
    with bench(at_a_time=1, budget=3600, max_trials=max(trials, 2)) as arms:
        (untreated,) = arms.run([Job(program=program, texts=texts, seed=seeds[0])])
        assert untreated is not None
        repair = Repair(
            program=program, texts=texts, untreated=untreated, seeds=seeds, state=State(texts=texts)
        )
        current, tried = untreated, 0
        chance = random.Random(zlib.crc32(program.target.encode()))
        while tried < trials - 1:
            found = list(_draw(strategy, repair, current, chance))
            kept = False
            for one in found[: trials - 1 - tried]:
                tried += 1
                job = Job(program=program, texts=one.state.texts, doses=one.state.doses, seed=seeds[0])
                (outcome,) = arms.run([job], against=untreated, slower=[one.slower])
                if outcome is None:
                    break
                judged = attempt(one, current, outcome)
                if judged.gain > 0:
                    repair.kept.append(judged)
                    repair.state, current, kept = one.state, outcome, True
                    break
            if not kept or (
                reaches(current.output) and reaches(_outputs(program, repair.state, seeds, reaches)[-1])
            ):
                break
        repair.trials, repair.seconds = arms.used, arms.spent
    return repair


def _draw(strategy: str, repair: Repair, current: Outcome, chance: random.Random) -> Iterator[Candidate]:
    facts = known_facts(current.run)
    if strategy == "rollback":
        if not repair.state.doses:
            dose = Dose(name="roll-back")
            state = State(texts=repair.texts, doses=(dose,))
            yield Candidate(
                illness="", name="roll-back", text="Roll back and halve.", state=state, remedy=dose
            )
    elif strategy == "autotrainer":
        for illness, names in AUTOTRAINER:
            case = Case(illness=illness, facts=facts)
            found = [one for one in candidates(repair.state, [case], set()) if one.name in names]
            yield from sorted(found, key=lambda one: names.index(one.name))
    else:
        seen: set[int] = set()
        illnesses = sorted({illness for mend in all_mends() for illness in mend.CURES})
        everything = [
            one
            for illness in illnesses
            for one in candidates(repair.state, [Case(illness=illness, facts=facts)], seen)
        ]
        chance.shuffle(everything)
        yield from everything
