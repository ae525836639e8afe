"""Runs are found, named, kept in little memory, and know how they are doing."""

import os
import time

import pytest

from netsitter.run import Run
from netsitter.views.page import library as module
from netsitter.views.page.card import QUIET, spark, status_of
from netsitter.views.page.entry import Entry
from netsitter.views.page.library import Library
from netsitter.views.page.pace import BURST, SHARE, Pace

from .conftest import make_run
from .test_stream import settle


def by_name(library: Library) -> dict[str, Entry]:
    return {entry.name: entry for entry in library.entries.values()}


def test_runs_are_found_by_their_file_and_their_trials_under_them(tmp_path):
    make_run(tmp_path / "recipe")
    make_run(tmp_path / "recipe" / "trials" / "tune-1", end=None)
    make_run(tmp_path / "deep" / "er")
    make_run(tmp_path / "recipe" / "state" / "no")
    make_run(tmp_path / ".hidden")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    library = Library([tmp_path])
    settle(library)
    entries = by_name(library)
    assert sorted(entries) == ["deep/er", "recipe", "recipe/trials/tune-1"]
    assert entries["recipe/trials/tune-1"].parent == entries["recipe"].id
    assert entries["recipe/trials/tune-1"].status == "finished"
    assert entries["deep/er"].parent is None


def test_an_id_tells_no_path_and_stays(tmp_path):
    make_run(tmp_path / "secret")
    first, second = Library([tmp_path]), Library([tmp_path / "secret"])
    first.scan()
    second.scan()
    assert list(first.entries) == list(second.entries)
    assert "secret" not in next(iter(first.entries))
    assert all("/" not in str(value) for value in first.entries[next(iter(first.entries))].card.values())


def test_a_folder_that_is_not_there_yet(tmp_path):
    library = Library([tmp_path / "later"])
    settle(library)
    assert library.is_scanned
    make_run(tmp_path / "later")
    settle(library)
    assert list(by_name(library)) == ["later"]


@pytest.mark.parametrize(
    ("end", "quiet", "status"),
    [(None, 1.0, "running"), (None, QUIET + 1, "interrupted"), ({}, 1.0, "finished"),
     ({"status": "failed", "reason": "no"}, 1.0, "failed"), ({"status": "odd"}, 9e9, "finished")],
)  # fmt: skip
def test_how_a_run_is_doing(end, quiet, status):
    assert status_of(end, None, quiet)[0] == status


def test_a_parent_is_running_while_its_trials_are(tmp_path):
    make_run(tmp_path / "recipe", end=None)
    old = time.time() - 2 * QUIET
    os.utime(tmp_path / "recipe" / "run.jsonl", (old, old))
    library = Library([tmp_path])
    settle(library)
    assert by_name(library)["recipe"].status == "interrupted"
    make_run(tmp_path / "recipe" / "trials" / "a", end=None)
    settle(library)
    library.scan()
    assert by_name(library)["recipe"].status == "running"


def test_memory_is_given_back_and_taken_again(tmp_path, monkeypatch):
    for name in ("a", "b", "c"):
        make_run(tmp_path / name)
    monkeypatch.setattr(module, "POINTS", 150)
    library = Library([tmp_path])
    for _ in range(3):
        settle(library)
        library._forget(set())
    entries = list(library.entries.values())
    assert sum(entry.points for entry in entries) <= 150
    forgotten = next(entry for entry in entries if entry.log is None)
    assert forgotten.card["verdict"] is not None
    library.look("a page", [forgotten.id])
    forgotten.wake()
    settle(library)
    assert forgotten.run["loss"].count == 50


def test_what_cannot_be_read_is_left_alone(tmp_path):
    make_run(tmp_path / "fine")
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "run.jsonl").write_bytes(b"\xff\xfe\x00 no log \n" * 50)
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "run.jsonl").touch()
    library = Library([tmp_path])
    settle(library)
    assert by_name(library)["fine"].card["loss"] == pytest.approx(1 / 50)
    assert by_name(library)["odd"].card["loss"] is None


def test_a_long_log_is_sampled_first_and_keeps_nobody_waiting(tmp_path, monkeypatch):
    monkeypatch.setattr("netsitter.views.page.entry.LONG", 100_000)
    monkeypatch.setattr("netsitter.views.page.log.SLICE", 10_000)
    monkeypatch.setattr("netsitter.views.page.entry.SLICE", 10_000)
    with Run.create(tmp_path / "long") as run:
        run.extend((step, {"loss": 1.0}) for step in range(20_000))
    make_run(tmp_path / "short")
    library = Library([tmp_path])
    library.scan()
    long, short = by_name(library)["long"], by_name(library)["short"]
    library.look("a page", [long.id])
    for _ in range(4):
        library.read_on()
    assert long.is_sampled
    assert long.run.last_step == 19_999
    assert 0 <= long.read_share < 0.5
    assert short.is_settled
    settle(library)
    assert long.run["loss"].count == 20_000


def test_a_run_that_was_taken_up_again_has_not_ended(tmp_path):
    make_run(tmp_path / "one", end="interrupted")
    library = Library([tmp_path])
    settle(library)
    assert by_name(library)["one"].status == "interrupted"
    with Run.create(tmp_path / "one") as run:
        run.append(50, {"loss": 0.1})
    settle(library)
    assert by_name(library)["one"].status == "running"


def test_the_small_curve_bridges_what_is_not_finite():
    from netsitter.series import Series

    series = Series()
    series.extend(list(range(1000)), [1.0] * 500 + [float("nan")] * 500)
    assert spark(series) == [1.0] * 20


def test_rest_follows_only_work_that_waited_beside_a_training(monkeypatch):
    pace = Pace()
    assert pace._rest(0.0) == 0.0
    assert pace._rest(BURST - 1) == 0.0
    assert pace._rest(2.0) == pytest.approx(1.0 / SHARE, rel=0.01)
    with pace.of(is_training=False) as rest:
        time.sleep(0.01)
    assert rest() == 0.0
