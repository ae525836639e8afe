"""Cross-validation folds that keep what the split keeps: groups whole, classes in balance."""

import numpy as np
import pandas as pd

from netsitter.tables import cells
from netsitter.tables.schema import Schema
from netsitter.tables.split import strata_of, target_known, units_of


def assign_folds(
    frame: pd.DataFrame, schema: Schema, rows: np.ndarray, *, of: int, seed: int, group: str | None = None
) -> np.ndarray:
    """The fold, 0 to ``of`` − 1, of each of ``rows``, shape (n,).

    Rows alike in every input, and rows of one ``group``, share a fold; within each class or
    quantile of the target the units are dealt out in turn, in random order.
    """
    units = units_of(frame, schema, rows, group)[0][rows]
    _, first, unit = np.unique(units, return_index=True, return_inverse=True)
    stratum = strata_of(cells.column(frame, schema.target), schema.task, target_known(frame, schema))[rows][
        first
    ]
    random = np.random.default_rng(seed).random(len(first))
    fold = np.empty(len(first), dtype=np.int64)
    fold[np.lexsort((random, stratum))] = np.arange(len(first)) % of
    return fold[unit]
