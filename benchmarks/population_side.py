"""What a process of ``benchmarks.population`` does: trials one by one, trials together, matrix products."""

import os
import statistics
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import optuna
import torch
import torch.nn.functional as F
from torch import nn

from netsitter.nets.blocks import build_network
from netsitter.nets.config import NetConfig
from netsitter.nets.losses import make_loss
from netsitter.recipe.config import FitConfig
from netsitter.recipe.fit_population import Pace, fit_population
from netsitter.recipe.halving import Halving, Rungs
from netsitter.recipe.machine import Machine, measure
from netsitter.recipe.members import Member
from netsitter.recipe.objective import Objective
from netsitter.recipe.rows import Rows
from netsitter.recipe.study import GroupSampler
from netsitter.run import Run
from netsitter.tables.schema import Task

FEATURES, DEPTH, BATCHES, EPOCHS, VALIDATION_ROWS = 30, 3, 32, 20, 512
SHAPES = {16: 64, 32: 64, 64: 128, 128: 128, 256: 256, 512: 256}
"""Width → rows of a batch."""


def operations(width: int) -> float:
    """Of the matrix products of a member's step: forward, and twice that back but for the inputs' slope."""
    first, inner = FEATURES * width, (DEPTH - 1) * width**2 + width
    return 2 * SHAPES[width] * (2 * first + 3 * inner)


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What a number of trials took in one process."""

    trials: int
    steps: int
    processor: float
    best: float


def make_rows(n: int, seed: int) -> Rows:
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(n, FEATURES, generator=generator)
    noise = torch.randn(n, generator=generator)
    target = x[:, 0] * x[:, 1] + x[:, 2].sin() + 0.5 * noise
    return Rows(numeric=x, codes=torch.zeros(n, 0, dtype=torch.int64), target=target)


def suggest(trial: optuna.Trial) -> tuple[float, float, float]:
    return (
        trial.suggest_float("lr", 1e-4, 1e-2, log=True),
        trial.suggest_float("weight_decay", 1e-4, 1.0, log=True),
        trial.suggest_float("dropout", 0.0, 0.5),
    )


class Side:
    """One process's rows, study and ways of doing trials, for one width."""

    def __init__(self, width: int, device: str) -> None:
        self.width, self.batch, self.device = width, SHAPES[width], device
        self.train = make_rows(BATCHES * self.batch, 0).to(device)
        self.validation = make_rows(VALIDATION_ROWS, 1).to(device)
        self.studies: dict[str, optuna.Study] = {}
        self.objective = Objective(task=Task.REGRESSION, loss=make_loss("mse"), decode=np.asarray)
        self.machine = Machine(part_bytes=2**30)
        if device == "cpu":
            self.machine = measure(self.member(0, 1e-3, 0.0, 0.1), cores=1)

    def study(self, name: str) -> optuna.Study:
        if name not in self.studies:
            self.studies[name] = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=os.getpid()))
        return self.studies[name]

    # ---- one after another

    def rival(self, trials: int, *, fused: bool) -> Spent:
        study, started, best = self.study(f"rival {fused}"), time.process_time(), np.inf
        for _ in range(trials):
            trial = study.ask()
            score = self.train_plainly(*suggest(trial), fused=fused)
            study.tell(trial, score)
            best = min(best, score)
        steps = trials * EPOCHS * BATCHES
        return Spent(trials=trials, steps=steps, processor=time.process_time() - started, best=best)

    def train_plainly(self, lr: float, decay: float, dropout: float, *, fused: bool) -> float:
        layers: list[nn.Module] = []
        units = FEATURES
        for _ in range(DEPTH):
            layers += [nn.Linear(units, self.width), nn.ReLU(), nn.Dropout(dropout)]
            units = self.width
        net = nn.Sequential(*layers, nn.Linear(units, 1)).to(self.device)
        extra: dict[str, Any] = {"fused": True} if fused else {}
        optimizer = torch.optim.AdamW(net.parameters(), lr=lr, weight_decay=decay, **extra)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS * BATCHES)
        x, y, best = self.train.numeric, self.train.target, np.inf
        for _ in range(EPOCHS):
            net.train()
            for index in torch.randperm(len(y), device=y.device).split(self.batch):
                loss = F.mse_loss(net(x[index]).squeeze(1), y[index])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
            net.eval()
            with torch.no_grad():
                prediction = net(self.validation.numeric).squeeze(1)
                best = min(best, float(F.mse_loss(prediction, self.validation.target).sqrt()))
        return best

    # ---- together

    def ours(self, members: int, *, precision: torch.dtype, halving: Halving | None = None) -> Spent:
        study = self.study(f"ours {precision} {halving}")
        started = time.process_time()
        # As in the recipe: nothing is learnt between the draws of a population.
        study.sampler = GroupSampler(seed=os.getpid() + len(study.trials))
        asked = [study.ask() for _ in range(members)]
        population = [self.member(number, *suggest(trial)) for number, trial in enumerate(asked)]
        part = self.machine.pace(population[0]).part
        rungs = Rungs(halving) if halving else None
        fits = fit_population(population, pace=Pace(part=part, precision=precision), rungs=rungs)
        for trial, fit in zip(asked, fits, strict=True):
            study.tell(trial, fit.best_score)
        return Spent(
            trials=members,
            steps=sum(fit.steps for fit in fits),
            processor=time.process_time() - started,
            best=min(fit.best_score for fit in fits),
        )

    def member(self, seed: int, lr: float, decay: float, dropout: float) -> Member:
        net, _ = build_network(
            NetConfig(width=self.width, depth=DEPTH, activation="relu", dropout=dropout, scaling=False),
            numeric=self.train.numeric.cpu(),
            codes=self.train.codes.cpu(),
            is_continuous=(True,) * FEATURES,
            cardinalities=(),
            n_outputs=1,
            generator=torch.Generator().manual_seed(seed),
        )
        return Member(
            net=net.to(self.device),
            objective=self.objective,
            train=self.train,
            validation=self.validation,
            config=FitConfig(
                lr=lr, weight_decay=decay, batch_size=self.batch, epochs=EPOCHS, patience=0, warmup=0.0
            ),
            seed=seed,
            run=Run(),
        )

    def peak(self, repeats: int) -> Spent:
        """Batched products at full speed: ``steps`` counts millions of operations a second."""
        size, clock = 256, time.process_time if self.device == "cpu" else time.monotonic
        a, b = (torch.randn(8, size, size, device=self.device) for _ in range(2))
        out = torch.empty_like(a)
        speeds = []
        for _ in range(repeats):
            started = clock()
            for _ in range(10):
                torch.bmm(a, b, out=out)
            if self.device != "cpu":
                torch.cuda.synchronize()
            speeds.append(10 * 8 * 2 * size**3 / 1e6 / (clock() - started))
        # The median, as of the trainings: what else runs here slows both.
        return Spent(trials=1, steps=round(statistics.median(speeds)), processor=1.0, best=0.0)
