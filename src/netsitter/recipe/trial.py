"""One trial: a network of given settings, trained and scored; remembered, so never done twice."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from safetensors.torch import load_file, save

from netsitter.diagnosis import diagnose
from netsitter.files import write_atomic
from netsitter.nets.blocks import TableNet, build_network
from netsitter.nets.config import NetConfig
from netsitter.nets.population import structure_of
from netsitter.recipe.checkpoint import Checkpoint
from netsitter.recipe.config import FitConfig
from netsitter.recipe.fit import Fit, fit, predict_raw
from netsitter.recipe.fit_population import fit_population
from netsitter.recipe.folder import RunFolder
from netsitter.recipe.halving import Rungs
from netsitter.recipe.machine import machine_for, most_together
from netsitter.recipe.members import Member
from netsitter.recipe.objective import Objective
from netsitter.recipe.problem import HOLD_OUT, Fold, Part, Problem
from netsitter.run import FILE_NAME, Run

WEIGHTS = "best.safetensors"
SAME_ROWS = 1.02
"""Folds differ by a row or so; members of a population learn from as many as the smallest has in an epoch."""
SPARE = 8
"""Embedding tables have a multiple of so many rows, the last ones unused: folds that have seen one category
more or less are then of one shape, and can be trained as one population."""
RAW = "raw"
"""Key under which a trial's file keeps its raw outputs for the validation rows."""


class Spec(msgspec.Struct, frozen=True, kw_only=True):
    """What to train: settings, seed, and which rows."""

    name: str
    stage: str
    net: NetConfig
    fit: FitConfig
    seed: int
    part: Part = HOLD_OUT


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it. ``score`` is the primary metric on validation rows, lower is better."""

    spec: Spec
    score: float | None
    train_loss: float | None
    """Mean training loss of the best epoch."""
    lowest_train_loss: float | None
    best_epoch: int
    epochs: int
    steps: int
    parameters: int
    seconds: float
    """For people and plans only: no result depends on it."""
    curve: tuple[float, ...] = ()
    """Best score so far at each tenth of the planned epochs reached."""
    failed: str | None = None
    stopped: str | None = None
    """Why it ended early although it is usable."""
    findings: tuple[str, ...] = ()

    @property
    def stage(self) -> str:
        return self.spec.stage

    @property
    def is_usable(self) -> bool:
        return self.failed is None and self.score is not None


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A fresh network on the rows that a spec asks for."""

    net: TableNet
    objective: Objective
    fold: Fold


def prepare(problem: Problem, spec: Spec) -> Prepared:
    """Build and initialise the network of ``spec``; the same spec gives the same weights."""
    fold = problem.fold(spec.part, spec.fit)
    objective = problem.objective(fold, spec.fit)
    net, _ = build_network(
        spec.net,
        numeric=fold.train.numeric.cpu(),
        codes=fold.train.codes.cpu(),
        is_continuous=fold.encoder.is_continuous,
        cardinalities=[-(-codes // SPARE) * SPARE for codes in fold.encoder.cardinalities],
        n_outputs=objective.loss.outputs(problem.n_classes),
        output_bias=objective.loss.best_constant(fold.train.target.cpu()),
        generator=torch.Generator().manual_seed(spec.seed),
    )
    return Prepared(net=net.to(problem.device), objective=objective, fold=fold)


def run_trial(
    folder: RunFolder,
    problem: Problem,
    spec: Spec,
    *,
    give_up: Callable[[int, float], bool] | None = None,
) -> Trial:
    """The trial of ``spec``: from memory if it has been run, else trained now."""
    value = folder.once(_key(spec), lambda: msgspec.to_builtins(_train(folder, problem, spec, give_up)))
    return msgspec.convert(value, Trial)


def run_trials(
    folder: RunFolder,
    problem: Problem,
    specs: Sequence[Spec],
    *,
    give_up: Callable[[int, float], bool] | None = None,
    rungs: Rungs | None = None,
) -> list[Trial]:
    """The trials of ``specs``, in their order: from memory those that have been run, the others together.

    Those of one shape are one population. Each is remembered under its own key as soon as it has ended.
    """
    fresh = [spec for spec in specs if not folder.knows(_key(spec))]
    for group in _alike([(spec, prepare(problem, spec)) for spec in fresh]):
        if len(group) > 1 or rungs is not None:
            _train_together(folder, problem, group, give_up, rungs)
    # What is alone of its shape is trained now, by itself.
    return [run_trial(folder, problem, spec, give_up=give_up) for spec in specs]


def _key(spec: Spec) -> str:
    return f"trial/{spec.name}"


def load_network_of(folder: RunFolder, problem: Problem, trial: Trial) -> TableNet:
    """The network of a finished trial with its best weights, on the CPU."""
    net = prepare(problem, trial.spec).net.cpu()
    tensors = load_file(_weights_file(folder, trial))
    net.load_state_dict({name: tensor for name, tensor in tensors.items() if name != RAW})
    return net.eval()


def load_raw(folder: RunFolder, trial: Trial) -> torch.Tensor:
    """The trial's raw outputs for its validation rows, shape (n, outputs)."""
    return load_file(_weights_file(folder, trial))[RAW]


def _weights_file(folder: RunFolder, trial: Trial) -> Path:
    return folder.path / "trials" / trial.spec.name / WEIGHTS


def _train(
    folder: RunFolder, problem: Problem, spec: Spec, give_up: Callable[[int, float], bool] | None
) -> Trial:
    started = time.monotonic()
    checkpoint = Checkpoint(folder.path / "state" / f"{spec.name}.safetensors")
    ready = prepare(problem, spec)
    run = Run(_facts(spec, ready))
    result = fit(
        ready.net,
        ready.objective,
        ready.fold.train,
        ready.fold.validation,
        spec.fit,
        seed=spec.seed,
        run=run,
        checkpoint=checkpoint,
        give_up=give_up,
    )
    trial = _keep(folder, spec, ready, result, run, time.monotonic() - started)
    checkpoint.clear()
    return trial


Group = list[tuple[Spec, Prepared]]


def _alike(prepared: Group) -> list[Group]:
    """Trials that can be one population: of one shape, loss and batch size, on as many rows but for a few."""
    groups: dict[Any, list[Group]] = {}
    for spec, ready in sorted(prepared, key=lambda pair: len(pair[1].fold.train)):
        structure = repr(structure_of(ready.net))
        key = (structure, spec.fit.optimizer, spec.fit.batch_size, type(ready.objective.loss))
        rows = len(ready.fold.train)
        for group in groups.setdefault(key, []):
            if rows <= SAME_ROWS * len(group[0][1].fold.train):
                group.append((spec, ready))
                break
        else:
            groups[key].append([(spec, ready)])
    return [group for found in groups.values() for group in found]


def _train_together(
    folder: RunFolder,
    problem: Problem,
    group: Group,
    give_up: Callable[[int, float], bool] | None,
    rungs: Rungs | None,
) -> None:
    """Train a group as one population, or as several where it would not fit in memory."""
    members = [
        Member(
            net=ready.net,
            objective=ready.objective,
            train=ready.fold.train,
            validation=ready.fold.validation,
            config=spec.fit,
            seed=spec.seed,
            run=Run(_facts(spec, ready)),
        )
        for spec, ready in group
    ]
    precision = getattr(torch, problem.config.recipe.precision)
    pace = replace(machine_for(folder, group[0][0].name, members).pace(members[0]), precision=precision)
    most = most_together(members[0])
    for first in range(0, len(group), most):
        some = slice(first, first + most)
        remember = _memory(folder, group[some], members[some])
        fit_population(members[some], pace=pace, give_up=give_up, rungs=rungs, ended=remember)


def _memory(folder: RunFolder, group: Group, members: list[Member]) -> Callable[[int, Fit], None]:
    """What writes a member's trial into the journal as soon as it has ended."""
    since, alive, each = time.monotonic(), len(group), 0.0

    def remember(number: int, result: Fit) -> None:
        nonlocal since, alive, each
        spec, ready = group[number]
        run = members[number].run or Run()
        # Those still in training share the time since one has last left: all together they took all of it.
        now = time.monotonic()
        each += (now - since) / alive
        since, alive, seconds = now, alive - 1, each
        value = _keep(folder, spec, ready, result, run, seconds)
        folder.once(_key(spec), lambda: msgspec.to_builtins(value))

    return remember


def _keep(folder: RunFolder, spec: Spec, ready: Prepared, result: Fit, run: Run, seconds: float) -> Trial:
    """Write the weights, raw outputs and log of a training that has ended."""
    place = folder.path / "trials" / spec.name
    place.mkdir(parents=True, exist_ok=True)
    raw = predict_raw(ready.net, ready.fold.validation).cpu()
    tensors = {name: tensor.cpu().contiguous() for name, tensor in ready.net.state_dict().items()}
    write_atomic(place / WEIGHTS, save({**tensors, RAW: raw.contiguous()}))
    run.save(place / FILE_NAME)
    return _sum_up(spec, ready, result, run, seconds)


def _facts(spec: Spec, ready: Prepared) -> dict[str, Any]:
    return {
        "settings": {"net": msgspec.to_builtins(spec.net), "fit": msgspec.to_builtins(spec.fit)},
        "seed": spec.seed,
        "task": str(ready.objective.task),
        "stage": spec.stage,
    }


def _sum_up(spec: Spec, ready: Prepared, result: Fit, run: Run, seconds: float) -> Trial:
    usable = result.failed is None and np.isfinite(result.best_score)
    findings = tuple(f.name for f in diagnose(run).findings if f.explained_by is None)
    return Trial(
        spec=spec,
        score=result.best_score if usable else None,
        train_loss=result.train_loss if usable else None,
        lowest_train_loss=result.lowest_train_loss if usable else None,
        best_epoch=result.best_epoch,
        epochs=result.epochs,
        steps=result.steps,
        parameters=sum(p.numel() for p in ready.net.parameters()),
        seconds=round(seconds, 3),
        curve=tuple(sampled_curve(result.scores, spec.fit.epochs)),
        failed=result.failed,
        stopped=result.stopped,
        findings=findings,
    )


def sampled_curve(scores: list[float], planned: int) -> list[float]:
    """The best score so far at each tenth of ``planned`` epochs, as far as the training came."""
    best = np.minimum.accumulate(np.asarray(scores, dtype=np.float64))
    ends = [max(round(planned * tenth / 10), 1) for tenth in range(1, 11)]
    return [float(best[end - 1]) for end in ends if end <= len(best)]
