"""Find the remedies that mend a program, by trying them: worst cause first, one knob at a time.

    untreated run ─▶ diagnosis ─▶ candidates for its worst cause ─▶ an arm each ─▶ the best is kept
                         ▲                                                             │
                         └───────────── diagnosis of the treated program ◀─────────────┘

until nothing is wrong, nothing helps, or the budget is spent. What is kept is then proven: the changed
program is run as plain source, without netsitter in its way, beside the untreated one on every seed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from netsitter.errors import TrainingError
from netsitter.treat.arm import Job, Outcome, Program
from netsitter.treat.attempt import Attempt, attempt, described, preferred
from netsitter.treat.candidates import Candidate, State, candidates, case_of, groups, known_facts
from netsitter.treat.score import Score, judge
from netsitter.treat.source import Case
from netsitter.treat.sources import import_heavy, program_files
from netsitter.treat.trial import Bench, Gain, bench, gain

MAX_ROUNDS = 8
"""Remedies kept at most."""
MAX_CARRIED = 3
"""Remedies in a row that made a finding go away and did not help yet."""
MAX_LOOKS = 3
"""Candidates for one finding that are looked at for that."""
WELL_FITTED = 0.85
"""Accuracy or R² on training rows from which nothing more is tried for its own sake."""
LONG = 20.0
"""Seconds from which an arm is worth watching for its loss while it runs."""

Say = Callable[[str], None]


@dataclass(kw_only=True)
class Repair:
    """What was found, tried, kept and proven."""

    program: Program
    texts: dict[str, str]
    """The program's files as they are."""
    untreated: Outcome
    seeds: tuple[int, ...] = (0, 1, 2)
    kept: list[Attempt] = field(default_factory=list)
    rejected: list[Attempt] = field(default_factory=list)
    state: State
    """The program with everything that is kept."""
    proof: Gain | None = None
    proven: Outcome | None = None
    """The mended program under the first seed, run as it was proven."""
    trials: int = 0
    seconds: float = 0.0
    """Of every arm together."""

    @property
    def is_healthy(self) -> bool:
        return self.untreated.status == 0 and not self.untreated.sick

    @property
    def is_proven(self) -> bool:
        return self.proof is not None and self.proof.is_proven

    @property
    def mended(self) -> dict[str, str]:
        """Files whose source is changed, with their new text."""
        return {path: text for path, text in self.state.texts.items() if text != self.texts[path]}


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
        repair = Repair(program=program, texts=texts, untreated=untreated, seeds=tuple(seeds), state=state)
        if not repair.is_healthy:
            _search(repair, arms, say)
            if repair.kept:
                _prune(repair, arms, say)
                _prove(repair, arms, say)
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
            return
        if best is None:
            current, may_carry = _drop(repair, carried), False
            carried = []
            continue
        carried = [] if best.helped else [*carried, best]
        repair.kept.append(best)
        repair.state, current = best.candidate.state, best.outcome
        say(f"{'kept' if best.helped else 'carried along'}: {best.candidate.text}")
        if arms.is_spent or (best.helped and not current.sick and not _falls_short(current)):
            break
    _drop(repair, carried)


def _falls_short(outcome: Outcome) -> bool:
    """Whether the network does not even fit the rows that it is trained on, though nothing is found."""
    if outcome.run is None:
        return False
    for name in ("metric/accuracy", "metric/r2"):
        values = outcome.run[name].finite
        if len(values):
            return float(values[-max(1, len(values) // 10) :].mean()) < WELL_FITTED
    return False


def _drop(repair: Repair, carried: Sequence[Attempt]) -> Outcome:
    """Leave behind what was carried along for nothing."""
    repair.kept = [one for one in repair.kept if one not in carried]
    repair.rejected += carried
    last = repair.kept[-1] if repair.kept else None
    repair.state = last.candidate.state if last else State(texts=repair.texts)
    return last.outcome if last else repair.untreated


def _round(
    repair: Repair, arms: Bench, current: Outcome, tried: set[int], may_carry: bool, say: Say
) -> Attempt | None:
    """The best candidate for the worst finding that any candidate helps, with its diagnosis."""
    is_first = not any(one.helped for one in repair.kept)
    for cases in groups(current.diagnosis, current.run, is_first=is_first or _falls_short(current)):
        attempts = _try(repair, arms, current, candidates(repair.state, cases, tried), say)
        best = _best([one for one in attempts if one.helped])
        if best is not None:
            best = _look(repair, arms, best)
        elif may_carry and cases[0].illness in {finding["name"] for finding in current.sick}:
            best = _cleared(repair, arms, attempts)
        repair.rejected += [one for one in attempts if best is None or one.candidate is not best.candidate]
        if best is not None or arms.is_spent:
            return best
    return None


def _best(helped: Sequence[Attempt]) -> Attempt | None:
    """The best by score; of those that chance cannot tell from it, the one nearest to the cause."""
    top = max(helped, key=lambda one: one.level, default=None)
    if top is None or top.after is None:
        return top
    return next(one for one in helped if one.level >= top.level - top.after.noise)


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
        [_job(repair, one.state, repair.seeds[0], _needs_watch(current, one)) for one in found],
        against=repair.untreated,
        slower=[one.slower for one in found],
        same_loss=["loss" not in one.distorts for one in found],
        done=done,
    )
    return [attempts[index] for index in sorted(attempts)]


def _job(repair: Repair, state: State, seed: int, is_watched: bool) -> Job:
    watched = is_watched or bool(state.doses)
    return Job(program=repair.program, texts=state.texts, doses=state.doses, seed=seed, is_watched=watched)


def _needs_watch(current: Outcome, candidate: Candidate) -> bool:
    """Watching costs time: not needed where the program prints a score that the candidate leaves alone."""
    if current.seconds > LONG or preferred(candidate):
        return True
    return not any(score.rank <= 2 and score.kind not in candidate.distorts for score in current.scores)


def _look(repair: Repair, arms: Bench, best: Attempt) -> Attempt:
    """The kept remedy with a diagnosis, which tells what is still wrong."""
    if best.outcome.job.is_watched:
        return best
    (watched,) = arms.run([_job(repair, best.candidate.state, repair.seeds[0], True)])
    assert watched is not None
    return replace(best, outcome=watched)


def _prune(repair: Repair, arms: Bench, say: Say) -> None:
    """Leave each kept remedy out in turn: what the result does not need is not recommended."""
    whole = repair.kept[-1].outcome
    for one in list(repair.kept[:-1]):
        rest = [other for other in repair.kept if other is not one]
        state = _replay(repair, rest)
        if arms.is_spent or len(repair.kept) < 2 or state is None:
            continue
        (outcome,) = arms.run([_job(repair, state, repair.seeds[0], True)], against=repair.untreated)
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


def _replay(repair: Repair, attempts: Sequence[Attempt]) -> State | None:
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


def _prove(repair: Repair, arms: Bench, say: Say) -> None:
    """Run both programs on every seed: plainly, where they print a score and no remedy needs hooks."""
    say(f"proving it on seeds {', '.join(map(str, repair.seeds))}")
    kept = [one.candidate for one in repair.kept]
    is_watched = (
        any(_needs_watch(repair.untreated, one) for one in kept)
        if preferred(*kept) or not _prints(repair)
        else False
    )
    jobs = [
        _job(repair, state, seed, is_watched)
        for seed in repair.seeds
        for state in (State(texts=repair.texts), repair.state)
    ]
    slower = 1.0
    for one in kept:
        slower *= one.slower
    proof = Bench(folder=arms.folder / "proof", at_a_time=arms.at_a_time)
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
    repair.proof, repair.proven = gain(pairs), outcomes[1]


def _prints(repair: Repair) -> bool:
    """Whether the program prints a score that the remedies do not redefine."""
    spoilt = _redefined(repair)
    return any(score.rank <= 2 and score.kind not in spoilt for score in repair.kept[-1].outcome.scores)
