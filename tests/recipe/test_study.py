"""The study in a file: batches of one shape a group, nothing lost by a kill, several owners."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState, create_trial

from netsitter.recipe.space import Space
from netsitter.recipe.study import STARTUP_TRIALS, GroupSampler, Search

SPACE = Space(
    shape={"width": lambda t: t.suggest_categorical("width", [16, 32, 64, 128])},
    member={"lr": lambda t: t.suggest_float("lr", 1e-4, 1.0, log=True)},
)


def names(prefix: str, n: int) -> list[str]:
    return [f"{prefix}-{i}" for i in range(n)]


def stored(path) -> list[optuna.trial.FrozenTrial]:
    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(path)))
    return optuna.load_study(study_name="tune", storage=storage).trials


def test_a_group_has_one_shape_and_members_of_their_own(tmp_path):
    search = Search(tmp_path / "optuna.log", owner="first", seed=0)
    asked = search.ask(SPACE, names("a", 12), [6, 6], [{"width": 64, "lr": 0.5, "other": 1}])
    assert asked[0]["changes"] == {"width": 64, "lr": 0.5}, "a starting point leads its group"
    for group in (0, 1):
        members = [one["changes"] for one in asked if one["group"] == group]
        assert len({m["width"] for m in members}) == 1
        assert len({m["lr"] for m in members}) == len(members)


def test_what_was_told_guides_what_is_asked(tmp_path):
    search = Search(tmp_path / "optuna.log", owner="first", seed=0)
    for batch in range(8):
        for one in search.ask(SPACE, names(f"a{batch}", 12), [6, 6], ()):
            far = abs(one["changes"]["lr"] - 0.01) / 0.01
            search.tell(one, far + (one["changes"]["width"] != 32), None)
    late = search.ask(SPACE, names("late", 12), [6, 6], ())
    assert STARTUP_TRIALS < 12 * 8
    assert sum(1e-3 < one["changes"]["lr"] < 0.1 for one in late) >= 9


def test_failures_keep_their_reason_and_nothing_is_told_twice(tmp_path):
    path = tmp_path / "optuna.log"
    search = Search(path, owner="first", seed=0)
    one, two = search.ask(SPACE, names("a", 2), [2], ())
    search.tell(one, None, "the loss became nan")
    search.tell(two, 0.5, None)
    search.tell(two, 0.1, None)
    failed, done = stored(path)
    assert failed.state is TrialState.FAIL
    assert failed.user_attrs["failed"] == "the loss became nan"
    assert done.value == 0.5


def test_a_repeated_plan_is_told_to_a_study_that_did_not_ask(tmp_path):
    asked = Search(tmp_path / "a.log", owner="first", seed=0).ask(SPACE, names("a", 3), [3], ())
    other = Search(tmp_path / "b.log", owner="first", seed=0)
    for one in asked:
        other.tell(one, 0.5, None)
        other.tell(one, 0.5, None)
    assert [t.user_attrs["name"] for t in stored(tmp_path / "b.log")] == names("a", 3)


def test_a_search_killed_and_taken_up_has_lost_no_finished_trial(tmp_path):
    path = tmp_path / "optuna.log"
    code = f"""
import sys, time
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from test_study import SPACE, names
from netsitter.recipe.study import Search
search = Search(Path({str(path)!r}), owner="first", seed=0)
for batch in range(1000):
    for one in search.ask(SPACE, names(f"b{{batch}}", 4), [4], ()):
        search.tell(one, 1.0, None)
        print(one["name"], flush=True)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        said = [child.stdout.readline().strip() for _ in range(6)]
        time.sleep(0.05)
        child.send_signal(signal.SIGKILL)
        said += child.stdout.read().split()
    with path.open("a") as file:
        file.write('{"op_code": 4, "worker')  # a line that a full disk cut off
    search = Search(path, owner="first", seed=0)
    search.ask(SPACE, names("again", 4), [4], ())
    done = {t.user_attrs["name"] for t in stored(path) if t.state is TrialState.COMPLETE}
    assert set(said) <= done
    running = [t.user_attrs["name"] for t in stored(path) if t.state is TrialState.RUNNING]
    assert running == names("again", 4), "what was left running is failed"


@pytest.mark.parametrize("n", [3])
def test_several_owners_share_a_study_and_leave_each_other_alone(tmp_path, n):
    path = tmp_path / "optuna.log"
    searches = [Search(path, owner=f"joined-{i}", seed=0) for i in range(n)]
    asked = [s.ask(SPACE, names(s.owner, 3), [3], ()) for s in searches]
    draws = {tuple(one["changes"]["lr"] for one in batch) for batch in asked}
    assert len(draws) == n, "each draws its own"
    searches[0].tell(asked[0][0], 1.0, None)
    assert sum(t.state is TrialState.RUNNING for t in stored(path)) == 3 * n - 1
    searches[0].give_up({"joined-1"})
    left = {t.user_attrs["owner"] for t in stored(path) if t.state is TrialState.RUNNING}
    assert left == {"joined-0", "joined-2"}


def test_a_group_is_drawn_from_one_estimate(monkeypatch):
    made, make = [], optuna.samplers.TPESampler._build_parzen_estimator

    def counted(self, *args, **kwargs):
        made.append(args)
        return make(self, *args, **kwargs)

    monkeypatch.setattr(optuna.samplers.TPESampler, "_build_parzen_estimator", counted)
    study = optuna.create_study(sampler=GroupSampler(seed=0, n_startup_trials=0))
    space = {"lr": optuna.distributions.FloatDistribution(1e-4, 1.0, log=True)}
    for number, lr in enumerate((1e-3, 1e-2, 0.5)):
        study.add_trial(create_trial(params={"lr": lr}, distributions=space, value=float(number)))
    drawn = {study.ask(space).params["lr"] for _ in range(8)}
    assert len(drawn) == 8
    assert len(made) == 2, "one of the good trials, one of the others"
