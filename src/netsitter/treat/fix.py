"""Find the remedies that mend a program, by trying them: worst cause first, one knob at a time.

    untreated run ─▶ diagnosis ─▶ changes for its worst cause ─▶ an arm each ─▶ the best is kept
                         ▲                                                           │
                         └───────────── diagnosis of the changed program ◀───────────┘

until nothing is wrong, nothing helps, or the budget is spent. What is kept is then proven: the changed
program is run as plain source, without netsitter in its way, beside the untreated one on every seed.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from netsitter.treat.arm import Job, Outcome, Program
from netsitter.treat.score import Score, judge
from netsitter.treat.source import Case, Mended, propose
from netsitter.treat.sources import import_heavy, program_files
from netsitter.treat.trial import Bench, Gain, bench, gain

MAX_GROUP = 12
"""Changes tried for one finding before the next is looked at."""
MAX_ROUNDS = 6
"""Changes kept at most."""
CLEAR = 1.0
"""A candidate has helped on the first seed where it gains this many standard errors."""
ENOUGH = 0.7
"""A change that closes this share of what is missing to a perfect score ends the group; for errors and
losses, which have no such end, one that takes them to a third (a logarithm of 1.1)."""
ENOUGH_LOG = 1.1
LONG = 20.0
"""Seconds from which an arm is worth watching for its loss while it runs."""
LAST_RESORTS = ("plateau", "not-learning", "underfitting")
"""Their remedies are tried where those for what was found did not help."""

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A change and what one arm with it came to."""

    change: Mended
    outcome: Outcome
    before: Score | None
    after: Score | None

    @property
    def gain(self) -> float:
        """On the level scale; infinite where there was no number before, -infinite where there is none now."""
        if self.after is None or self.after.level == float("-inf"):
            return float("-inf")
        if self.before is None or self.before.level == float("-inf"):
            return float("inf")
        return self.after.level - self.before.level

    @property
    def is_enough(self) -> bool:
        """So good that no other change for the same finding need be tried."""
        if not self.helped or self.before is None or self.after is None:
            return False
        if self.after.kind == "score":
            best = 1.0 if self.after.higher else 0.0
            return self.gain >= ENOUGH * (best - max(self.before.level, -1.0))
        return self.gain >= ENOUGH_LOG

    @property
    def helped(self) -> bool:
        if self.gain in (float("inf"), float("-inf")) or self.before is None or self.after is None:
            return self.gain > 0
        noise = (self.before.noise**2 + self.after.noise**2) ** 0.5
        return self.gain > CLEAR * noise


@dataclass(kw_only=True)
class Repair:
    """What was found, tried, kept and proven."""

    program: Program
    texts: dict[str, str]
    untreated: Outcome
    kept: list[Attempt] = field(default_factory=list)
    rejected: list[Attempt] = field(default_factory=list)
    mended: dict[str, str] = field(default_factory=dict)
    """The changed files, as far as they are proven or offered."""
    proof: Gain | None = None
    proven: Outcome | None = None
    """The changed program, run plainly under the first seed."""
    seeds: tuple[int, ...] = (0, 1, 2)
    trials: int = 0
    seconds: float = 0.0
    """Of every arm together."""

    @property
    def is_healthy(self) -> bool:
        return self.untreated.status == 0 and not self.untreated.sick

    @property
    def is_proven(self) -> bool:
        return self.proof is not None and self.proof.is_proven


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
    UsageError if there is no such program.
    """
    texts = program_files(program)
    import_heavy(texts)
    with bench(at_a_time=at_a_time, budget=budget, max_trials=max_trials) as arms:
        (untreated,) = arms.run([Job(program=program, texts=texts, seed=seeds[0])])
        assert untreated is not None
        repair = Repair(program=program, texts=texts, untreated=untreated, seeds=tuple(seeds))
        if not repair.is_healthy:
            _search(repair, arms, say)
            if repair.kept:
                _prune(repair, arms, say)
                _prove(repair, arms, say)
        repair.trials, repair.seconds = arms.used, arms.spent
    return repair


def _search(repair: Repair, arms: Bench, say: Say) -> None:
    """Keep the best change of each round; the next round looks at the changed program."""
    current, texts = repair.untreated, dict(repair.texts)
    tried = {_key(texts)}
    for _ in range(MAX_ROUNDS):
        best = None
        for cases in _groups(current, is_first=not repair.kept):
            changes = _fresh(texts, cases, tried)
            attempts = _try(repair, arms, current, texts, changes, say)
            helped = [attempt for attempt in attempts if attempt.helped]
            repair.rejected += [attempt for attempt in attempts if not attempt.helped]
            if helped:
                best = max(helped, key=lambda attempt: attempt.after.level if attempt.after else 0.0)
                repair.rejected += [attempt for attempt in helped if attempt is not best]
                break
            if arms.is_spent:
                break
        if best is None:
            return
        texts = {**texts, best.change.path: best.change.after}
        best = _look(repair, arms, texts, best)
        repair.kept.append(best)
        current = best.outcome
        repair.mended = _changed(repair.texts, texts)
        say(f"kept: {best.change.change.text}")
        if not current.sick or arms.is_spent:
            return


def _look(repair: Repair, arms: Bench, texts: Mapping[str, str], best: Attempt) -> Attempt:
    """The kept change with a diagnosis, which tells what is still wrong."""
    if best.outcome.job.is_watched:
        return best
    (watched,) = arms.run([Job(program=repair.program, texts=texts, seed=repair.seeds[0])])
    assert watched is not None
    return replace(best, outcome=watched)


def _groups(outcome: Outcome, is_first: bool) -> Iterator[list[Case]]:
    """Findings to try remedies for, a group at a time; at last what often helps whatever the cause."""
    facts = _facts(outcome)
    findings = outcome.sick
    for finding in findings:
        yield [_case(finding, facts)]
    if is_first:
        for finding in outcome.diagnosis.get("findings", ()):
            if finding["severity"] == "odd":
                yield [_case(finding, facts)]
        yield [Case(illness=name, facts=facts) for name in LAST_RESORTS]


def _case(finding: Mapping[str, Any], facts: Mapping[str, Any]) -> Case:
    return Case(
        illness=finding["name"],
        where=tuple(finding["where"]),
        evidence=finding["evidence"],
        facts=facts,
    )


def _facts(outcome: Outcome) -> dict[str, Any]:
    run = outcome.run
    if run is None:
        return {}
    facts = dict(run.facts)
    for name, series in (("distinct_targets", "target/classes"), ("distinct_in_batch", "target/distinct")):
        if run[series]:
            facts[name] = float(run[series].finite.max(initial=0.0))
    facts.setdefault("distinct_targets", facts.get("distinct_in_batch"))
    return facts


def _fresh(texts: Mapping[str, str], cases: list[Case], tried: set[int]) -> list[Mended]:
    """Changes whose result was not run yet."""
    found: list[Mended] = []
    for case in cases:
        for change in propose(texts, case):
            key = _key({**texts, change.path: change.after})
            if key not in tried:
                tried.add(key)
                found.append(change)
    return found[:MAX_GROUP]


def _key(texts: Mapping[str, str]) -> int:
    return hash(tuple(sorted(texts.items())))


def _try(
    repair: Repair, arms: Bench, current: Outcome, texts: Mapping[str, str], changes: list[Mended], say: Say
) -> list[Attempt]:
    """One arm for each change, under the first seed."""
    jobs = [
        Job(
            program=repair.program,
            texts={**texts, c.path: c.after},
            seed=repair.seeds[0],
            is_watched=_needs_watch(current, c),
        )
        for c in changes
    ]
    attempts: dict[int, Attempt] = {}

    def done(index: int, outcome: Outcome) -> bool:
        attempts[index] = attempt(changes[index], current, outcome)
        say(f"{changes[index].change.text} {described(attempts[index])}")
        return attempts[index].is_enough

    arms.run(
        jobs,
        against=repair.untreated,
        slower=[change.change.slower for change in changes],
        same_loss=["loss" not in change.change.distorts for change in changes],
        done=done,
    )
    return [attempts[index] for index in sorted(attempts)]


def _needs_watch(current: Outcome, change: Mended) -> bool:
    """Watching costs time: not needed where the program itself prints a score that the change leaves alone."""
    if current.seconds > LONG or change.illness.startswith("class-imbalance"):
        return True
    return not any(score.rank <= 2 and score.kind not in change.change.distorts for score in current.scores)


def attempt(change: Mended, before: Outcome, after: Outcome) -> Attempt:
    """Judge an arm by the most trusted score that the change does not redefine."""
    prefer = "balanced error" if change.illness.startswith("class-imbalance") else ""
    pair = judge(before.scores, after.scores, change.change.distorts, prefer)
    return Attempt(change=change, outcome=after, before=pair[0] if pair else None, after=pair[1] if pair else None)


def described(attempt: Attempt) -> str:
    """``val_acc 0.31 → 0.95``, or why there is nothing to compare."""
    if attempt.outcome.stopped:
        return f"stopped: {attempt.outcome.stopped}"
    if attempt.outcome.status != 0:
        return "failed"
    if attempt.after is None:
        return "no score"
    before = "none" if attempt.before is None else f"{attempt.before.value:.4g}"
    return f"{attempt.after.name} {before} → {attempt.after.value:.4g}"


def _prune(repair: Repair, arms: Bench, say: Say) -> None:
    """Leave each kept change out in turn: what the result does not need is not recommended."""
    for one in list(repair.kept[:-1]):
        if len(repair.kept) < 2 or arms.is_spent:
            return
        rest = [attempt for attempt in repair.kept if attempt is not one]
        texts = _replay(repair.texts, rest)
        if texts is None:
            continue
        (outcome,) = arms.run([Job(program=repair.program, texts=texts, seed=repair.seeds[0])], against=repair.untreated)
        if outcome is None:
            return
        distorts = {word for attempt in repair.kept for word in attempt.change.change.distorts}
        pair = judge(repair.kept[-1].outcome.scores, outcome.scores, distorts)
        if pair is None or pair[0] is None:
            continue
        with_it, without = pair
        assert with_it is not None
        if without.level >= with_it.level - 0.5 * with_it.noise and len(outcome.sick) <= len(repair.kept[-1].outcome.sick):
            say(f"not needed after all: {one.change.change.text}")
            repair.kept.remove(one)
            repair.rejected.append(one)
            repair.mended = _changed(repair.texts, texts)


def _replay(texts: Mapping[str, str], attempts: Sequence[Attempt]) -> dict[str, str] | None:
    """The texts with some of the changes only; None where one of them cannot be made alone."""
    now = dict(texts)
    for one in attempts:
        case = Case(illness=one.change.illness, facts=_facts(one.outcome))
        again = next((c for c in propose(now, case) if c.label == one.change.label and c.path == one.change.path), None)
        if again is None:
            return None
        now[again.path] = again.after
    return now


def _prove(repair: Repair, arms: Bench, say: Say) -> None:
    """Run both programs as plain source on every seed; watched only where nothing they print is a score."""
    say(f"proving it on seeds {', '.join(map(str, repair.seeds))}")
    texts = {**repair.texts, **repair.mended}
    prints = any(score.rank <= 2 for score in repair.kept[-1].outcome.scores)
    slower = 1.0
    for one in repair.kept:
        slower *= one.change.change.slower
    jobs = [
        Job(program=repair.program, texts=given, seed=seed, is_watched=not prints)
        for seed in repair.seeds
        for given in (repair.texts, texts)
    ]
    unlimited = Bench(folder=arms.folder / "proof", at_a_time=arms.at_a_time)
    outcomes = unlimited.run(jobs, against=repair.untreated, slower=[slower] * len(jobs), same_loss=[False] * len(jobs))
    arms.used, arms.spent = arms.used + unlimited.used, arms.spent + unlimited.spent
    distorts = {word for one in repair.kept for word in one.change.change.distorts}
    prefer = "balanced error" if any(k.change.illness.startswith("class-imbalance") for k in repair.kept) else ""
    pairs: list[tuple[Score | None, Score | None]] = []
    for untreated, treated in zip(outcomes[::2], outcomes[1::2], strict=True):
        assert untreated is not None and treated is not None
        pairs.append(judge(untreated.scores, treated.scores, distorts, prefer) or (None, None))
    repair.proof, repair.proven = gain(pairs), outcomes[1]


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    return {path: text for path, text in after.items() if text != before[path]}
