"""The table made ready for networks: rows split, columns encoded, the target in both its units."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal

import msgspec
import numpy as np
import pandas as pd
import torch

from netsitter.nets.losses import LOSSES, balanced_weights, loss_settings, make_loss
from netsitter.recipe.config import Config, FitConfig
from netsitter.recipe.objective import Objective
from netsitter.recipe.rows import Rows
from netsitter.recipe.score import primary_metric, score
from netsitter.tables import cells
from netsitter.tables.encode import TableEncoder, TargetEncoder
from netsitter.tables.folds import assign_folds
from netsitter.tables.schema import Schema, Task
from netsitter.tables.split import Split, target_known

PartKind = Literal["hold-out", "fold", "all"]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows are learnt from and which judge: the hold-out split, or a cross-validation fold."""

    kind: PartKind = "hold-out"
    """``fold`` rotates through training and validation rows, ``all`` through the test rows too."""
    number: int = 0
    of: int = 0


HOLD_OUT = Part()
SCALE_ONLY = "scale"
"""A target transformation of ours: divided by its mean, for losses that want it positive."""
MOST_FOLDS = 12
"""Kept encoded in memory."""


class Fold(msgspec.Struct, frozen=True, kw_only=True):
    """Training and validation rows, encoded by what the training rows alone have taught."""

    encoder: TableEncoder
    target_encoder: TargetEncoder
    train: Rows
    validation: Rows
    validation_index: np.ndarray
    """Row numbers of the validation rows in the table, shape (n,)."""


class Problem:
    """A table, what is to be predicted, and which rows to learn from. Folds are encoded on demand."""

    def __init__(
        self, frame: pd.DataFrame, schema: Schema, split: Split, config: Config, advice: Mapping[str, Any]
    ) -> None:
        self.frame, self.schema, self.split, self.config, self.advice = frame, schema, split, config, advice
        self.task = schema.task
        self.metric = primary_metric(schema.task)
        self.device = torch.device(config.recipe.device)
        self._folds: dict[tuple[Part, str], Fold] = {}

    # ---- the target

    @cached_property
    def target_encoder(self) -> TargetEncoder:
        """Learned on training rows; class names are those of the whole table."""
        return self._fit_target(self.split.train, self.advice["transformation"])

    @cached_property
    def target(self) -> np.ndarray:
        """Class numbers (n,) int64, -1 where missing, or values (n,) float64 in the user's unit."""
        values = cells.column(self.frame, self.schema.target)
        if self.task is Task.REGRESSION:
            return cells.numbers(values)
        numbers = np.full(len(values), -1, dtype=np.int64)
        known = np.concatenate([self.split.train, self.split.validation, self.split.test])
        numbers[known] = self.target_encoder.transform(values.iloc[known])
        return numbers

    @property
    def classes(self) -> tuple[Any, ...]:
        return () if self.task is Task.REGRESSION else tuple(self.target_encoder.classes)

    @property
    def n_classes(self) -> int:
        return len(self.classes)

    def score(self, prediction: np.ndarray, target: np.ndarray) -> float:
        return score(self.metric, prediction, target)

    # ---- rows

    @property
    def may_rotate(self) -> bool:
        """Whether any row may judge what others have taught: not with rows in time, or the user's own."""
        data = self.config.data
        return data.time is None and data.validation is None

    @property
    def may_refit(self) -> bool:
        """Whether the test rows were taken from the table by us, and may be learnt from in the end."""
        return self.config.data.test is None and self.may_rotate

    def rows_of(self, part: Part) -> tuple[np.ndarray, np.ndarray]:
        """Row numbers to learn from and to judge by."""
        split = self.split
        if part.kind == "hold-out":
            return split.train, split.validation
        pool = np.concatenate([split.train, split.validation])
        if part.kind == "all":
            pool = np.concatenate([pool, split.test])
        pool = np.sort(pool)
        config = self.config
        folds = assign_folds(
            self.frame, self.schema, pool, of=part.of, seed=config.recipe.seed, group=config.data.group
        )
        return pool[folds != part.number], pool[folds == part.number]

    def fold(self, part: Part = HOLD_OUT, config: FitConfig | None = None) -> Fold:
        """The rows of ``part``, encoded, the target as ``config`` wants it. The newest stay in memory."""
        transformation = self._transformation(config or self.config.fit)
        if (part, transformation) not in self._folds:
            if len(self._folds) >= MOST_FOLDS:
                self._folds = {key: fold for key, fold in self._folds.items() if key[0] == HOLD_OUT}
            train, validation = self.rows_of(part)
            encoder, target_encoder = self.fit_encoder(train), self._fit_target(train, transformation)
            self._folds[part, transformation] = Fold(
                encoder=encoder,
                target_encoder=target_encoder,
                train=self._encode(encoder, target_encoder, train),
                validation=self._encode(encoder, target_encoder, validation),
                validation_index=validation,
            )
        return self._folds[part, transformation]

    def fit_encoder(self, rows: np.ndarray) -> TableEncoder:
        return TableEncoder.fit(self.frame.iloc[rows], self.schema)

    def _transformation(self, config: FitConfig) -> str:
        if LOSSES[config.loss or self.advice["loss"]].positive_target:
            return SCALE_ONLY
        return config.transformation or self.advice["transformation"]

    def _fit_target(self, rows: np.ndarray, transformation: str) -> TargetEncoder:
        column = cells.column(self.frame, self.schema.target)
        if self.task is not Task.REGRESSION:
            return TargetEncoder.fit(column.loc[target_known(self.frame, self.schema)], self.task)
        if transformation != SCALE_ONLY:
            return TargetEncoder.fit(column.iloc[rows], self.task, transformation=transformation)
        # A loss for positive targets may see them divided by their mean, but not centred.
        values = cells.numbers(column.iloc[rows])
        return TargetEncoder(name=self.schema.target, task=self.task, std=float(np.abs(values).mean()) or 1.0)

    def _encode(self, encoder: TableEncoder, target_encoder: TargetEncoder, rows: np.ndarray) -> Rows:
        encoded = encoder.transform(self.frame.iloc[rows])
        target = target_encoder.transform(cells.column(self.frame, self.schema.target).iloc[rows])
        return Rows(
            numeric=torch.from_numpy(encoded.numeric),
            codes=torch.from_numpy(encoded.codes),
            target=torch.from_numpy(target),
        ).to(self.device)

    def features(self, encoder: TableEncoder, rows: np.ndarray) -> np.ndarray:
        """Encoded columns as one matrix (n, d) for the baselines."""
        encoded = encoder.transform(self.frame.iloc[rows])
        return np.concatenate([encoded.numeric, encoded.codes.astype(np.float32)], axis=1)

    # ---- the loss

    def loss_of(self, fold: Fold, config: FitConfig) -> tuple[str, dict[str, Any]]:
        """Name and settings of the loss, as ``make_loss`` takes them."""
        name = config.loss or self.advice["loss"]
        known = loss_settings(name)
        settings = dict(self.advice["settings"]) if name == self.advice["loss"] else {}
        settings |= config.loss_parameters
        if config.label_smoothing and "label_smoothing" in known:
            settings["label_smoothing"] = config.label_smoothing
        if config.class_weights and "class_weights" in known:
            settings["class_weights"] = balanced_weights(fold.train.target, self.n_classes)
        return name, settings

    def objective(self, fold: Fold, config: FitConfig) -> Objective:
        name, settings = self.loss_of(fold, config)
        loss = make_loss(name, **settings).to(self.device)
        return Objective(task=self.task, loss=loss, decode=fold.target_encoder.inverse)
