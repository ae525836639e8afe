"""The table of a run: read, understood, split, and what its target asks for."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pandas.core.util.hashing import hash_pandas_object

from netsitter.nets.advise import advise_loss
from netsitter.nets.losses import LOSSES
from netsitter.recipe.config import Config
from netsitter.tables import cells
from netsitter.tables.encode import TargetEncoder, suggest_transformation
from netsitter.tables.read import read_table
from netsitter.tables.schema import Schema, infer_schema
from netsitter.tables.split import Split, split_table, stack_tables, target_known


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table with its schema, its split, and a fingerprint of its cells."""

    frame: pd.DataFrame
    schema: Schema
    split: Split
    fingerprint: str


def read_source(data: Any, target: str, config: Config) -> Table:
    """Read, understand and split the table; nothing is written yet."""
    settings = config.data
    own = {name: read_table(path) for name in ("validation", "test") if (path := getattr(settings, name))}
    main = read_table(data)
    if target not in main.columns:
        # Before the tables are stacked, so that the sentence speaks of the user's own table.
        infer_schema(main, target)
    stack = stack_tables(main, **own)
    # What tells groups apart tells nothing about a new group: it is no input, unless the user says so.
    apart = {name for name in stack.frame.columns if name == settings.group} - {*settings.columns, target}
    drop = tuple(sorted({*settings.drop, *apart}))
    schema = infer_schema(stack.frame, target, task=settings.task, kinds=settings.columns, drop=drop)
    split = split_table(
        stack.frame,
        schema,
        seed=config.recipe.seed,
        group=settings.group,
        time=settings.time,
        validation=stack.validation,
        test=stack.test,
        validation_fraction=settings.validation_fraction,
        test_fraction=settings.test_fraction,
    )
    return Table(frame=stack.frame, schema=schema, split=split, fingerprint=_fingerprint(stack.frame))


def _fingerprint(frame: pd.DataFrame) -> str:
    hashes = hash_pandas_object(frame.astype(str), index=False).to_numpy()
    return hashlib.sha256(np.ascontiguousarray(hashes).tobytes()).hexdigest()


def advise(table: Table, config: Config) -> dict[str, Any]:
    """Loss and target transformation, from the training rows' targets, with the reason."""
    rows = cells.column(table.frame, table.schema.target).iloc[table.split.train]
    task = table.schema.task
    if task.is_classification:
        known = target_known(table.frame, table.schema)
        classes = TargetEncoder.fit(cells.column(table.frame, table.schema.target).loc[known], task)
        advice = advise_loss(classes.transform(rows), str(task))
        transformation, why = "identity", ""
    else:
        advice = advise_loss(cells.numbers(rows), "regression")
        transformation, why = suggest_transformation(rows)
    name = config.fit.loss or advice.loss
    reason = "you said so" if config.fit.loss else advice.reason
    if LOSSES[name].positive_target:
        transformation, why = "identity", ""
    settings = dict(advice.parameters) if name == advice.loss else {}
    reason += f" Target {transformation} ({why})." if why else ""
    return {"loss": name, "settings": settings, "reason": reason, "transformation": transformation}
