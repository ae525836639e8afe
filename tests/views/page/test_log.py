"""A log is followed as it grows, and tells what ``Run.open`` tells."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netsitter.run import Run, jsonable
from netsitter.views.page.log import Log, sample, take_lines


def state(run: Run) -> dict:
    series = {
        n: (run[n].steps.tolist(), list(map(repr, run[n].values.tolist())), run[n].count) for n in run.names()
    }
    return {"series": series, "order": run.names(), "facts": jsonable(run.facts), "notes": run.notes,
            "treatments": run.treatments, "end": run.end, "last": run.last_step}  # fmt: skip


def read_all(log: Log, most: int = 1 << 18) -> Run:
    while log.read(most):
        pass
    return log.run


numbers = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False), st.integers(-(10**20), 10**20), st.booleans(),
    st.none(), st.sampled_from(["nan", "1.5", "x"]),
)  # fmt: skip
values = st.dictionaries(st.sampled_from(["loss", "val/loss", "a", "\u202e", "é"]), numbers, max_size=3)
flags = st.dictionaries(
    st.sampled_from(["loss", "a"]), st.sampled_from(["nan", "inf", "-inf", "odd"]), max_size=2
)
record = {"kind": st.just("record"), "step": st.integers(0, 99), "values": values}
lines = st.one_of(
    st.fixed_dictionaries({**record, "step": st.one_of(st.integers(0, 99), st.floats(0, 9), st.integers())}),
    st.fixed_dictionaries({**record, "nonfinite": flags}),
    st.fixed_dictionaries({"kind": st.just("fact"), "facts": st.just({"task": "regression"})}),
    st.fixed_dictionaries({"kind": st.sampled_from(["note", "treatment", "end", "odd"]), "text": st.text()}),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


@given(
    st.lists(lines, max_size=25),
    st.sampled_from(["\n", "\nnull\n", "\n{\n", '\n{"kind": "record", "st\n', "\n\n"]),
)
def test_any_lines_tell_what_they_tell_a_run(documents, between):
    text = between.join(json.dumps(document) for document in documents) + "\n"
    fast, slow = Run(), Run()
    take_lines(fast, text.encode().split(b"\n"))
    slow.read_lines(text.split("\n"))
    assert state(fast) == state(slow)


@pytest.mark.parametrize("most", [1, 100, 1 << 18])
def test_a_log_that_grows_is_read_on(tmp_path, most):
    log = Log(tmp_path / "run.jsonl")
    with Run.create(tmp_path) as run:
        for step in range(40):
            run.append(step, {"loss": math.nan if step == 20 else 1 / (1 + step)})
            if step % 7 == 0:
                read_all(log, most)
                before = log.offset
        read_all(log, most)
        assert log.offset > before
    assert state(log.run) == state(Run.open(tmp_path))
    assert log.read() == 0


def test_a_torn_line_is_waited_for(tmp_path):
    path = tmp_path / "run.jsonl"
    line = '{"kind": "record", "step": 0, "values": {"loss": 1.0}}\n'
    path.write_text(line + line[:30])
    log = Log(path)
    assert log.read() == len(line)
    assert log.read() == 0
    with path.open("a") as file:
        file.write(line[30:])
    assert log.read() == len(line)
    assert log.run["loss"].count == 2


def test_nothing_is_read_twice(tmp_path, monkeypatch):
    path = tmp_path / "run.jsonl"
    line = '{"kind": "record", "step": 0, "values": {"loss": 1.0}}\n'
    path.write_text(line * 5)
    log = Log(path)
    taken = []
    monkeypatch.setattr(
        "netsitter.views.page.log.take_lines", lambda run, lines: taken.append(len(lines) - 1)
    )
    read_all(log)
    with path.open("a") as file:
        file.write(line * 2)
    read_all(log)
    assert taken == [5, 2]


def test_a_replaced_log_begins_anew(tmp_path):
    path = tmp_path / "run.jsonl"
    line = '{"kind": "record", "step": %d, "values": {"loss": 1.0}}\n'
    path.write_text("".join(line % step for step in range(9)))
    log = Log(path)
    read_all(log)
    path.write_text(line % 3)
    read_all(log)
    assert (log.run.last_step, log.run["loss"].count, log.generation) == (3, 1, 1)


def test_reading_stops_at_a_wanted_place_and_notes_it(tmp_path):
    path = tmp_path / "run.jsonl"
    line = '{"kind": "record", "step": 0, "values": {"loss": 1.0}}\n'
    path.write_text(line * 10)
    log = Log(path)
    log.want(4 * len(line))
    read_all(log)
    assert log.marks[4 * len(line)] == {"loss": 4}
    assert log.run["loss"].count == 10


def test_a_sample_shows_the_beginning_the_end_and_something_between(tmp_path):
    with Run.create(tmp_path, {"task": "regression"}) as run:
        run.extend((step, {"loss": float(step)}) for step in range(60_000))
        run.finish(status="finished")
    seen = sample(tmp_path / "run.jsonl", blocks=20, size=1 << 10)
    steps = seen["loss"].steps
    assert seen.facts["task"] == "regression"
    assert seen.end == {"status": "finished"}
    assert (steps[0], steps[-1]) == (0, 59_999)
    assert (steps[1:] > steps[:-1]).all()
    assert len(steps) < 2000
    gaps = steps[1:] - steps[:-1]
    assert gaps.max() < 60_000 / 15


def test_a_short_log_is_sampled_whole(tmp_path):
    with Run.create(tmp_path) as run:
        run.extend((step, {"loss": float(step)}) for step in range(50))
    assert state(sample(tmp_path / "run.jsonl", blocks=9)) == state(Run.open(tmp_path))
