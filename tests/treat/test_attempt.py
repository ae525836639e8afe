import math
from dataclasses import replace

import pytest

from netsitter.treat.arm import Job, Outcome, Program
from netsitter.treat.attempt import Attempt, attempt
from netsitter.treat.candidates import Candidate, State, candidates
from netsitter.treat.fix import _best
from netsitter.treat.repair import Repair
from netsitter.treat.source import Case, Mended, propose

JOB = Job(program=Program(target="p.py"))
RATE = "import torch\nopt = torch.optim.SGD(net.parameters(), lr=0.1)\n"


def outcome(output, status=0):
    return Outcome(job=JOB, status=status, seconds=1.0, output=output)


def candidate(name="x", illness="lr-too-high", mended: Mended | None = None, distorts=()):
    state = State(texts={"p.py": name})
    return Candidate(illness=illness, name=name, text=name, state=state, distorts=distorts, mended=mended)


def in_source():
    return next(propose({"p.py": RATE}, Case(illness="lr-too-high")))


def tried(before, after, **given) -> Attempt:
    return attempt(candidate(**given), outcome(f"RESULT acc={before}"), outcome(f"RESULT acc={after}"))


def test_a_gain_within_chance_has_not_helped():
    assert not tried(0.80, 0.82).helped
    assert tried(0.80, 0.82).is_harmless
    assert tried(0.50, 0.80).helped
    assert not tried(0.80, 0.50).is_harmless


def test_closing_most_of_what_is_missing_is_enough():
    assert tried(0.1, 0.95).is_enough
    assert not tried(0.1, 0.8).is_enough


def test_a_number_where_there_was_none_has_helped():
    found = attempt(candidate(), outcome("RESULT acc=nan"), outcome("RESULT acc=0.4"))
    assert found.gain == math.inf
    assert found.helped
    assert not found.is_enough
    assert attempt(candidate(), outcome("RESULT acc=nan"), outcome("RESULT acc=0.9")).is_enough


def test_a_run_that_failed_has_not_helped():
    found = attempt(candidate(), outcome("RESULT acc=0.1"), outcome("RESULT acc=0.9", status=1))
    assert found.gain == -math.inf
    assert not found.helped
    assert not found.is_harmless


def test_the_loss_does_not_judge_what_redefines_it():
    lower = attempt(candidate(distorts=("loss",)), outcome("val_loss 2"), outcome("val_loss 0.1"))
    assert lower.after is None
    assert not lower.helped


def test_of_remedies_alike_the_one_nearest_to_the_cause_is_best():
    mended = in_source()
    near, far = tried(0.1, 0.94, name="near", mended=mended), tried(0.1, 0.95, name="far", mended=mended)
    assert _best([near, far]) is near
    assert _best([tried(0.1, 0.5, name="poor", mended=mended), far]) is far


def test_a_change_to_the_source_goes_before_hooks_unless_it_gains_far_less():
    hooks = tried(0.1, 0.98, name="hooks")
    source = tried(0.1, 0.9, name="source", mended=in_source())
    poor = tried(0.1, 0.3, name="poor", mended=in_source())
    assert _best([hooks, source]) is source
    assert _best([poor, hooks]) is hooks


def test_what_was_tried_is_not_proposed_again():
    state, tried_before = State(texts={"p.py": RATE}), set[int]()
    case = Case(illness="lr-too-high", remedies={"lower-rate": "Divide it."}, knobs={"lower-rate": "lr"})
    first = candidates(state, [case], tried_before)
    assert first[0].name == "lower-rate"
    assert first[0].mended is not None
    assert candidates(state, [case], tried_before) == []


@pytest.mark.parametrize("text", ["def broken(:\n", "print('no training here')\n"])
def test_nothing_is_proposed_where_nothing_is_certain(text):
    case = Case(illness="lr-too-high")
    assert candidates(State(texts={"p.py": text}), [case], set()) == []


def test_a_score_that_chance_cannot_tell_from_perfect_is_perfect():
    assert tried(0.5, 0.999).is_perfect
    assert not tried(0.5, 0.95).is_perfect


def test_rare_classes_are_judged_by_a_score_made_for_them():
    said = "acc 0.96\nRESULT val_f1={}"
    one = candidate(illness="class-imbalance-collapse")
    measured = {"on": "validation", "rows": 900, "balanced_error": 0.4}
    arms = [
        Outcome(job=JOB, status=0, seconds=1.0, output=said.format(value), treatment={"yardstick": measured})
        for value in (0.0, 0.5)
    ]
    judged = attempt(one, *arms)
    assert judged.after is not None
    assert judged.after.name == "val_f1"
    arms = [Outcome(job=JOB, status=0, seconds=1.0, output="acc 0.96", treatment={"yardstick": measured})] * 2
    judged = attempt(one, *arms)
    assert judged.after is not None
    assert judged.after.name == "validation balanced error"


def test_what_sets_the_measurement_right_has_helped_whatever_the_score():
    fallen = tried(0.9, 0.6)
    assert not fallen.helped
    assert replace(fallen, corrected=True).helped


def test_a_program_is_uneven_where_one_seed_is_clearly_behind():
    repair = Repair(
        program=JOB.program, texts={}, untreated=outcome("acc 0.1"), seeds=(0, 5, 9), state=State(texts={})
    )
    assert repair.weakest is None
    repair.reached = tuple(outcome(f"acc {value}").scores[0] for value in (0.98, 0.80, 0.97))
    assert repair.weakest == 5
    repair.reached = (*repair.reached[:2], None)
    assert repair.weakest == 9
    repair.reached = tuple(outcome(f"acc {value}").scores[0] for value in (0.96, 0.95, 0.97))
    assert repair.weakest is None
