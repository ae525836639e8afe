"""The rivals on tables, each as its own documentation has a newcomer use it, at its defaults.

A peer takes training rows, their target and new rows, and returns probabilities (n, classes), classes in
sorted order, or values (n,). Those that are not installed are skipped; benchmarks/README.md says how to
install them. What a library is given: tables as they are where it takes them; else numbers standardised
and missing ones set to the median, categories one-hot.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

SEED = 0


@dataclass(frozen=True, kw_only=True)
class Question:
    """A table's training rows, the rows to answer for, and what is known beforehand."""

    train: pd.DataFrame
    target: pd.Series
    new: pd.DataFrame
    task: str
    threads: int
    budget: float | None
    """Seconds for those that take a budget; None is their default."""
    answers: pd.Series
    """The targets of the new rows: only for a peer that scores itself; none may learn from them."""

    @property
    def is_regression(self) -> bool:
        return self.task == "regression"


Peer = Callable[[Question], np.ndarray]


def netsitter(question: Question) -> np.ndarray:
    import netsitter

    name = str(question.target.name)
    recipe = {"seed": SEED} | ({"budget": question.budget} if question.budget else {})
    with tempfile.TemporaryDirectory() as folder:
        test = Path(folder) / "test.csv"
        question.new.assign(**{name: question.answers}).to_csv(test, index=False)
        settings = {"recipe": recipe, "data": {"test": str(test), "task": question.task}}
        train = question.train.assign(**{name: question.target})
        result = netsitter.train(train, name, out=Path(folder) / "run", settings=settings)
        found = result.predict(question.new)
    if question.is_regression:
        return found["prediction"].to_numpy()
    return found.filter(like="probability_").to_numpy()


def _columns(question: Question) -> Any:
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    words = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (words, make_column_selector(dtype_exclude="number")),
    )


def _answer(question: Question, model: Any, train: Any, new: Any) -> np.ndarray:
    fitted = model.fit(train, question.target.to_numpy())
    return np.asarray(fitted.predict(new) if question.is_regression else fitted.predict_proba(new))


def _with_columns(question: Question, model: Any, *, scale_target: bool = False) -> np.ndarray:
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if question.is_regression and scale_target:
        model = TransformedTargetRegressor(model, transformer=StandardScaler())
    return _answer(question, make_pipeline(_columns(question), model), question.train, question.new)


def linear(question: Question) -> np.ndarray:
    from sklearn.linear_model import LogisticRegression, RidgeCV

    return _with_columns(question, RidgeCV() if question.is_regression else LogisticRegression(max_iter=1000))


def boosted_trees(question: Question) -> np.ndarray:
    """Categories by their dtype, as the documentation recommends."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    kind = HistGradientBoostingRegressor if question.is_regression else HistGradientBoostingClassifier
    both = pd.concat([question.train, question.new])
    words = both.select_dtypes(exclude="number").columns
    both = both.astype(dict.fromkeys(words, "category"))
    model = kind(categorical_features="from_dtype", random_state=SEED)
    return _answer(question, model, both.iloc[: len(question.train)], both.iloc[len(question.train) :])


def sklearn_mlp(question: Question) -> np.ndarray:
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    kind = MLPRegressor if question.is_regression else MLPClassifier
    return _with_columns(question, kind(early_stopping=True, random_state=SEED), scale_target=True)


def skorch(question: Question) -> np.ndarray:
    """Two layers of 256, Adam, early stopping: the pattern of its tutorials."""
    import torch
    from skorch import NeuralNetClassifier, NeuralNetRegressor  # pyright: ignore[reportMissingImports]
    from skorch.callbacks import EarlyStopping  # pyright: ignore[reportMissingImports]
    from torch import nn

    torch.manual_seed(SEED)
    outputs = 1 if question.is_regression else question.target.nunique()
    columns = _columns(question)
    train = columns.fit_transform(question.train).astype(np.float32)
    new = columns.transform(question.new).astype(np.float32)
    net = nn.Sequential(
        nn.Linear(train.shape[1], 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, outputs)
    )
    settings: dict[str, Any] = {
        "max_epochs": 100,
        "optimizer": torch.optim.Adam,
        "lr": 1e-3,
        "verbose": 0,
        "callbacks": [EarlyStopping(patience=10, load_best=True)],
    }
    if question.is_regression:
        values = question.target.to_numpy(dtype=np.float64)
        mean, spread = values.mean(), values.std()
        model = NeuralNetRegressor(net, **settings)
        model.fit(train, ((values - mean) / spread).astype(np.float32)[:, None])
        return model.predict(new)[:, 0] * spread + mean
    codes = np.unique(question.target.to_numpy(), return_inverse=True)[1].astype(np.int64)
    model = NeuralNetClassifier(net, criterion=nn.CrossEntropyLoss, **settings)
    return model.fit(train, codes).predict_proba(new)


def _pytabkit(question: Question, name: str) -> np.ndarray:
    """Missing numbers are set to the median: it takes none."""
    import pytabkit  # pyright: ignore[reportMissingImports]

    kind = getattr(pytabkit, f"{name}_{'Regressor' if question.is_regression else 'Classifier'}")
    medians = question.train.median(numeric_only=True)
    train, new = question.train.fillna(medians), question.new.fillna(medians)
    words = list(train.select_dtypes(exclude="number").columns)
    train, new = (frame.astype(dict.fromkeys(words, "category")) for frame in (train, new))
    model = kind(device="cpu", random_state=SEED, n_threads=question.threads)
    return _answer(question, model, train, new)


def realmlp(question: Question) -> np.ndarray:
    return _pytabkit(question, "RealMLP_TD")


def tabm(question: Question) -> np.ndarray:
    return _pytabkit(question, "TabM_D")


def _autogluon(question: Question, **settings: Any) -> np.ndarray:
    from autogluon.tabular import TabularPredictor  # pyright: ignore[reportMissingImports]

    name = str(question.target.name)
    train = question.train.assign(**{name: question.target})
    metric = "root_mean_squared_error" if question.is_regression else "log_loss"
    with tempfile.TemporaryDirectory() as folder:
        predictor = TabularPredictor(
            name, problem_type=question.task, eval_metric=metric, path=folder, verbosity=0
        )
        predictor.fit(train, num_cpus=question.threads, time_limit=question.budget, **settings)
        if question.is_regression:
            return predictor.predict(question.new).to_numpy()
        return predictor.predict_proba(question.new)[sorted(question.target.unique())].to_numpy()


def autogluon_nn(question: Question) -> np.ndarray:
    return _autogluon(question, hyperparameters={"NN_TORCH": {}}, fit_weighted_ensemble=False)


def autogluon(question: Question) -> np.ndarray:
    """Its default stack: an ensemble of many kinds of models, trees among them."""
    return _autogluon(question)


PEERS: dict[str, Peer] = {
    "netsitter": netsitter,
    "linear": linear,
    "HistGradientBoosting": boosted_trees,
    "sklearn MLP": sklearn_mlp,
    "skorch 256-256": skorch,
    "RealMLP-TD": realmlp,
    "TabM-D": tabm,
    "AutoGluon NN": autogluon_nn,
    "AutoGluon all": autogluon,
}
NEEDS = {
    "netsitter": "netsitter.recipe.entry",
    "skorch 256-256": "skorch",
    "RealMLP-TD": "pytabkit",
    "TabM-D": "pytabkit",
    "AutoGluon NN": "autogluon.tabular",
    "AutoGluon all": "autogluon.tabular",
}
"""What must be installed beside netsitter."""
