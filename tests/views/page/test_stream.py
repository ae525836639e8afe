"""A page is told what is new to it, once; also after it was away, and after the server was."""

import json
import math
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netsitter.run import Run
from netsitter.series import TAIL
from netsitter.views.page.library import Library
from netsitter.views.page.stream import Viewer, drawn

from .conftest import make_run


def settle(library: Library) -> None:
    """Read and judge all there is."""
    library._scan_at = 0.0
    while library.read_on():
        pass
    while library.judge_one():
        pass


def events(viewer: Viewer) -> dict[str, dict]:
    """What is new, by kind; ``id`` is the newest cursor."""
    told: dict = {"cursor": ""}
    for block in viewer.gather().decode().split("\n\n"):
        if block:
            kind, cursor, data = (line.partition(": ")[2] for line in block.split("\n"))
            told |= {kind: json.loads(data), "cursor": cursor}
    return told


@pytest.fixture
def library(tmp_path):
    make_run(tmp_path / "one", end=None)
    return Library([tmp_path])


def test_first_all_then_only_what_is_new(library, tmp_path):
    library.scan()
    (run,) = library.entries
    viewer = Viewer(library, [run])
    settle(library)
    first = events(viewer)
    assert first["cards"]["cards"][0]["name"] == "one"
    assert first["curves"]["curves"]["loss"]["steps"] == list(range(50))
    assert first["curves"]["curves"]["loss"]["more"] is False
    assert first["verdict"]["findings"] is not None
    assert first["maps"]["maps"][0]["rows"] == ["a.weight", "b.weight"]
    assert viewer.gather() == b""
    with Run.create(tmp_path / "one") as run_:
        run_.append(50, {"loss": math.nan})
    settle(library)
    second = events(viewer)
    assert second["curves"]["curves"] == {"loss": {"more": True, "steps": [50], "values": ["nan"]}}
    assert second["cards"]["cards"][0]["loss"] == "nan"


def test_a_page_that_was_away_is_told_what_it_missed(library, tmp_path):
    settle(library)
    (run,) = library.entries
    cursor = events(Viewer(library, [run]))["cursor"]
    with Run.create(tmp_path / "one") as run_:
        run_.append(50, {"loss": 0.5})
    settle(library)
    again = events(Viewer(library, [run], cursor=cursor))
    assert again["curves"]["curves"] == {"loss": {"more": True, "steps": [50], "values": [0.5]}}


def test_a_server_that_was_started_anew_goes_on_where_the_page_is(library, tmp_path):
    settle(library)
    (run,) = library.entries
    cursor = events(Viewer(library, [run]))["cursor"]
    with Run.create(tmp_path / "one") as run_:
        run_.append(50, {"loss": 0.5, "val/loss": 0.6})
    other = Library([tmp_path])
    viewer = Viewer(other, [run], cursor=cursor)
    other.scan()
    assert "curves" not in events(viewer)  # before it has read as far as the page
    settle(other)
    told = events(viewer)["curves"]["curves"]
    assert told == {
        "loss": {"more": True, "steps": [50], "values": [0.5]},
        "val/loss": {"more": True, "steps": [50], "values": [0.6]},
    }


def test_a_cursor_of_another_log_is_answered_with_everything(library):
    settle(library)
    (run,) = library.entries
    for cursor in (f"{run}:999999", f"{run}:7", f"{run}:-1", "nonsense", ":,:", f"{run}:１２"):
        told = events(Viewer(library, [run], cursor=cursor))["curves"]["curves"]["loss"]
        assert (told["more"], len(told["steps"])) == (False, 50)


def test_more_than_is_kept_exactly_is_sent_as_a_whole(library, tmp_path):
    settle(library)
    (run,) = library.entries
    viewer = Viewer(library, [run])
    events(viewer)
    with Run.create(tmp_path / "one") as run_:
        run_.extend((50 + i, {"loss": 0.5}) for i in range(TAIL + 1))
    settle(library)
    assert events(viewer)["curves"]["curves"]["loss"]["more"] is False


def test_a_run_that_is_gone_and_one_that_is_new(library, tmp_path):
    settle(library)
    viewer = Viewer(library, [])
    (run,) = [card["id"] for card in events(viewer)["cards"]["cards"]]
    make_run(tmp_path / "two")
    (tmp_path / "one" / "run.jsonl").unlink()
    settle(library)
    told = events(viewer)["cards"]
    assert told["gone"] == [run]
    assert [card["name"] for card in told["cards"]] == ["two"]


def test_names_that_no_text_can_hold_are_sent_all_the_same(tmp_path):
    with Run.create(tmp_path / "odd") as run:
        run.append(0, {"metric/\udcff": 1.0, "loss": 1.0})
        run.append(1, {"metric/\udcff": 1.0, "loss": 1.0})
    library = Library([tmp_path])
    settle(library)
    (run_id,) = library.entries
    assert "metric/\udcff" in events(Viewer(library, [run_id]))["curves"]["curves"]


def test_numbers_that_a_page_asks_for():
    names = ["weird", "lr/0", "val/loss", "loss", "baseline/mean"]
    assert drawn(names, ["weird", "not there"]) == ["loss", "val/loss", "baseline/mean", "lr/0", "weird"]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("\udc00"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(["loss", "val/loss", "grad_norm/a", "dead/a", "baseline/\udc00", "__proto__"])
number = st.floats(allow_nan=False, allow_infinity=False) | st.just(1e308)
facts = st.sampled_from(["error", "metric", "model", "optimizers", "activations", "odd"])
kinds = st.sampled_from(["note", "treatment", "end"])
steps = st.integers() | st.integers(0, 99)
odd_lines = st.one_of(
    st.fixed_dictionaries(
        {"kind": st.just("record"), "step": steps, "values": st.dictionaries(names, number, max_size=4)}
    ),
    st.fixed_dictionaries({"kind": st.just("fact"), "facts": st.dictionaries(facts, anything, max_size=4)}),
    st.fixed_dictionaries({"kind": kinds, "status": anything, "text": anything}),
)


@given(st.lists(odd_lines, max_size=12))
def test_no_log_is_too_odd_to_be_served(documents):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "run.jsonl")
        path.write_text("".join(json.dumps(document) + "\n" for document in documents))
        library = Library([Path(folder)])
        settle(library)
        (run,) = library.entries
        for block in Viewer(library, [run]).gather().decode().split("\n\n")[:-1]:
            data = block.partition("data: ")[2]
            assert "\n" not in data
            json.loads(data, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
