"""What a small forest of random trees can tell: rows of two parts apart, and doubtful labels.

Out-of-bag answers come from trees that have not seen the row, from one fit. Bounded: at most `ROWS`
rows and `FEATURES` features, half a second of one core each.
"""

import warnings
from typing import Any

import numpy as np

ROWS = 2500
FEATURES = 200
TREES = 60

Found = dict[str, Any]


def sample(rows: np.ndarray, most: int = ROWS) -> np.ndarray:
    """At most ``most`` of the rows, ascending, the same ones every time."""
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, most, replace=False))


def told_apart(first: np.ndarray, second: np.ndarray) -> tuple[float, float, int]:
    """How well rows of two tables of features, shapes (n, d) and (m, d), are told apart.

    The area under the ROC curve of the out-of-bag votes (0.5: not at all), its standard error under
    no difference (Hanley & McNeil 1982), and the feature that tells most.
    """
    from sklearn.metrics import roc_auc_score

    features = np.concatenate([first, second])
    part = np.repeat([0, 1], [len(first), len(second)])
    forest = _fit(_classifier(min_samples_leaf=10, class_weight="balanced"), features, part)
    votes = np.nan_to_num(forest.oob_decision_function_[:, 1], nan=0.5)
    n, m = len(first), len(second)
    error = float(np.sqrt((n + m + 1) / (12 * n * m)))
    with np.errstate(invalid="ignore"):  # trees of few rows may not split at all
        weight = np.nan_to_num(forest.feature_importances_)
    return float(roc_auc_score(part, votes)), error, int(np.argmax(weight))


def doubtful_labels(features: np.ndarray, labels: np.ndarray) -> Found:
    """Rows whose class the out-of-bag votes firmly contradict, after confident learning.

    A row is in doubt if some other class gets at least the votes that this class's own rows get on
    average (Northcutt, Jiang & Chuang 2021, section 3.1). ``rest`` is the share of the other rows
    that the forest gets right: where it is low, the classes overlap and doubt means nothing.

    Labels are class numbers, shape (n,). Returns places into ``labels``, surest first.
    """
    forest = _fit(_classifier(min_samples_leaf=2), features, labels)
    votes = np.nan_to_num(forest.oob_decision_function_)
    classes = forest.classes_
    own = np.searchsorted(classes, labels)
    confidence = np.array([votes[own == k, k].mean() for k in range(len(classes))])
    other = np.where(votes >= confidence, votes, 0.0)
    other[np.arange(len(own)), own] = 0.0
    best = other.argmax(axis=1)
    doubt = (other.max(axis=1) > 0) & (votes[np.arange(len(own)), own] < other.max(axis=1) / 2)
    right = votes.argmax(axis=1) == own
    places = np.flatnonzero(doubt)
    surest = np.argsort(-other.max(axis=1)[places], kind="stable")
    return {
        "places": places[surest],
        "instead": classes[best[places[surest]]],
        "share": float(doubt.mean()),
        "rest": float(right[~doubt].mean()) if (~doubt).any() else 0.0,
    }


def doubtful_values(features: np.ndarray, values: np.ndarray) -> Found:
    """Rows whose target the out-of-bag prediction puts more than half of all rows away.

    Ranks are predicted rather than values: a wild value then neither bends the forest nor hides
    others. ``rest`` is R² of the ranks over the other rows.
    """
    from scipy.stats import rankdata
    from sklearn.ensemble import ExtraTreesRegressor

    ranks = rankdata(values) / len(values)
    forest = ExtraTreesRegressor(TREES, min_samples_leaf=2, bootstrap=True, oob_score=True, random_state=0)
    prediction = _fit(forest, features, ranks).oob_prediction_
    miss = np.abs(ranks - prediction)
    doubt = miss > 0.5
    variance = float(ranks[~doubt].var()) if (~doubt).any() else 0.0
    places = np.flatnonzero(doubt)[np.argsort(-miss[doubt], kind="stable")]
    return {
        "places": places,
        "instead": np.quantile(values, np.clip(prediction[places], 0, 1)),
        "share": float(doubt.mean()),
        "rest": 1 - float((miss[~doubt] ** 2).mean()) / variance if variance > 0 else 0.0,
    }


def _classifier(**settings: Any) -> Any:
    from sklearn.ensemble import ExtraTreesClassifier

    return ExtraTreesClassifier(TREES, bootstrap=True, oob_score=True, random_state=0, **settings)


def _fit(forest: Any, features: np.ndarray, target: np.ndarray) -> Any:
    """A row that was in every tree's bag has no vote, of which sklearn warns; it counts as undecided."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return forest.fit(features, target)
