"""How often to look."""

from itertools import pairwise

from netsitter.observe.pace import ALLOWANCE, HEAD, LOOKS, RESTARTS, STEP, Pace


def looks(pace: Pace, steps: int, *, step: float, look: float) -> list[int]:
    seen, now = [], 0.0
    for index in range(steps):
        now += step
        if pace.is_due(index):
            seen.append(index)
            now += look
            pace.looked(index, look, now)
    return seen


def test_the_first_steps_are_all_seen():
    assert looks(Pace(), 100, step=1e-3, look=1e-3)[:HEAD] == list(range(HEAD))


def test_looking_keeps_to_the_budget():
    steps, step, look = 30_000, 2e-2, 1e-2
    spent = len(looks(Pace(budget=0.01), steps, step=step, look=look)) * look
    meant = (LOOKS * 0.01 * step - STEP) * steps
    assert 0.95 * meant <= spent <= 1.05 * meant


def test_the_allowance_is_repaid():
    steps, step, look = 6_000, 1e-2, 1e-2
    seen = looks(Pace(budget=0.01), steps, step=step, look=look)
    early = [index for index in seen if index < 500]
    assert len(early) * look > 0.01 * 500 * step
    assert len(seen) * look <= 0.01 * steps * step + look


def test_a_loan_is_no_larger_than_the_allowance():
    step, look = 1e-5, 5e-2
    seen = looks(Pace(), 4000, step=step, look=look)
    after = [index for index in seen[HEAD:] if seen.index(index) * look > ALLOWANCE]
    assert all(later - earlier >= earlier // 4 for earlier, later in pairwise(after))


def test_what_else_is_spent_makes_looks_rarer():
    plain, charged = Pace(), Pace()
    charged.charge(10.0)
    assert len(looks(charged, 2000, step=1e-2, look=5e-3)) < len(looks(plain, 2000, step=1e-2, look=5e-3))


def test_cheap_looks_are_frequent():
    assert len(looks(Pace(), 1000, step=1.0, look=1e-3)) > 900


def test_a_look_that_is_dear_stays_rare_but_never_stops():
    assert len(looks(Pace(), 1000, step=1e-3, look=1.0)) <= 32
    assert len(looks(Pace(), 100_000, step=1e-3, look=1.0)) > 40


def test_a_long_rest_buys_nothing():
    rested = Pace()
    looks(rested, 3000, step=1e-2, look=5e-2)
    start = rested.due_at
    rested.looked(start, 5e-2, 1e6)
    seen = 0
    for step in range(start + 1, start + 1000):
        if rested.is_due(step):
            seen += 1
            rested.looked(step, 5e-2, 1e6 + 1e-2 * (step - start) + 5e-2 * seen)
    assert 1 <= seen <= 6


def test_every_says_it_exactly():
    assert looks(Pace(every=10), 40, step=1e-3, look=1.0) == [0, 10, 20, 30]


def test_the_first_steps_of_another_training_are_seen_too_if_trainings_are_few():
    pace = Pace()
    looks(pace, 2000, step=1e-3, look=1e-3)
    for restart in range(1, 6):
        start = 2000 * restart
        pace.restart(start)
        seen, now = [], 1e3 * restart
        for index in range(start, start + 200):
            now += 1e-3
            if pace.is_due(index):
                seen.append(index - start)
                now += 1e-3
                pace.looked(index, 1e-3, now)
        assert (seen[:HEAD] == list(range(HEAD))) == (restart <= RESTARTS)
