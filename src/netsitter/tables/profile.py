"""The table's profile: the numbers and facts by which the data rules judge it.

Columns and target are described from the training rows alone. Validation and test rows are only
compared with them, by their inputs and for rows that are the same: nothing here is learned from them.
"""

from typing import Any

import numpy as np
import pandas as pd

from netsitter.tables import cells
from netsitter.tables.alone import scores_alone
from netsitter.tables.columns import SHOWN, describe, numbers_of_rows
from netsitter.tables.encode import TableEncoder
from netsitter.tables.forest import FEATURES, ROWS, doubtful_labels, doubtful_values, sample, told_apart
from netsitter.tables.schema import Schema
from netsitter.tables.split import Split, twins_of

MOST_COLUMNS = 1000
"""Columns described one by one; a wider table's other columns are counted only."""
MOST_CLASSES = 50
"""Classes listed, and classes beyond which labels are not doubted."""
LISTED = 50
"""Rows of doubtful labels that are listed."""

Series = dict[str, float]
Facts = dict[str, Any]


def profile(frame: pd.DataFrame, schema: Schema, split: Split) -> tuple[Series, Facts]:
    """Named numbers (see docs/numbers.md, "The table's profile") and the fact ``data`` with the details."""
    series: Series = {"data/rows": len(frame), "data/train_rows": len(split.train)}
    series["data/columns"] = len(schema.columns)
    columns = [describe(frame, column, split.train) for column in schema.columns[:MOST_COLUMNS]]
    for fact in columns:
        if fact["missing"] and fact["name"] != "target":
            series[f"data/{fact['name']}/missing"] = fact["missing"] / len(split.train)
    data: Facts = {"columns": columns, "columns_not_shown": len(schema.columns) - len(columns)}
    for part in (
        _target(frame, schema, split),
        _repeats(frame, schema, split),
        _forests(frame, schema, split),
    ):
        series |= part[0]
        data |= part[1]
    return series, {"data": data}


# ---- the target


def _target(frame: pd.DataFrame, schema: Schema, split: Split) -> tuple[Series, Facts]:
    target = cells.column(frame, schema.target)
    known = np.sort(np.concatenate([split.train, split.validation, split.test]))
    series: Series = {"data/target/missing": 1 - len(known) / len(frame)}
    train = target.iloc[split.train]
    if schema.task.is_classification:
        codes, distinct = cells.factor(train)
        counts = np.bincount(codes, minlength=len(distinct))
        order = np.argsort(-counts, kind="stable")
        series |= {
            "data/target/distinct": len(distinct),
            "data/target/largest_class": float(counts.max() / counts.sum()),
            "data/target/smallest_class": float(counts.min() / counts.sum()),
        }
        facts: Facts = {"classes": [[distinct[i], int(counts[i])] for i in order[:MOST_CLASSES]]}
        ordered = codes
    else:
        values = cells.numbers(train)
        series["data/target/distinct"] = len(np.unique(values))
        facts = {"quartiles": [float(q) for q in np.quantile(values, [0, 0.25, 0.5, 0.75, 1])]}
        ordered = pd.Series(values).rank().to_numpy()
    series["data/target/order"] = _neighbours_alike(ordered, is_class=schema.task.is_classification)
    return series, {"target": facts | {"name": schema.target, "task": str(schema.task)}}


def _neighbours_alike(values: np.ndarray, *, is_class: bool) -> float:
    """How alike rows that follow one another are beyond chance: 0 is shuffled, 1 is sorted."""
    if len(values) < 3:
        return 0.0
    if is_class:
        chance = float(((np.bincount(values) / len(values)) ** 2).sum())
        return (float((values[1:] == values[:-1]).mean()) - chance) / (1 - chance) if chance < 1 else 0.0
    spread = float(values.var())
    return 1 - float((np.diff(values) ** 2).mean()) / (2 * spread) if spread > 0 else 0.0


# ---- rows that repeat


def _repeats(frame: pd.DataFrame, schema: Schema, split: Split) -> tuple[Series, Facts]:
    """Rows with a twin (alike in every input), in the training part and across the parts."""
    twin = twins_of(frame, schema)
    answer = cells.factor(cells.column(frame, schema.target))[0]
    whole = pd.factorize(twin * (int(answer.max()) + 2) + answer)[0]
    train = pd.Series(whole[split.train])
    repeated = train.duplicated().to_numpy()
    answers = pd.Series(answer[split.train]).groupby(twin[split.train])
    conflicting = np.asarray(answers.transform("nunique")) > 1
    series: Series = {
        "data/duplicates": float(repeated.mean()),
        "data/conflicts": float(conflicting.mean()),
    }
    facts: Facts = {
        "duplicate_rows": numbers_of_rows(split.train[repeated]),
        "conflicting_rows": numbers_of_rows(split.train[conflicting]),
    }
    for name, rows in (("validation", split.validation), ("test", split.test)):
        shared = np.isin(whole[rows], whole[split.train])
        series[f"data/{name}/shared"] = float(shared.mean())
        facts[f"{name}_shared_rows"] = numbers_of_rows(rows[shared])
    return series, facts


# ---- what forests and single columns tell


def _forests(frame: pd.DataFrame, schema: Schema, split: Split) -> tuple[Series, Facts]:
    train = sample(split.train)
    alone = scores_alone(frame, schema, train)
    best = sorted(alone, key=lambda name: -alone[name])
    series: Series = {
        "data/alone/best": alone[best[0]],
        "data/alone/second": alone[best[1]] if best[1:] else 0.0,
    }
    facts: Facts = {"alone": [[name, alone[name]] for name in best[:SHOWN]]}
    encoder = TableEncoder.fit(frame.iloc[split.train], schema)
    names = [*encoder.numeric_names, *encoder.code_names]
    features = _features(encoder, frame, train)
    chosen = np.sort(np.argsort(-features.std(axis=0), kind="stable")[:FEATURES])
    answers = cells.column(frame, schema.target).iloc[train]
    parts = _doubts(features[:, chosen], answers, train, schema)
    series |= parts[0]
    facts |= parts[1]
    if split.time is not None:
        chosen = chosen[[not names[i].startswith(split.time) for i in chosen]]
    for part, rows in (("validation", sample(split.validation)), ("test", sample(split.test))):
        if len(rows) < SHOWN or not len(chosen):
            continue
        other = _features(encoder, frame, rows)
        score, error, where = told_apart(features[:, chosen], other[:, chosen])
        series[f"data/{part}/drift"] = score
        series[f"data/{part}/drift_error"] = error
        facts[f"{part}_drift"] = names[chosen[where]]
    return series, facts


def _features(encoder: TableEncoder, frame: pd.DataFrame, rows: np.ndarray) -> np.ndarray:
    encoded = encoder.transform(frame.iloc[rows])
    return np.hstack([encoded.numeric, encoded.codes]).astype(np.float32)


def _doubts(
    features: np.ndarray, answers: pd.Series, rows: np.ndarray, schema: Schema
) -> tuple[Series, Facts]:
    if schema.task.is_classification:
        codes, distinct = cells.factor(answers)
        if len(distinct) > MOST_CLASSES:
            return {}, {}
        found = doubtful_labels(features, codes)
        given, instead = (
            [distinct[codes[i]] for i in found["places"]],
            [distinct[k] for k in found["instead"]],
        )
    else:
        values = cells.numbers(answers)
        found = doubtful_values(features, values)
        given, instead = values[found["places"]].tolist(), found["instead"].tolist()
    listed = [
        {"row": int(rows[place]) + 1, "label": label, "instead": other}
        for place, label, other in zip(found["places"][:LISTED], given, instead, strict=False)
    ]
    series = {"data/doubtful/share": found["share"], "data/doubtful/rest": found["rest"]}
    return series | {"data/doubtful/rows": float(min(len(rows), ROWS))}, {"doubtful": listed}
