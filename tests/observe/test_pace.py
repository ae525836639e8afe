"""How often to look."""

from netsitter.observe.pace import ALLOWANCE, HEAD, Pace


def looks(pace: Pace, steps: int, *, step: float, look: float) -> list[int]:
    seen = []
    for index in range(steps):
        if pace.is_due(index):
            seen.append(index)
            pace.looked(index, look)
        else:
            pace.stepped(step)
    return seen


def test_the_first_steps_are_all_seen():
    assert looks(Pace(), 100, step=1e-3, look=1e-3)[:HEAD] == list(range(HEAD))


def test_looking_keeps_to_the_budget():
    steps = 200_000
    seen = looks(Pace(budget=0.01), steps, step=1e-3, look=5e-3)
    assert len(seen) * 5e-3 <= 0.011 * steps * 1e-3 + ALLOWANCE
    assert len(seen) * 5e-3 >= 0.009 * steps * 1e-3


def test_cheap_looks_are_frequent():
    assert len(looks(Pace(), 1000, step=1.0, look=1e-3)) > 900


def test_a_look_that_is_dear_stays_rare_but_never_stops():
    assert len(looks(Pace(), 1000, step=1e-3, look=1.0)) <= 32
    assert len(looks(Pace(), 100_000, step=1e-3, look=1.0)) > 40


def test_every_says_it_exactly():
    assert looks(Pace(every=10), 40, step=1e-3, look=1.0) == [0, 10, 20, 30]
