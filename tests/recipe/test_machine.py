"""How a population is spread over the machine: by what was measured, again when it has become slower."""

import numpy as np
import pytest
import torch

from netsitter.nets.blocks import build_network
from netsitter.nets.config import NetConfig
from netsitter.nets.losses import make_loss
from netsitter.recipe import machine as machines
from netsitter.recipe.config import FitConfig
from netsitter.recipe.fit_population import Pace
from netsitter.recipe.folder import RunFolder
from netsitter.recipe.machine import FALLEN, PARTS, WORTH, machine_for, measure, member_bytes, most_together
from netsitter.recipe.members import Member
from netsitter.recipe.objective import Objective
from netsitter.recipe.rows import Rows
from netsitter.tables.schema import Task


def member(width: int = 32, epochs: int = 30_000) -> Member:
    x = torch.randn(200, 5, generator=torch.Generator().manual_seed(0))
    rows = Rows(numeric=x, codes=torch.zeros(200, 0, dtype=torch.int64), target=x[:, 0])
    net, _ = build_network(
        NetConfig(width=width),
        numeric=x,
        codes=rows.codes,
        is_continuous=(True,) * 5,
        cardinalities=(),
        n_outputs=1,
        generator=torch.Generator().manual_seed(0),
    )
    return Member(
        net=net,
        objective=Objective(task=Task.REGRESSION, loss=make_loss("mse"), decode=np.asarray),
        train=rows,
        validation=rows,
        config=FitConfig(batch_size=64, epochs=epochs),
        seed=0,
    )


class Speeds:
    """Takes the place of the clock: bytes a second by workers and by members of a part."""

    def __init__(self) -> None:
        self.workers, self.part, self.asked = {1: 1.0, 4: 1.0}, 1.0, 0

    def __call__(self, pace: Pace, own: Member) -> float:
        self.asked += 1
        return 1e9 * self.workers[pace.workers] * pace.part**self.part


@pytest.fixture
def speeds(monkeypatch) -> Speeds:
    found = Speeds()
    monkeypatch.setattr(machines, "_throughput", found)
    monkeypatch.setattr(machines.os, "sched_getaffinity", lambda pid: {0, 1, 2, 3}, raising=False)
    return found


def test_cores_are_used_when_they_win_clearly(speeds):
    assert measure(member()).workers == 1
    speeds.workers[4] = WORTH - 0.05
    assert measure(member()).workers == 1
    speeds.workers[4] = WORTH + 0.05
    assert measure(member()).workers == 4


def test_the_fastest_part_is_taken(speeds):
    assert measure(member(width=256)).part_bytes == PARTS[-1]
    speeds.part = -1.0
    assert measure(member()).part_bytes == PARTS[0]


def test_a_part_holds_as_many_as_fit_and_one_at_least(speeds):
    machine = measure(member())
    small, large = member(32), member(1024)
    assert machine.pace(small).part == min(PARTS[-1] // member_bytes(small), machines.MOST_IN_PART)
    assert machine.pace(large).part == 1
    assert most_together(large) < most_together(small)


def test_it_is_measured_once_and_again_when_it_has_become_slower(tmp_path, speeds):
    with RunFolder(tmp_path / "run") as folder:
        first = machine_for(folder, "a", [member()])
        measured = speeds.asked
        assert measured > 1
        assert machine_for(folder, "a", [member()]) == first
        assert speeds.asked == measured, "the journal knows"
        assert machine_for(folder, "b", [member()]) == first
        assert speeds.asked == measured + 1, "one look"
        speeds.workers = {1: 0.9 * FALLEN, 4: 0.9 * FALLEN * 2}
        slower = machine_for(folder, "c", [member()])
        assert slower.workers == 4
        assert slower.bytes_per_second < first.bytes_per_second
        notes = [note["text"] for note in folder.run.notes]
    assert len(notes) == 2
    assert notes[0].startswith("The machine was measured: ")
    assert "on batches of 64 rows" in notes[0]
    assert notes[1].startswith("The machine has become slower")


def test_little_work_is_not_measured(tmp_path, speeds):
    with RunFolder(tmp_path / "run") as folder:
        machine_for(folder, "a", [member(epochs=2)])
    assert speeds.asked == 0


def test_a_real_measurement_takes_real_steps():
    assert measure(member(16)).bytes_per_second > 1e6
