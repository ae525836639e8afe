"""One trial: a network of given settings, trained and scored; remembered, so never done twice."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
from netsitter.recipe.checkpoint import Checkpoint
from netsitter.recipe.config import FitConfig
from netsitter.recipe.fit import Fit, fit, predict_raw
from netsitter.recipe.folder import RunFolder
from netsitter.recipe.objective import Objective
from netsitter.recipe.problem import HOLD_OUT, Fold, Part, Problem
from netsitter.run import FILE_NAME, Run

WEIGHTS = "best.safetensors"
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
        cardinalities=fold.encoder.cardinalities,
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
    value = folder.once(
        f"trial/{spec.name}", lambda: msgspec.to_builtins(_train(folder, problem, spec, give_up))
    )
    return msgspec.convert(value, Trial)


class Halving(msgspec.Struct, frozen=True, kw_only=True):
    """Successive halving (Jamieson & Talwalkar 2016) among trainings that run together.

    When each of the shares ``at`` of the planned epochs is reached, the best ``keep`` of those still in
    training go on; the others end there, with their best weights so far, and count as they are.
    """

    at: tuple[float, ...] = (0.25, 0.5)
    keep: float = 0.5
    least: int = 2
    """Never fewer than this go on: a population of one or two costs hardly less than one of four."""


def run_trials(
    folder: RunFolder,
    problem: Problem,
    specs: Sequence[Spec],
    *,
    give_up: Callable[[int, float], bool] | None = None,
    halving: Halving | None = None,
) -> list[Trial]:
    """The trials of ``specs``, in their order: each remembered under its own key, or trained now."""
    return [run_trial(folder, problem, spec, give_up=give_up) for spec in specs]


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
    place = folder.path / "trials" / spec.name
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
    place.mkdir(parents=True, exist_ok=True)
    raw = predict_raw(ready.net, ready.fold.validation).cpu()
    tensors = {name: tensor.cpu().contiguous() for name, tensor in ready.net.state_dict().items()}
    write_atomic(place / WEIGHTS, save({**tensors, RAW: raw.contiguous()}))
    run.save(place / FILE_NAME)
    checkpoint.clear()
    return _sum_up(spec, ready, result, run, time.monotonic() - started)


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
        findings=findings,
    )


def sampled_curve(scores: list[float], planned: int) -> list[float]:
    """The best score so far at each tenth of ``planned`` epochs, as far as the training came."""
    best = np.minimum.accumulate(np.asarray(scores, dtype=np.float64))
    ends = [max(round(planned * tenth / 10), 1) for tenth in range(1, 11)]
    return [float(best[end - 1]) for end in ends if end <= len(best)]
