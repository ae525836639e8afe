"""Who goes on when a share of the epochs is done."""

from netsitter.recipe.halving import Halving, Rungs


def test_the_best_share_goes_on_at_each_rung():
    rungs = Rungs(Halving(at=(0.25, 0.5), keep=0.5, least=1))
    planned = dict.fromkeys(range(4), 8)
    scores = {0: 1.0, 1: 2.0, 2: 3.0, 3: 4.0}
    assert rungs.leaving(0, planned, scores) == {}
    assert set(rungs.leaving(1, planned, scores)) == {2, 3}
    left = dict.fromkeys((0, 1), 8)
    assert rungs.leaving(2, left, scores) == {}
    assert set(rungs.leaving(3, left, scores)) == {1}


def test_never_fewer_than_the_least_go_on():
    rungs = Rungs(Halving(at=(0.5,), keep=0.1, least=3))
    leaving = rungs.leaving(3, dict.fromkeys(range(5), 8), {m: float(m) for m in range(5)})
    assert set(leaving) == {3, 4}


def test_one_that_comes_later_is_measured_against_those_before_it():
    rungs = Rungs(Halving(at=(0.5,), keep=0.5, least=1))
    assert set(rungs.leaving(1, {0: 4, 1: 4}, {0: 1.0, 1: 2.0})) == {1}
    assert set(rungs.leaving(1, {0: 4}, {0: 5.0})) == {0}, "worse than both"
    assert rungs.leaving(1, {0: 4}, {0: 0.5}) == {}


def test_members_of_unequal_length_are_due_at_their_own_epochs():
    rungs = Rungs(Halving(at=(0.5,), keep=0.5, least=1))
    planned, scores = {0: 4, 1: 8, 2: 8}, {0: 1.0, 1: 3.0, 2: 2.0}
    assert rungs.leaving(1, planned, scores) == {}, "the only one there is the best"
    assert set(rungs.leaving(3, {1: 8, 2: 8}, scores)) == {1}
