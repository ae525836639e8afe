"""Find the remedies that mend a program, by trying them: worst cause first, one knob at a time.

    untreated run ─▶ diagnosis ─▶ candidates for its worst cause ─▶ an arm each ─▶ the best is kept
                         ▲                                                             │
                         └───────────── diagnosis of the treated program ◀─────────────┘

until nothing is wrong, nothing helps, or the budget is spent. What is kept is then proven: the changed
program is run as plain source, without netsitter in its way, beside the untreated one on every seed.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from netsitter.errors import TrainingError
from netsitter.treat.arm import Job, Outcome, Program
from netsitter.treat.attempt import Attempt, attempt, described
from netsitter.treat.candidates import Candidate, State, candidates, case_of, groups, known_facts
from netsitter.treat.proof import prove, prune, replay
from netsitter.treat.repair import Repair, Say, arm_job, needs_watch
from netsitter.treat.sources import import_heavy, program_files
from netsitter.treat.trial import Bench, bench

MAX_ROUNDS = 8
"""Remedies kept at most."""
IN_SOURCE = 0.8
"""Of the gain of the best remedy: a change to the source with this share goes first, as it can be applied."""
MAX_CARRIED = 3
"""Remedies in a row that made a finding go away and did not help yet."""
MAX_LOOKS = 3
"""Candidates for one finding that are looked at for that."""
WELL_FITTED = 0.85
"""Accuracy or R² on training rows from which nothing more is tried for its own sake."""


def fix(
    program: Program,
    *,
    seeds: Sequence[int] = (0, 1, 2),
    budget: float = 600.0,
    max_trials: int = 120,
    at_a_time: int = 2,
    say: Say = lambda line: None,
) -> Repair:
    """Diagnose a program, try remedies on it, and prove what helps. The files are left as they are.

    ``budget`` is in seconds, by the clock; proving what was found is not cut short by it. Raises
    UsageError if there is no such program, and TrainingError if it fails before it trains anything.
    """
    texts = program_files(program)
    import_heavy(texts)
    with bench(at_a_time=at_a_time, budget=budget, max_trials=max_trials) as arms:
        (untreated,) = arms.run([Job(program=program, texts=texts, seed=seeds[0])])
        assert untreated is not None
        if not untreated.has_trained and not untreated.sick and untreated.status != 0:
            why = f": {untreated.error}" if untreated.error else ""
            raise TrainingError(f"{program.target} failed before any training was seen{why}")
        state = State(texts=texts)
        repair = Repair(
            program=program, texts=texts, untreated=untreated, seeds=tuple(seeds), seed=seeds[0], state=state
        )
        if not repair.is_healthy:
            _search(repair, arms, say)
            if repair.kept:
                prune(repair, arms, say)
                prove(repair, arms, say)
                _strengthen(repair, arms, say)
                _measure_alone(repair, arms, say)
        repair.trials, repair.seconds = arms.used, arms.spent
    return repair


def _search(repair: Repair, arms: Bench, say: Say) -> None:
    """Keep the best candidate of each round; the next round looks at the treated program.

    Where a program has several faults, mending the first may show in no score before the second is
    mended too. So a remedy that only makes its finding go away is carried along for a few rounds, and
    left behind if nothing comes of it.
    """
    current, carried, may_carry = repair.untreated, list[Attempt](), True
    tried = {repair.state.key}
    for _ in range(MAX_ROUNDS):
        best = _round(repair, arms, current, tried, may_carry and len(carried) < MAX_CARRIED, say)
        if best is None and not carried:
            best, may_carry = (_first_of_two(repair, arms) if may_carry else None), False
            if best is None:
                return
        if best is None:
            current, may_carry = _drop(repair, carried), False
            carried = []
            continue
        carried = [] if best.helped else [*carried, best]
        repair.kept.append(best)
        repair.state, current = best.candidate.state, best.outcome
        say(f"{'kept' if best.helped else 'carried along'}: {best.candidate.text}")
        is_well = not current.sick and not _falls_short(current) and (best.is_enough or not _untried(repair))
        if arms.is_spent or (best.helped and (is_well or best.is_perfect)):
            break
    _drop(repair, carried)


def _strengthen(repair: Repair, arms: Bench, say: Say) -> None:
    """Where the mended program is clearly behind on one seed, look for one more remedy on that seed.

    What is found is kept if the whole is proven with it and its worst seed is better than before.
    """
    weak, before = repair.weakest, replace(repair)
    if weak is None or arms.is_spent:
        return
    say(f"on seed {weak} it is behind: looking for what helps there")
    repair.seed = weak
    (current,) = arms.run([arm_job(repair, repair.state, weak, True)])
    assert current is not None
    best = _round(repair, arms, current, {repair.state.key}, False, say, is_wide=True)
    if best is not None:
        say(f"kept: {best.candidate.text}")
        repair.kept = [*repair.kept, best]
        repair.state = best.candidate.state
        prune(repair, arms, say)
        prove(repair, arms, say)
    if best is None or not repair.is_proven or (before.is_proven and _worst(repair) <= _worst(before)):
        repair.rejected += [one for one in repair.kept if one not in before.kept]
        repair.kept, repair.state, repair.proof = before.kept, before.state, before.proof
        repair.proven, repair.reached = before.proven, before.reached
    repair.seed = before.seed


def _measure_alone(repair: Repair, arms: Bench, say: Say) -> None:
    """Where the whole is not proven: what sets the measurement right stands on its own."""
    corrections = [one for one in repair.kept if one.corrected]
    state = replay(repair, corrections)
    if repair.is_proven or not corrections or len(corrections) == len(repair.kept) or state is None:
        return
    repair.rejected += [one for one in repair.kept if not one.corrected]
    repair.kept, repair.state = corrections, state
    prove(repair, arms, say)


def _worst(repair: Repair) -> float:
    return min((s.level if s is not None else -math.inf for s in repair.reached), default=-math.inf)


def _falls_short(outcome: Outcome) -> bool:
    """Whether the network does not even fit the rows that it is trained on, though nothing is found."""
    if outcome.run is None:
        return False
    for name in ("metric/accuracy", "metric/r2"):
        values = outcome.run[name].finite
        if len(values):
            return float(values[-max(1, len(values) // 10) :].mean()) < WELL_FITTED
    return False


def _untried(repair: Repair, current: Outcome | None = None) -> list[dict[str, Any]]:
    """What was found in the untreated program and nothing was kept for.

    A remedy may hide a fault that still holds the network back: they are looked at where it did not
    bring the score near to perfect.
    """
    if not repair.kept:
        return []
    seen = {one.candidate.illness for one in repair.kept}
    seen |= {finding["name"] for finding in current.sick} if current is not None else set()
    return [finding for finding in repair.untreated.sick if finding["name"] not in seen]


def _first_of_two(repair: Repair, arms: Bench) -> Attempt | None:
    """Where no single remedy helps: an optimiser that needs little tuning, to try the others on top of it.

    Units that do not learn and a rate that is too low hide each other.
    """
    tried = [one for one in repair.rejected if one.candidate.name == "use-adam" and one.is_harmless]
    if repair.kept or not tried or arms.is_spent:
        return None
    return _look(repair, arms, max(tried, key=lambda one: one.level))


def _drop(repair: Repair, carried: Sequence[Attempt]) -> Outcome:
    """Leave behind what was carried along for nothing."""
    repair.kept = [one for one in repair.kept if one not in carried]
    repair.rejected += carried
    last = repair.kept[-1] if repair.kept else None
    repair.state = last.candidate.state if last else State(texts=repair.texts)
    return last.outcome if last else repair.untreated


def _round(
    repair: Repair,
    arms: Bench,
    current: Outcome,
    tried: set[int],
    may_carry: bool,
    say: Say,
    *,
    is_wide: bool = False,
) -> Attempt | None:
    """The best candidate for the worst finding that any candidate helps, with its diagnosis."""
    is_wide = is_wide or not any(one.helped for one in repair.kept) or _falls_short(current)
    found = [*groups(current.diagnosis, current.run, is_wide=is_wide)]
    for cases in found + [[case_of(f, known_facts(current.run))] for f in _untried(repair, current)]:
        attempts = _try(repair, arms, current, candidates(repair.state, cases, tried), say)
        best = _corrected(repair, arms, attempts) or _helpful(repair, arms, current, attempts)
        if best is None and may_carry and cases[0].illness in {finding["name"] for finding in current.sick}:
            best = _cleared(repair, arms, attempts)
        repair.rejected += [one for one in attempts if best is None or one.candidate is not best.candidate]
        if best is not None or arms.is_spent:
            return best
    return None


def _helpful(repair: Repair, arms: Bench, current: Outcome, attempts: Sequence[Attempt]) -> Attempt | None:
    """The best that helped, with its diagnosis. What is tried without a finding must not make one."""
    helped = [one for one in attempts if one.helped]
    known = {finding["name"] for outcome in (current, repair.untreated) for finding in outcome.sick}
    while helped:
        best = _best(helped)
        looked = _look(repair, arms, best)
        if best.candidate.illness in known or known.issuperset(f["name"] for f in looked.outcome.sick):
            return looked
        helped.remove(best)
    return None


def _best(helped: Sequence[Attempt]) -> Attempt:
    """The best by score; of those that chance cannot tell from it, the one nearest to the cause.

    A change to the source goes before a remedy that only hooks can put in, unless it gains far less.
    """
    top = max(helped, key=lambda one: one.level)
    if top.candidate.mended is None:
        enough = [one for one in helped if one.candidate.mended and one.gain >= IN_SOURCE * top.gain]
        top = max(enough, key=lambda one: one.level, default=top)
    noise = top.after.noise if top.after else 0.0
    return next(
        one for one in helped if one is top or (one.level >= top.level - noise and one.candidate.mended)
    )


def _corrected(repair: Repair, arms: Bench, attempts: Sequence[Attempt]) -> Attempt | None:
    """The first candidate that sets the measurement right, whatever the score is then."""
    for one in attempts:
        if one.candidate.corrects and one.outcome.status == 0:
            looked = _look(repair, arms, one)
            if one.candidate.illness not in {finding["name"] for finding in looked.outcome.sick}:
                return replace(looked, corrected=True)
    return None


def _cleared(repair: Repair, arms: Bench, attempts: Sequence[Attempt]) -> Attempt | None:
    """The first candidate that does no harm and makes its finding go away."""
    harmless = [one for one in attempts if one.is_harmless][:MAX_LOOKS]
    for one in harmless:
        looked = _look(repair, arms, one)
        if one.candidate.illness not in {f["name"] for f in looked.outcome.diagnosis.get("findings", ())}:
            return looked
    return None


def _try(repair: Repair, arms: Bench, current: Outcome, found: list[Candidate], say: Say) -> list[Attempt]:
    """One arm for each candidate, under the first seed."""
    attempts: dict[int, Attempt] = {}

    def done(index: int, outcome: Outcome) -> bool:
        attempts[index] = attempt(found[index], current, outcome)
        say(f"{found[index].text} {described(attempts[index])}")
        return attempts[index].is_enough

    arms.run(
        [arm_job(repair, one.state, repair.seed, needs_watch(current, one)) for one in found],
        against=repair.untreated,
        slower=[one.slower for one in found],
        same_loss=[not {"loss", "training-loss"} & set(one.distorts) for one in found],
        done=done,
    )
    return [attempts[index] for index in sorted(attempts)]


def _look(repair: Repair, arms: Bench, best: Attempt) -> Attempt:
    """The kept remedy with a diagnosis, which tells what is still wrong."""
    if best.outcome.job.is_watched:
        return best
    (watched,) = arms.run([arm_job(repair, best.candidate.state, repair.seed, True)])
    assert watched is not None
    return replace(best, outcome=watched)
