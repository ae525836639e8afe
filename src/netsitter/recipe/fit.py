"""The one training loop. Everything that trains a network in netsitter comes through here.

    for every epoch:
        for every batch:   forward, loss, backward, step
        score the validation rows; keep the best weights; stop when patience ends

The rows live in memory as tensors and a batch is an index: no loader, no worker, no copy of the
data. Losses stay tensors until the epoch ends, so that nothing waits for them.
"""

import copy
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from netsitter.nets.normalization import refresh_batch_norm
from netsitter.nets.optimizers import build_optimizer, parameter_groups, set_rate
from netsitter.nets.schedules import factor
from netsitter.recipe.checkpoint import Checkpoint
from netsitter.recipe.config import FitConfig
from netsitter.recipe.objective import Objective
from netsitter.recipe.rows import Rows
from netsitter.run import Run

EVALUATION_ROWS, ON_ACCELERATOR = 1024, 65_536
"""Rows per forward pass when nothing is learnt. No more fit in a cache where 50 columns are in bins:
one pass over 8000 rows takes three times as long as eight over 1000."""
REFRESH_ROWS = 4096
"""Training rows on which averaged networks measure their batch-norm statistics, each epoch."""


@dataclass(kw_only=True)
class Fit:
    """What a training came to. The network it was given holds the best weights."""

    best_score: float = math.inf
    """Primary metric on the validation rows, lower is better."""
    best_epoch: int = -1
    epochs: int = 0
    steps: int = 0
    train_loss: float = math.inf
    """Mean training loss of the best epoch."""
    lowest_train_loss: float = math.inf
    """Mean training loss of the epoch where it was lowest."""
    failed: str | None = None
    """Why there is nothing usable; None when there is."""
    stopped: str | None = None
    """Why it ended before its time although it was usable: others were better."""
    scores: list[float] = field(default_factory=list)
    """Validation score of every epoch."""


def fit(
    net: nn.Module,
    objective: Objective,
    train: Rows,
    validation: Rows,
    config: FitConfig,
    *,
    seed: int,
    run: Run | None = None,
    checkpoint: Checkpoint | None = None,
    give_up: Callable[[int, float], bool] | None = None,
) -> Fit:
    """Train ``net`` in place and leave the best weights in it.

    ``run`` receives losses, rates and validation scores; ``checkpoint`` is written every few
    seconds and read at the start; ``give_up(epoch, best_score)`` may end a hopeless training early.
    The result depends on the arguments and on ``seed`` only, never on the clock.
    """
    with torch.random.fork_rng(devices=_devices(train)):
        torch.manual_seed(seed)
        return _Loop(net, objective, train, validation, config, seed, run).train(checkpoint, give_up)


def evaluation_rows(device: torch.device) -> int:
    return EVALUATION_ROWS if device.type == "cpu" else ON_ACCELERATOR


def predict_raw(net: nn.Module, rows: Rows) -> Tensor:
    """The network's raw outputs in evaluation mode, shape (n, outputs)."""
    was_training = net.training
    net.eval()
    with torch.inference_mode():
        parts = [net(part.numeric, part.codes) for part in rows.parts(evaluation_rows(rows.target.device))]
    net.train(was_training)
    return torch.cat(parts)


class _Loop:
    """The state of one training, between epochs."""

    def __init__(
        self,
        net: nn.Module,
        objective: Objective,
        train: Rows,
        validation: Rows,
        config: FitConfig,
        seed: int,
        run: Run | None,
    ) -> None:
        self.net, self.objective, self.config, self.run = net, objective, config, run
        self.rows, self.validation = train, validation
        self.generator = torch.Generator().manual_seed(seed)
        self.optimizer = build_optimizer(
            config.optimizer, parameter_groups(net, config.weight_decay), lr=config.lr
        )
        self.batches = max(1, round(len(train) / config.batch_size))
        self.averaged = copy.deepcopy(net) if config.averaging else net
        """The network that is scored: the moving average, or the trained one itself."""
        self.best = _snapshot(net)
        self.fit = Fit()
        self.history: list[tuple[int, dict[str, float]]] = []
        """What was written into the run, for a checkpoint to carry along."""
        # Only the loop's own parameters: a tuple is walked faster than a module tree each step.
        self.parameters = tuple(p for p in net.parameters() if p.requires_grad)

    def train(self, checkpoint: Checkpoint | None, give_up: Callable[[int, float], bool] | None) -> Fit:
        if checkpoint is not None:
            self._restore(checkpoint.load())
        for epoch in range(self.fit.epochs, self.config.epochs):
            losses, rates = self._epoch()
            self._judge(epoch, losses, rates)
            if self.fit.failed or self._patience_is_over(epoch):
                break
            if give_up is not None and give_up(epoch, self.fit.best_score):
                break
            if checkpoint is not None and checkpoint.is_due(time.monotonic()):
                checkpoint.save(self._state())
        _restore_snapshot(self.net, self.best)
        return self.fit

    def _epoch(self) -> tuple[list[float], list[float]]:
        """Train on every row once; returns the loss and the learning rate of each step."""
        net, loss_function, optimizer = self.net, self.objective.loss, self.optimizer
        config, total = self.config, self.batches * self.config.epochs
        numeric, codes, target = self.rows.numeric, self.rows.codes, self.rows.target
        order = torch.randperm(len(self.rows), generator=self.generator).to(target.device)
        losses, rates = [], []
        net.train()
        for index in order.tensor_split(self.batches):
            rate = config.lr * factor(config.schedule, self.fit.steps, total, warmup=config.warmup)
            set_rate(optimizer, rate)
            loss = loss_function(net(numeric[index], codes[index]), target[index])
            optimizer.zero_grad()
            loss.backward()
            if config.clip:
                nn.utils.clip_grad_norm_(self.parameters, config.clip)
            optimizer.step()
            if config.averaging:
                self._average()
            losses.append(loss.detach())
            rates.append(rate)
            self.fit.steps += 1
        return torch.stack(losses).tolist(), rates

    def _average(self) -> None:
        """Exponential moving average of the weights; its start is not biased to the first ones."""
        decay = min(self.config.averaging, (1 + self.fit.steps) / (10 + self.fit.steps))
        with torch.no_grad():
            for mine, theirs in zip(self.averaged.parameters(), self.net.parameters(), strict=True):
                mine.lerp_(theirs, 1 - decay)
            for mine, theirs in zip(self.averaged.buffers(), self.net.buffers(), strict=True):
                mine.copy_(theirs)

    def _judge(self, epoch: int, losses: list[float], rates: list[float]) -> None:
        """Score the validation rows, write the epoch into the run, keep the best weights."""
        fit, first = self.fit, self.fit.steps - len(losses)
        if self.config.averaging:
            few = self.rows.head(REFRESH_ROWS)
            refresh_batch_norm(self.averaged, [(few.numeric, few.codes)])
        raw = predict_raw(self.averaged, self.validation)
        score = self.objective.score(raw, self.validation.target)
        mean = sum(losses) / len(losses)
        fit.epochs = epoch + 1
        fit.scores.append(score)
        fit.lowest_train_loss = min(fit.lowest_train_loss, mean)
        if score < fit.best_score:
            fit.best_score, fit.best_epoch, fit.train_loss = score, epoch, mean
            self.best = _snapshot(self.averaged)
        bad = next((first + i for i, loss in enumerate(losses) if not math.isfinite(loss)), None)
        if bad is not None:
            fit.failed = f"the loss became {losses[bad - first]} at step {bad}"
        elif not math.isfinite(score):
            fit.failed = f"the validation score became {score} in epoch {epoch}"
        self._record(
            [(first + i, {"loss": loss}) for i, loss in enumerate(losses)]
            + [(fit.steps - 1, {"lr/0": rates[-1], **self._validation_numbers(raw, score)})]
        )

    def _validation_numbers(self, raw: Tensor, score: float) -> dict[str, float]:
        loss = float(self.objective.loss(raw, self.validation.target))
        return {"val/loss": loss, f"val/metric/{self.objective.metric}": score}

    def _record(self, records: list[tuple[int, dict[str, float]]]) -> None:
        if self.run is not None:
            self.history += records
            self.run.extend(records)

    def _patience_is_over(self, epoch: int) -> bool:
        return 0 < self.config.patience <= epoch - self.fit.best_epoch

    # ---- a training that is interrupted goes on from its last checkpoint

    def _state(self) -> dict[str, Any]:
        return {
            "fit": vars(self.fit),
            "history": self.history,
            "net": self.net.state_dict(),
            "averaged": self.averaged.state_dict() if self.config.averaging else {},
            "best": self.best,
            "optimizer": self.optimizer.state_dict(),
            "order": self.generator.get_state(),
            "random": torch.get_rng_state(),
        }

    def _restore(self, state: dict[str, Any] | None) -> None:
        if state is None:
            return
        self.fit = Fit(**state["fit"])
        self._record(state["history"])
        self.net.load_state_dict(state["net"])
        if self.config.averaging:
            self.averaged.load_state_dict(state["averaged"])
        self.best = state["best"]
        self.optimizer.load_state_dict(state["optimizer"])
        self.generator.set_state(state["order"])
        torch.set_rng_state(state["random"])


def _snapshot(net: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.detach().clone() for name, tensor in net.state_dict().items()}


def _restore_snapshot(net: nn.Module, snapshot: dict[str, Tensor]) -> None:
    net.load_state_dict(snapshot)


def _devices(rows: Rows) -> list[torch.device]:
    return [rows.target.device] if rows.target.device.type == "cuda" else []
