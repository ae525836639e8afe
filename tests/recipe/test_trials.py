"""Trials trained together: grouped by shape, remembered one by one, the same after an interruption."""

import signal
import subprocess
import sys
import time

import msgspec
import numpy as np
import pytest
import torch

from netsitter.nets.config import NetConfig
from netsitter.recipe import trial as trials
from netsitter.recipe.config import FitConfig, build_config
from netsitter.recipe.folder import RunFolder, read_journal
from netsitter.recipe.halving import Halving, Rungs
from netsitter.recipe.problem import Part, Problem
from netsitter.recipe.source import advise, read_source
from netsitter.recipe.trial import Spec, Trial, load_network_of, load_raw, run_trial, run_trials
from netsitter.run import Run


@pytest.fixture
def problem(flowers) -> Problem:
    config = build_config([{"recipe": {"seed": 0}}])
    table = read_source(flowers, "kind", config)
    return Problem(table.frame, table.schema, table.split, config, advise(table, config))


def spec(name: str, *, net: dict | None = None, part: Part | None = None, seed: int = 0, **fit) -> Spec:
    return Spec(
        name=name,
        stage="tune",
        net=NetConfig(**{"width": 16, "depth": 1, **(net or {})}),
        fit=FitConfig(**{"epochs": 4, "patience": 0, "batch_size": 32, "lr": 1e-2, **fit}),
        seed=seed,
        part=part or Part(),
    )


SPECS = [
    spec("a"),
    spec("wide", net={"width": 24}),
    spec("b", lr=3e-3, epochs=3, seed=1),
    spec("c", net={"dropout": 0.3}, label_smoothing=0.1, seed=2),
]


def test_trials_run_together_are_what_they_are_alone(tmp_path, problem):
    with RunFolder(tmp_path / "together") as folder:
        together = run_trials(folder, problem, SPECS)
        for trial in together:
            raw = load_raw(folder, trial)
            net = load_network_of(folder, problem, trial)
            rows = problem.fold(trial.spec.part, trial.spec.fit).validation
            with torch.no_grad():
                torch.testing.assert_close(net(rows.numeric, rows.codes), raw, atol=1e-5, rtol=1e-5)
            assert len(Run.open(folder.path / "trials" / trial.spec.name)["val/loss"]) == trial.epochs
    with RunFolder(tmp_path / "alone") as folder:
        alone = [run_trial(folder, problem, each) for each in SPECS]
    assert [trial.spec.name for trial in together] == ["a", "wide", "b", "c"]
    for one, other in zip(together, alone, strict=True):
        assert one.score == pytest.approx(other.score, rel=1e-3)
        assert (one.epochs, one.steps, one.best_epoch) == (other.epochs, other.steps, other.best_epoch)
        assert one.parameters == other.parameters


def test_a_search_that_is_killed_has_lost_no_finished_trial(tmp_path, problem, monkeypatch):
    path, kept = tmp_path / "run", trials._keep
    specs = [*SPECS, spec("short", epochs=1), spec("shorter", epochs=2)]

    def die(folder, own, *rest):
        if own.name == "b":
            raise KeyboardInterrupt
        return kept(folder, own, *rest)

    monkeypatch.setattr(trials, "_keep", die)
    with RunFolder(path) as folder, pytest.raises(KeyboardInterrupt):
        run_trials(folder, problem, specs)
    monkeypatch.setattr(trials, "_keep", kept)
    with RunFolder(path) as folder:
        before = {name: folder.once(f"trial/{name}", dict) for name in ("short", "shorter")}
        assert not folder.knows("trial/b")
        after = {trial.spec.name: trial for trial in run_trials(folder, problem, specs)}
    for name, value in before.items():
        assert after[name] == msgspec.convert(value, Trial)
    with RunFolder(tmp_path / "unbroken") as folder:
        for trial in run_trials(folder, problem, specs):
            assert after[trial.spec.name].score == pytest.approx(trial.score, rel=1e-3)


SEARCH = """
import sys
from pathlib import Path
import msgspec
from netsitter.recipe.config import build_config
from netsitter.recipe.folder import RunFolder
from netsitter.recipe.problem import Problem
from netsitter.recipe.source import advise, read_source
from netsitter.recipe.trial import Spec, run_trials
table, path, specs = sys.argv[1:]
config = build_config([{"recipe": {"seed": 0}}])
table = read_source(table, "kind", config)
problem = Problem(table.frame, table.schema, table.split, config, advise(table, config))
with RunFolder(Path(path)) as folder:
    run_trials(folder, problem, msgspec.json.decode(specs, type=list[Spec]))
"""


def test_a_killed_population_loses_its_unfinished_members_only(tmp_path, flowers, problem):
    table, path = tmp_path / "flowers.csv", tmp_path / "run"
    flowers.to_csv(table, index=False)
    short, journal = spec("short", epochs=1), path / "state" / "journal.jsonl"
    specs = msgspec.json.encode([short, spec("long", epochs=4000)]).decode()
    child = subprocess.Popen([sys.executable, "-c", SEARCH, str(table), str(path), specs])
    while not (journal.exists() and "trial/short" in read_journal(journal)):
        assert child.poll() is None
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    weights = path / "trials" / "short" / trials.WEIGHTS
    before = weights.stat().st_mtime_ns
    with RunFolder(path) as folder:
        assert not folder.knows("trial/long")
        found = run_trials(folder, problem, [short, spec("long", epochs=2)])
    assert weights.stat().st_mtime_ns == before
    assert [trial.epochs for trial in found] == [1, 2]


def test_folds_of_one_setting_are_one_population(tmp_path, problem, monkeypatch):
    sizes = []
    real = trials.fit_population
    monkeypatch.setattr(
        trials, "fit_population", lambda members, **rest: sizes.append(len(members)) or real(members, **rest)
    )
    specs = [spec(f"fold-{n}", part=Part(kind="fold", number=n, of=4)) for n in range(4)]
    with RunFolder(tmp_path / "run") as folder:
        found = run_trials(folder, problem, specs)
        assert sizes == [4]
        for trial in found:
            rows = problem.fold(trial.spec.part, trial.spec.fit).validation
            assert load_raw(folder, trial).shape == (len(rows), 3)
            assert np.isfinite(trial.score or np.nan)


def test_halving_ends_trials_that_stay_usable(tmp_path, problem):
    specs = [spec(f"t{n}", lr=lr, epochs=8, seed=n) for n, lr in enumerate((1e-2, 2e-2, 1e-6, 1e-7))]
    with RunFolder(tmp_path / "run") as folder:
        found = run_trials(folder, problem, specs, rungs=Rungs(Halving(at=(0.5,), keep=0.5)))
    assert [trial.epochs for trial in found] == [8, 8, 4, 4]
    assert all(trial.is_usable for trial in found)
    assert found[2].stopped is not None
    assert found[0].stopped is None
    assert len(found[2].curve) == 5


def test_seconds_of_trials_come_to_what_all_of_them_took(tmp_path, problem):
    specs = [spec(f"t{n}", epochs=2 + 20 * n, seed=n) for n in range(3)]
    with RunFolder(tmp_path / "run") as folder:
        before = folder.spent
        found = run_trials(folder, problem, specs)
        taken = folder.spent - before
    seconds = [trial.seconds for trial in found]
    assert seconds == sorted(seconds), "who trained longer took more"
    assert 0.2 * taken < sum(seconds) <= taken + 0.01


def test_a_trial_that_fails_keeps_its_reason_and_its_findings(tmp_path, problem):
    specs = [spec("bad", optimizer="sgd", lr=1e12, epochs=20), spec("good", optimizer="sgd", epochs=20)]
    with RunFolder(tmp_path / "run") as folder:
        bad, good = run_trials(folder, problem, specs)
    assert bad.failed is not None
    assert not bad.is_usable
    assert bad.findings
    assert good.failed is None
