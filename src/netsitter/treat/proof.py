"""What was kept, put to the proof: is each remedy needed, and does the whole hold on every seed?"""

import math
from collections.abc import Sequence
from dataclasses import replace

from netsitter.treat.attempt import Attempt, preferred
from netsitter.treat.candidates import State, candidates, case_of, known_facts
from netsitter.treat.repair import Repair, Say, arm_job, needs_watch
from netsitter.treat.score import Score, judge
from netsitter.treat.source import Case
from netsitter.treat.trial import Bench, gain


def prune(repair: Repair, arms: Bench, say: Say) -> None:
    """Leave each kept remedy out in turn: what the result does not need is not recommended."""
    whole = repair.kept[-1].outcome
    for one in list(repair.kept[:-1]):
        rest = [other for other in repair.kept if other is not one]
        state = replay(repair, rest)
        if arms.is_spent or len(repair.kept) < 2 or state is None or one.corrected:
            continue
        (outcome,) = arms.run([arm_job(repair, state, repair.seed, True)], against=repair.untreated)
        if outcome is None:
            return
        pair = judge(
            whole.scores, outcome.scores, _redefined(repair), preferred(*(k.candidate for k in repair.kept))
        )
        if pair is None or pair[0] is None or len(outcome.sick) > len(whole.sick):
            continue
        if pair[1].level >= pair[0].level - pair[0].noise / 2:
            say(f"not needed after all: {one.candidate.text}")
            repair.rejected.append(one)
            repair.kept, repair.state = rest, state


def replay(repair: Repair, attempts: Sequence[Attempt]) -> State | None:
    """The program with some of the remedies only; None where one of them cannot be put in alone."""
    state, facts = State(texts=repair.texts), known_facts(repair.untreated.run)
    for one in attempts:
        findings = [
            f
            for o in (repair.untreated, *(a.outcome for a in repair.kept))
            for f in o.diagnosis.get("findings", ())
        ]
        cases = [case_of(f, facts) for f in findings if f["name"] == one.candidate.illness]
        cases += [Case(illness=one.candidate.illness, facts=facts)]
        again = (
            c for case in cases for c in candidates(state, [case], set()) if c.label == one.candidate.label
        )
        found = next(again, None)
        if found is None:
            return None
        state = found.state
    return state


def _redefined(repair: Repair) -> set[str]:
    """Scores that mean something else in the mended program."""
    return {word for one in repair.kept for word in one.candidate.distorts}


def prove(repair: Repair, arms: Bench, say: Say) -> None:
    """Run both programs on every seed: plainly, where they print a score and no remedy needs hooks.

    Where the measurement was set right, its score of before was not true: what else is kept is proven
    against the program in which only the measurement is right.
    """
    say(f"proving it on seeds {', '.join(map(str, repair.seeds))}")
    kept = [one.candidate for one in repair.kept]
    corrections = [one for one in repair.kept if one.corrected]
    is_all = len(corrections) == len(kept)
    base = None if is_all or not corrections else replay(repair, corrections)
    if corrections:
        is_watched = True
    elif preferred(*kept) or not _prints(repair):
        is_watched = any(needs_watch(repair.untreated, one) for one in kept)
    else:
        is_watched = False
    jobs = [
        arm_job(repair, state, seed, is_watched)
        for seed in repair.seeds
        for state in (base or State(texts=repair.texts), repair.state)
    ]
    slower = math.prod(one.slower for one in kept)
    proof = Bench(folder=arms.folder / f"proof-{arms.used}", at_a_time=arms.at_a_time)
    outcomes = proof.run(
        jobs, against=repair.untreated, slower=[slower] * len(jobs), same_loss=[False] * len(jobs)
    )
    arms.used, arms.spent = arms.used + proof.used, arms.spent + proof.spent
    pairs: list[tuple[Score | None, Score | None]] = []
    for untreated, treated in zip(outcomes[::2], outcomes[1::2], strict=True):
        assert untreated is not None
        assert treated is not None
        pairs.append(
            judge(untreated.scores, treated.scores, _redefined(repair), preferred(*kept)) or (None, None)
        )
    wrong = {one.candidate.illness for one in corrections}
    still = [f["name"] for outcome in outcomes[1::2] if outcome is not None for f in outcome.sick]
    corrected = wrong.isdisjoint(still) if corrections else None
    repair.proof = replace(gain(pairs), corrected=corrected, is_all=is_all)
    repair.proven, repair.reached = outcomes[1], tuple(after for _, after in pairs)


def _prints(repair: Repair) -> bool:
    """Whether the program prints a score that the remedies do not redefine."""
    spoilt = _redefined(repair)
    return any(score.rank <= 2 and not score.is_spoilt_by(spoilt) for score in repair.kept[-1].outcome.scores)
